/**
 * The field in which a message is written, as <chat-conversation> uses it.
 *
 *   const composer = new Composer(form, { key, tooLong, onMessage, onTyping });
 *     form: templates/chat/_composer.html, with the field `body` and [data-over]; key: names the draft in localStorage;
 *     tooLong: "… {over} …"; onMessage(body): takes a message; onTyping(): somebody types, true when that was told
 *   composer.text            what is typed
 *   composer.submit()        as if Enter was pressed
 *   composer.disable()       nothing can be sent from here any more
 *
 * Enter sends, Shift + Enter begins a line. What is typed is kept until it is sent, so it is there again after signing
 * in anew. Without this file the form is sent as any other.
 */
const TYPING = 2500; // milliseconds between two notices that somebody is typing

export class Composer {
  disabled = false;
  told = 0; // when onTyping() told it last

  constructor(form, { key, tooLong, onMessage, onTyping }) {
    Object.assign(this, { form, tooLong, onMessage, onTyping });
    this.draft = `chat-draft-${key}`;
    this.field = form.elements.namedItem("body");
    this.over = form.querySelector("[data-over]");
    this.field.value ||= localStorage.getItem(this.draft) ?? "";
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    this.field.addEventListener("input", () => this.onInput());
    form.addEventListener("submit", (event) => this.onSubmit(event));
    this.fit();
    this.field.setAttribute("aria-describedby", this.over.id);
    if (this.over.hidden) this.fits(); // what the server said stays until something is typed
  }

  get text() {
    return this.field.value.trim();
  }

  submit() {
    this.form.requestSubmit();
  }

  disable() {
    this.disabled = true;
    this.form.querySelector("button").disabled = true;
  }

  onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  onInput() {
    localStorage.setItem(this.draft, this.field.value);
    this.fit();
    this.fits();
    const now = Date.now();
    if (now - this.told > TYPING && this.onTyping()) this.told = now;
  }

  onSubmit(event) {
    event.preventDefault();
    const body = this.text;
    if (!body || this.disabled || !this.fits()) return;
    this.field.value = "";
    localStorage.removeItem(this.draft);
    this.fit();
    this.onMessage(body);
  }

  /** Give the field as many rows as its text has lines, from two to eight. */
  fit() {
    this.field.rows = Math.min(8, Math.max(2, this.field.value.split("\n").length));
  }

  /** True if the text fits in one message; says so beside the field when it does not. */
  fits() {
    const over = [...this.text].length - Number(this.field.dataset.max);
    this.over.textContent = over > 0 ? this.tooLong.replace("{over}", over) : "";
    this.over.hidden = over <= 0;
    this.field.setAttribute("aria-invalid", over > 0);
    return over <= 0;
  }
}
