/**
 * <markdown-editor>: a toolbar and a preview around a plain textarea.
 *
 * <markdown-editor data-preview="/nl/…/voorbeeld/">   the address that answers a POST of `body` with HTML
 *   <label for="id_body">…</label>
 *   <textarea id="id_body" name="body"></textarea>
 * </markdown-editor>
 *
 * Words come from data-bold, data-italic, data-link, data-list, data-numbers, data-quote, data-code, data-write, data-show
 * (includes/_markdown_editor.html sets them); the CSRF token from the form's own field. Without script: the textarea.
 */
const ACTS = [
  ["bold", "B", (t) => `**${t || "…"}**`, "b"],
  ["italic", "I", (t) => `_${t || "…"}_`, "i"],
  ["link", "🔗", (t) => `[${t || "…"}](https://)`, "k"],
  ["list", "•", (t) => lines(t, () => "- ")],
  ["numbers", "1.", (t) => lines(t, (i) => `${i + 1}. `)],
  ["quote", "”", (t) => lines(t, () => "> ")],
  ["code", "‹›", (t) => (t.includes("\n") ? `\`\`\`\n${t}\n\`\`\`` : `\`${t || "…"}\``)],
];
const lines = (text, mark) => (text || "…").split("\n").map((line, i) => mark(i) + line).join("\n");

class MarkdownEditor extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    if (!this.area || this.bar) return;
    this.pane = document.createElement("div");
    this.area.replaceWith(this.pane);
    this.pane.append(this.area);
    this.bar = document.createElement("div");
    this.bar.className = "vb-editor-bar";
    this.bar.append(...ACTS.map((act) => this.tool(...act)));
    this.pane.before(this.bar);
    this.area.addEventListener("keydown", (event) => this.key(event));
    if (this.dataset.preview) this.addPreview();
  }

  tool(name, sign, change) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.act = name;
    button.title = this.dataset[name] ?? name;
    button.setAttribute("aria-label", button.title);
    button.textContent = sign;
    button.addEventListener("click", () => this.change(change));
    return button;
  }

  key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const act = ACTS.find(([, , , key]) => key === event.key.toLowerCase());
    if (!act) return;
    event.preventDefault();
    this.change(act[2]);
  }

  /** Replaces the selection; execCommand keeps the browser's undo. */
  change(change) {
    const { area } = this;
    const { selectionStart: start, selectionEnd: end } = area;
    const text = change(area.value.slice(start, end));
    area.focus();
    if (!document.execCommand("insertText", false, text)) area.setRangeText(text, start, end, "end");
    const inner = text.indexOf("…");
    if (start === end && inner >= 0) area.setSelectionRange(start + inner, start + inner + 1);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  addPreview() {
    const id = this.area.id || `editor-${Math.random().toString(36).slice(2)}`;
    this.pane.id = `${id}-write`;
    this.shown = document.createElement("div");
    this.shown.id = `${id}-preview`;
    this.shown.className = "vb-editor-preview vb-reading vb-reading-small";
    this.shown.tabIndex = 0;
    this.shown.hidden = true;
    const list = document.createElement("div");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", this.dataset.show ?? "preview");
    this.tabs = [["write", this.pane], ["show", this.shown]].map(([name, pane]) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = `${id}-${name}-tab`;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", pane.id);
      tab.textContent = this.dataset[name] ?? name;
      tab.addEventListener("click", () => this.select(name === "show"));
      tab.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        this.select(name === "write");
        this.tabs[name === "write" ? 1 : 0].focus();
      });
      pane.setAttribute("role", "tabpanel");
      pane.setAttribute("aria-labelledby", tab.id);
      list.append(tab);
      return tab;
    });
    this.bar.append(list);
    this.pane.after(this.shown);
    this.select(false);
  }

  async select(preview) {
    this.tabs.forEach((tab, i) => {
      const on = (i === 1) === preview;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
    });
    this.pane.hidden = preview;
    this.shown.hidden = !preview;
    for (const button of this.bar.querySelectorAll("[data-act]")) button.disabled = preview;
    if (!preview) return;
    this.shown.setAttribute("aria-busy", "true");
    const body = new URLSearchParams({ body: this.area.value });
    const token = this.closest("form")?.elements.csrfmiddlewaretoken?.value ?? "";
    try {
      const answer = await fetch(this.dataset.preview, { method: "POST", body, headers: { "X-CSRFToken": token } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.shown.innerHTML = await answer.text(); // cleaned on the server, as everything that is stored
    } catch {
      this.shown.textContent = this.dataset.failed ?? this.area.value;
    }
    this.shown.removeAttribute("aria-busy");
  }
}

customElements.define("markdown-editor", MarkdownEditor);
