/**
 * <search-keys>: moves through results by keyboard.
 *
 * <search-keys> <input type="search"> … <a class="search-hit" href="…"> … </search-keys>
 *
 * Arrow down in the field goes to the first result; arrows, or j and k, from result to result; arrow up from the first
 * one, Escape and / go back to the field. Without this file Tab does the same, more slowly.
 */
class SearchKeys extends HTMLElement {
  connectedCallback() {
    document.addEventListener("keydown", this);
    // Results that come in while one has the focus do not take it away.
    let href = null;
    this.addEventListener("htmx:beforeSwap", () => { href = document.activeElement?.closest("a.search-hit")?.getAttribute("href"); });
    this.addEventListener("htmx:afterSwap", () => {
      if (!href || document.activeElement !== document.body) return;
      (this.querySelector(`a.search-hit[href="${CSS.escape(href)}"]`) ?? this.field).focus();
      href = null;
    });
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this);
  }

  get field() {
    return this.querySelector("input[type=search]");
  }

  handleEvent(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target;
    const writes = target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
    if (event.key === "/" && !writes) return this.toField(event);
    if (target === this.field) {
      if (event.key === "ArrowDown") this.go(event, 0);
      return;
    }
    const hits = [...this.querySelectorAll("a.search-hit")];
    const at = hits.indexOf(target);
    if (at < 0) {
      if (!writes && target === document.body && event.key === "j") this.go(event, 0);
      return;
    }
    if (event.key === "ArrowDown" || event.key === "j") this.go(event, at + 1);
    else if (event.key === "ArrowUp" || event.key === "k") at ? this.go(event, at - 1) : this.toField(event);
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
}

customElements.define("search-keys", SearchKeys);
