/**
 * Keys that act without Ctrl or Alt. They can be turned off on this device (WCAG 2.1.4): people who speak to their
 * computer, or whose hand trembles, press them by accident.
 *
 * `/` goes to the search field of the page, or to the one marked `data-slash`. <search-shortcuts hidden> shows its
 * checkbox once there is a script to listen to it.
 *
 *   import { listens } from "./single-keys.js";
 *   if (listens()) …   before acting on a single key
 */
const NAME = "single-keys";

/** Whether somebody is writing where a key belongs to the text. */
const writes = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));

/** Whether single keys act on this device. */
export function listens() {
  try {
    return localStorage.getItem(NAME) !== "off";
  } catch {
    return true; // storage refused
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.isComposing || writes(event.target) || !listens()) return;
  const fields = [...document.querySelectorAll("[data-slash], form[role=search] input[type=search]")];
  const seen = fields.filter((field) => field.checkVisibility?.() ?? true);
  const field = seen.find((each) => "slash" in each.dataset) ?? seen[0];
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

class SearchShortcuts extends HTMLElement {
  connectedCallback() {
    const box = this.querySelector("input");
    box.checked = listens();
    box.addEventListener("change", () => {
      try {
        localStorage.setItem(NAME, box.checked ? "on" : "off");
      } catch { /* storage refused: it holds until the page is left */ }
    });
    this.hidden = false;
  }
}

customElements.define("search-shortcuts", SearchShortcuts);
