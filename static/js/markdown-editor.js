/**
 * <markdown-editor data-preview="/nl/…/" data-failed="…">: a toolbar and a preview for a plain textarea.
 *
 * Written by includes/_markdown_editor.html: a textarea, and a hidden .vb-editor-bar with buttons [data-act] and
 * [data-preview-switch]. The preview posts the text as `body` to data-preview, with the form's CSRF token, and shows the
 * HTML of the answer. Ctrl/⌘ + B, I and K work too. Without script the textarea stays as it is.
 */
const lines = (text, mark) => (text || "…").split("\n").map((line, i) => mark(i) + line).join("\n");
const ACTS = {
  bold: (t) => `**${t || "…"}**`,
  italic: (t) => `_${t || "…"}_`,
  link: (t) => `[${t || "…"}](https://)`,
  list: (t) => lines(t, () => "- "),
  numbers: (t) => lines(t, (i) => `${i + 1}. `),
  quote: (t) => lines(t, () => "> "),
  code: (t) => (t.includes("\n") ? `\`\`\`\n${t}\n\`\`\`` : `\`${t || "…"}\``),
};
const KEYS = { b: "bold", i: "italic", k: "link" };

class MarkdownEditor extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    this.bar = this.querySelector(".vb-editor-bar");
    if (!this.area || !this.bar?.hidden) return;
    this.bar.hidden = false;
    this.area.before(this.bar);
    this.bar.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.act) this.change(ACTS[button.dataset.act]);
      else if (button) this.preview(button);
    });
    this.area.addEventListener("keydown", (event) => {
      const act = (event.ctrlKey || event.metaKey) && !event.altKey && KEYS[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      this.change(ACTS[act]);
    });
  }

  /** Replaces the selection; execCommand keeps the browser's undo. */
  change(act) {
    const { area } = this;
    const { selectionStart: start, selectionEnd: end } = area;
    const text = act(area.value.slice(start, end));
    area.focus();
    if (!document.execCommand("insertText", false, text)) area.setRangeText(text, start, end, "end");
    const gap = text.indexOf("…");
    if (start === end && gap >= 0) area.setSelectionRange(start + gap, start + gap + 1);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async preview(button) {
    const show = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(show));
    for (const tool of this.bar.querySelectorAll("[data-act]")) tool.disabled = show;
    if (!this.shown) {
      this.shown = document.createElement("div");
      this.shown.className = "vb-editor-preview vb-reading vb-reading-small";
      this.shown.setAttribute("role", "status");
      this.area.after(this.shown);
    }
    this.area.hidden = show;
    this.shown.hidden = !show;
    if (!show) return this.area.focus();
    const headers = { "X-CSRFToken": this.closest("form")?.elements.csrfmiddlewaretoken?.value ?? "" };
    try {
      const body = new URLSearchParams({ body: this.area.value });
      const answer = await fetch(this.dataset.preview, { method: "POST", body, headers });
      if (!answer.ok) throw new Error(String(answer.status));
      this.shown.innerHTML = await answer.text(); // cleaned on the server, as everything that is stored
    } catch {
      this.shown.textContent = this.dataset.failed ?? this.area.value;
    }
  }
}

customElements.define("markdown-editor", MarkdownEditor);
