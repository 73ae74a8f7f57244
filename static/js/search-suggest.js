/**
 * <search-suggest>: suggestions below a search field while somebody types. A combobox with a listbox (WAI-ARIA).
 *
 * <form> <input type="search" id="x" name="q"> … <search-suggest for="x" src="/nl/zoeken/suggesties/" label="Suggesties"
 *   single="1 suggestie" many="# suggesties"></search-suggest> </form>
 *
 * `src` answers `?q=` with options: <a role="option" id="…" href="…">. Arrows move through them, Enter opens the
 * chosen one or else submits the form, Escape closes the list, Home and End return to the text, Tab leaves. Without this
 * file the form submits as usual.
 */
import "./search-length.js"; // says when a text is too long
import "./single-keys.js"; // where there is a search field, / goes to it

const PAUSE = 120; // ms without a key before asking
const SHORTEST = 2; // characters

class SearchSuggest extends HTMLElement {
  connectedCallback() {
    this.field = document.getElementById(this.getAttribute("for"));
    if (!this.field || this.list) return;
    this.list = document.createElement("div");
    Object.assign(this.list, { id: `${this.field.id}-suggestions`, className: "vb-suggestions", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.getAttribute("label"));
    this.said = document.createElement("p");
    this.said.className = "visually-hidden";
    this.said.setAttribute("role", "status");
    this.append(this.list, this.said);
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id,
    })) this.field.setAttribute(name, value);
    for (const name of ["input", "keydown", "blur"]) this.field.addEventListener(name, this);
    // A press on an option must not take the focus from the field, since the list closes without focus.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.field.form?.addEventListener("submit", () => this.close());
    window.addEventListener("pageshow", this);
  }

  disconnectedCallback() {
    window.removeEventListener("pageshow", this);
    this.stop();
  }

  get options() {
    return [...this.list.children];
  }

  get open() {
    return !this.list.hidden;
  }

  handleEvent(event) {
    if (event.type === "keydown") this.key(event);
    else if (event.type === "input") this.later();
    else this.close();
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.options.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (last < 0) return;
      event.preventDefault();
      const down = event.key === "ArrowDown";
      if (!this.open) this.show();
      else if (down) return this.choose(this.at === last ? -1 : this.at + 1);
      else return this.choose(this.at === -1 ? last : this.at - 1);
      this.choose(down ? 0 : last);
    } else if (event.key === "Enter" && this.open && this.at >= 0) {
      event.preventDefault();
      this.options[this.at].click();
    } else if (event.key === "Escape" && this.open) {
      event.preventDefault(); // the text stays; a second Escape empties the field
      this.close();
    } else if (event.key === "Home" || event.key === "End") {
      this.choose(-1);
    }
  }

  later() {
    this.stop();
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  stop() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.request = null;
  }

  async ask() {
    const text = this.field.value.trimStart();
    if (text.trim().length < SHORTEST) return this.fill("");
    const request = (this.request = new AbortController());
    try {
      const answer = await fetch(`${this.getAttribute("src")}?q=${encodeURIComponent(text)}`, { signal: request.signal });
      const html = answer.ok ? await answer.text() : "";
      if (this.request === request) this.fill(html);
    } catch (error) {
      if (error.name !== "AbortError") this.fill("");
    }
  }

  fill(html) {
    this.request = null;
    this.list.innerHTML = html;
    for (const option of this.options) option.id = `${this.list.id}-${option.id}`;
    const count = this.options.length;
    this.said.textContent = count ? this.getAttribute(count === 1 ? "single" : "many").replace("#", count) : "";
    if (count && document.activeElement === this.field) this.show();
    else this.close();
  }

  show() {
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.choose(-1);
  }

  close() {
    this.stop();
    this.choose(-1);
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
  }

  choose(at) {
    this.at = at;
    this.options.forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    const chosen = this.options[at];
    if (chosen) this.field.setAttribute("aria-activedescendant", chosen.id);
    else this.field.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }
}

customElements.define("search-suggest", SearchSuggest);
