/**
 * <document-picker>: searches for a page while somebody types, and puts its address in the field.
 *
 * <document-picker data-url="/cms/search/pick/"> <input> <ul role="listbox" hidden> <p class="document-picker-chosen">
 * <p role="status"> </document-picker>
 *
 * A text that begins with http or / is taken as an address and not searched for. Without this file the address alone works.
 */
const PAUSE = 250;

class DocumentPicker extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input");
    this.list = this.querySelector("[role=listbox]");
    this.chosen = this.querySelector(".document-picker-chosen");
    this.status = this.querySelector("[role=status]");
    this.list.id ||= `${this.field.id}-pages`;
    const attributes = { role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-autocomplete": "list", autocomplete: "off" };
    for (const [name, value] of Object.entries(attributes)) this.field.setAttribute(name, value);
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => this.close());
    // Before the field loses the focus.
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option);
    });
  }

  changed() {
    this.chosen.hidden = true;
    clearTimeout(this.timer);
    const text = this.field.value.trim();
    if (text.length < 2 || /^(https?:|\/)/.test(text)) return this.close();
    this.timer = setTimeout(() => this.search(text), PAUSE);
  }

  async search(text) {
    const address = new URL(this.dataset.url, location.href);
    address.searchParams.set("q", text);
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      const { pages } = await answer.json();
      if (this.field.value.trim() === text) this.show(pages);
    } catch {
      this.close();
    }
  }

  show(pages) {
    this.list.replaceChildren(...pages.map((page, number) => {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.url = page.url;
      option.append(page.title);
      option.append(Object.assign(document.createElement("small"), { textContent: page.about }));
      return option;
    }));
    this.list.hidden = !pages.length;
    this.field.setAttribute("aria-expanded", String(pages.length > 0));
    this.field.removeAttribute("aria-activedescendant");
    this.status.textContent = pages.length ? this.dataset.some : this.dataset.none;
  }

  key(event) {
    const options = [...this.list.querySelectorAll("[role=option]")];
    if (this.list.hidden || !options.length) return;
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") this.mark(options, (at + 1) % options.length);
    else if (event.key === "ArrowUp") this.mark(options, (at <= 0 ? options.length : at) - 1);
    else if (event.key === "Enter" && at >= 0) this.choose(options[at]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  mark(options, at) {
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    options[at].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", options[at].id);
  }

  choose(option) {
    this.field.value = option.dataset.url;
    this.field.dispatchEvent(new Event("change", { bubbles: true }));
    this.chosen.textContent = option.firstChild.textContent;
    this.chosen.hidden = false;
    this.close();
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }
}

customElements.define("document-picker", DocumentPicker);
