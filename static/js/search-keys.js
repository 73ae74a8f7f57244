/**
 * <search-keys>: moves through results by keyboard, and restores the focus when results are replaced.
 *
 * <search-keys> <input type="search"> … <a class="search-hit" href="…"> … </search-keys>
 *
 * Arrow down in the field goes to the first result; arrows, or j and k, from result to result; arrow up from the first
 * one and Escape go back to the field. Without this file Tab does the same, more slowly.
 *
 * Results while typing are announced in #search-status once typing pauses; #search-failed is shown when they cannot be
 * loaded.
 */
import "./search-length.js"; // says when a text is too long
import { listens } from "./single-keys.js";

const REST = 800; // ms without new results before they are announced

class SearchKeys extends HTMLElement {
  connectedCallback() {
    document.addEventListener("keydown", this);
    this.status = this.querySelector("#search-status");
    this.failed = this.querySelector("#search-failed");
    for (const name of ["htmx:beforeSwap", "htmx:afterSwap", "htmx:sendError", "htmx:responseError"]) {
      this.addEventListener(name, this);
    }
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this);
    clearTimeout(this.rest);
  }

  get field() {
    return this.querySelector("input[type=search]");
  }

  handleEvent(event) {
    if (event.type === "keydown") this.key(event);
    else if (event.type === "htmx:beforeSwap") this.left = this.place(document.activeElement);
    else if (event.type === "htmx:afterSwap") this.swapped();
    else this.failed.hidden = false;
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target;
    if (target === this.field) {
      if (event.key === "ArrowDown") this.go(event, 0);
      return;
    }
    const letter = listens() ? event.key : "";
    const hits = [...this.querySelectorAll("a.search-hit")];
    const at = hits.indexOf(target);
    if (at < 0) {
      if (letter === "j" && target.matches("body, #h-results")) this.go(event, 0);
    } else if (event.key === "ArrowDown" || letter === "j") this.go(event, at + 1);
    else if (event.key === "ArrowUp" || letter === "k") at ? this.go(event, at - 1) : this.toField(event);
    else if (event.key === "Escape") this.toField(event);
  }

  go(event, at) {
    const hit = this.querySelectorAll("a.search-hit")[at];
    if (!hit) return;
    event.preventDefault();
    hit.focus();
  }

  toField(event) {
    event.preventDefault();
    this.field.focus();
    this.field.select();
  }

  /** A selector that finds the focused element in other results; "" for an element outside of them. */
  place(element) {
    if (!element?.closest("#search-results")) return "";
    if (element.dataset.option) return `[data-option="${CSS.escape(element.dataset.option)}"]`;
    if (element.matches("a.search-hit")) return `a.search-hit[href="${CSS.escape(element.getAttribute("href"))}"]`;
    return "#h-results";
  }

  swapped() {
    this.failed.hidden = true;
    if (this.left && document.activeElement === document.body) {
      const found = this.querySelector(this.left);
      const closed = found?.closest("details:not([open])");
      const place = closed && !found.checkVisibility() ? closed.querySelector("summary") : found;
      (place ?? this.querySelector("#h-results") ?? this.field).focus({ preventScroll: true });
    }
    this.left = "";
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.announce(), REST);
  }

  announce() {
    const said = this.querySelector("[data-said]")?.textContent.trim() ?? "";
    if (this.status.textContent !== said) this.status.textContent = said;
  }
}

customElements.define("search-keys", SearchKeys);
