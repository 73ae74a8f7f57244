/**
 * The events of one conversation, as <chat-conversation> shows them.
 *
 *   const thread = new Thread(element);       element: <chat-conversation>, with [data-thread] and the parts named below
 *   thread.add(frame)                         show an event; returns the text to read out, "" for the viewer's own
 *   thread.addPending(item)                   show { client_id, body }, which the server has not confirmed yet
 *   thread.mark(clientId, text, failed, retry) say beside it how it stands; with `retry`, a button that calls it
 *   thread.removePending(clientId)            the server has it
 *   thread.disconnect()                       stop following the page
 *
 * Bubbles are copies of the <template data-kind data-staff>s in the element, filled by data-slot.
 * The newest message stays in view, above [data-foot], for who has not scrolled away from it; for who has, the button
 * [data-newer] counts the new ones and leads there.
 */
const language = document.documentElement.lang;
// The zone the page was written in, so that an event that arrives reads the same after a reload.
const timeZone = document.querySelector("chat-conversation[data-timezone]")?.dataset.timezone;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", timeZone });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short", timeZone });
const NEAR = 120; // pixels from the end within which new messages are followed

export class Thread {
  pending = new Map(); // client_id → its bubble
  unseen = 0;

  constructor(element) {
    this.element = element;
    this.texts = element.dataset;
    this.staff = element.dataset.side === "staff";
    this.list = element.querySelector("[data-thread]");
    this.foot = element.querySelector("[data-foot]");
    this.newer = element.querySelector("[data-newer]");
    this.newer.addEventListener("click", () => this.goToEnd());
    this.follow();
  }

  disconnect() {
    removeEventListener("scroll", this.scrolled);
    this.sizes.disconnect();
  }

  // -- events ----------------------------------------------------------------------------------

  add(frame) {
    const bubble = this.filled(frame);
    this.list.insertBefore(bubble, this.list.querySelector(".chat-pending"));
    const mine = this.isMine(frame);
    if (this.atEnd || mine) this.toEnd();
    else if (frame.kind === "message") this.countNewer(this.unseen + 1);
    if (mine) return "";
    const text = bubble.textContent.replace(/\s+/g, " ").trim();
    return this.unseen ? `${this.newer.textContent.trim()}: ${text}` : text;
  }

  isMine(frame) {
    return frame.kind === "message" && frame.staff === this.staff;
  }

  blank(kind, staff) {
    const templates = [...this.element.querySelectorAll(`template[data-kind="${CSS.escape(kind)}"]`)];
    const template = templates.find((t) => t.dataset.staff === (staff ? "1" : "0")) ?? templates[0];
    return template.content.firstElementChild.cloneNode(true);
  }

  filled(frame) {
    const bubble = this.blank(frame.kind, frame.staff);
    bubble.dataset.number = frame.number;
    bubble.classList.add("vb-arrive");
    const slot = (name) => bubble.querySelector(`[data-slot=${name}]`);
    if (frame.author && slot("author")) slot("author").textContent = frame.author;
    if (slot("text")) slot("text").textContent = frame.text;
    if (slot("body")) slot("body").innerHTML = frame.html; // cleaned by the server when it was written
    if (slot("link")) {
      const there = frame.url.startsWith("/");
      slot("published").hidden = !there;
      slot("lost").hidden = there;
      slot("link").textContent = frame.text;
      if (there) slot("link").href = frame.url;
    }
    const at = document.createElement("time");
    at.dateTime = frame.at;
    at.title = exact.format(new Date(frame.at));
    at.textContent = clock.format(new Date(frame.at));
    slot("at")?.replaceChildren(at);
    return bubble;
  }

  // -- messages that the server has not confirmed ------------------------------------------------

  addPending(item) {
    if (this.pending.has(item.client_id)) return;
    const bubble = this.blank("message", this.staff);
    bubble.classList.add("chat-pending");
    const body = bubble.querySelector("[data-slot=body]");
    body.textContent = item.body;
    body.classList.add("chat-plain");
    bubble.querySelector("[data-slot=author]")?.replaceChildren();
    const state = document.createElement("p");
    state.className = "vb-bubble-state";
    state.textContent = this.texts.unsent;
    bubble.append(state);
    this.pending.set(item.client_id, bubble);
    this.list.append(bubble);
    this.toEnd();
  }

  mark(clientId, text, failed = false, retry = null) {
    const bubble = this.pending.get(clientId);
    if (!bubble) return;
    bubble.classList.toggle("vb-bubble-failed", failed);
    const state = bubble.querySelector(".vb-bubble-state");
    state.textContent = text;
    if (!retry) return;
    const again = document.createElement("button");
    again.type = "button";
    again.className = "btn btn-sm btn-link";
    again.textContent = this.texts.retry;
    again.addEventListener("click", retry);
    state.append(" ", again);
  }

  removePending(clientId) {
    this.pending.get(clientId)?.remove();
    this.pending.delete(clientId);
  }

  // -- scrolling -------------------------------------------------------------------------------

  /** Keep to the end whatever grows: the thread, the composer, or what is said between them. */
  follow() {
    this.atEnd = !new URLSearchParams(location.search).has("all");
    this.scrolled = () => {
      this.atEnd = this.hidden() < NEAR;
      if (this.atEnd) this.countNewer(0);
    };
    addEventListener("scroll", this.scrolled, { passive: true });
    this.list.addEventListener("scroll", this.scrolled, { passive: true });
    this.sizes = new ResizeObserver(() => { if (this.atEnd) this.toEnd(); });
    for (const part of [this.list, this.foot]) this.sizes.observe(part);
  }

  /** How many pixels of the thread's end are out of sight: below its own edge or behind the composer. */
  hidden() {
    const inside = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight;
    return inside + this.covered();
  }

  covered() {
    return Math.max(0, this.list.getBoundingClientRect().bottom - this.foot.getBoundingClientRect().top);
  }

  countNewer(count) {
    this.unseen = count;
    const text = count === 1 ? this.texts.newOne : this.texts.newMany.replace("{count}", count);
    this.newer.querySelector("span").textContent = count ? text : "";
    this.newer.hidden = !count;
  }

  /** Scroll to the newest message and give it the focus: the button goes away. */
  goToEnd() {
    this.toEnd();
    const newest = this.list.lastElementChild;
    newest.tabIndex = -1;
    newest.focus({ preventScroll: true });
  }

  toEnd() {
    this.atEnd = true;
    this.countNewer(0);
    this.list.scrollTop = this.list.scrollHeight;
    const covered = this.covered();
    if (covered > 0) scrollBy({ top: covered, behavior: "instant" });
  }
}
