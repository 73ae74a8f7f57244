/**
 * <theme-switch>: lets the visitor choose auto, light or dark; kept in localStorage.
 *
 * <theme-switch hidden><button type="button" value="auto">…</button> … light … dark</theme-switch>
 *
 * Shows itself only when this script runs; theme.js applies the choice on the next page.
 */
class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.closest("[data-theme-menu]")?.removeAttribute("hidden");
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[value]");
      if (button) this.choose(button.value);
    });
    this.show(document.documentElement.dataset.bsTheme ?? "auto");
  }

  choose(value) {
    const root = document.documentElement;
    if (value === "auto") delete root.dataset.bsTheme;
    else root.dataset.bsTheme = value;
    try {
      if (value === "auto") localStorage.removeItem("theme");
      else localStorage.setItem("theme", value);
    } catch { /* storage refused: the choice holds for this page */ }
    this.show(value);
  }

  show(value) {
    for (const button of this.querySelectorAll("button[value]")) {
      button.setAttribute("aria-pressed", String(button.value === value));
    }
  }
}

customElements.define("theme-switch", ThemeSwitch);
