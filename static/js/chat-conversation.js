/**
 * <chat-conversation>: a thread with its composer, live.
 *
 * templates/chat/_thread.html writes it: a list [data-thread], a form [data-composer] and a line [data-line] in a part
 * that stays in view [data-foot], a log for screen readers [data-spoken], and a <template data-kind data-staff> for each
 * kind of event. Attributes: data-conversation, data-last (number of the last event in the list), data-side ("asker" or
 * "staff"), data-viewer (whose account), data-status-url, and the texts. An element [data-chat-status] anywhere on the
 * page gets data-status-url's fragment when that changes.
 *
 * What is typed and what is not acknowledged is kept in localStorage until the server has it; so both are there again
 * after signing in anew, which [data-signed-out-notice] leads to.
 * The newest message stays in view, above the composer, for who has not scrolled away from it; for who has, a button
 * [data-newer] counts the new ones and leads there. A closed conversation has [data-reopen] in place of its composer.
 */
import { pauseAfter, socket, TOO_MUCH } from "./live-socket.js";

const language = document.documentElement.lang;
// The zone the page was written in, so that an event that arrives reads the same after a reload.
const timeZone = document.querySelector("chat-conversation[data-timezone]")?.dataset.timezone;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", timeZone });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short", timeZone });

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
}

class ChatConversation extends HTMLElement {
  connectedCallback() {
    this.pk = Number(this.dataset.conversation);
    // Colleagues who share a computer do not send each other's words.
    this.kept = this.dataset.side === "staff" ? `${this.pk}-${this.dataset.viewer}` : this.pk;
    this.last = Number(this.dataset.last);
    this.thread = this.querySelector("[data-thread]");
    this.form = this.querySelector("[data-composer]");
    this.foot = this.querySelector("[data-foot]");
    this.line = this.querySelector("[data-line]");
    this.spoken = this.querySelector("[data-spoken]");
    this.newer = this.querySelector("[data-newer]");
    this.unseen = 0;
    this.newer.addEventListener("click", () => this.goToEnd());
    this.pending = new Map();
    this.failures = 0;
    this.refused = new Set(); // until somebody presses "again"
    this.field = this.form?.elements.namedItem("body");
    this.over = this.form?.querySelector("[data-over]");
    if (this.form) this.prepareComposer();
    this.seen = () => { if (!document.hidden && this.subscribed) this.tellSeen(); };
    document.addEventListener("visibilitychange", this.seen);
    this.follow();
    for (const item of this.stored()) this.show(item);
    socket.join(this);
    if (!socket.open) this.say(this.dataset.connecting, 1500);
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.seen);
    removeEventListener("scroll", this.scrolled);
    this.sizes.disconnect();
    clearTimeout(this.later);
    clearTimeout(this.resending);
    socket.send({ type: "unsubscribe", conversation: this.pk });
    socket.leave(this);
  }

  // -- what is written -------------------------------------------------------------------------

  prepareComposer() {
    this.field.value ||= localStorage.getItem(`chat-draft-${this.kept}`) ?? "";
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    this.field.addEventListener("input", () => {
      localStorage.setItem(`chat-draft-${this.kept}`, this.field.value);
      this.fit();
      this.fits();
      const now = Date.now();
      if (now - (this.typed ?? 0) > 2500 && socket.send({ type: "typing", conversation: this.pk })) this.typed = now;
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const body = this.field.value.trim();
      if (!body || this.signedOut || !this.fits()) return;
      this.field.value = "";
      localStorage.removeItem(`chat-draft-${this.kept}`);
      this.fit();
      this.post({ client_id: newId(), body });
    });
    this.fit();
    this.field.setAttribute("aria-describedby", this.over.id);
    if (this.over.hidden) this.fits(); // what the server said stays until something is typed
  }

  fit() {
    this.field.rows = Math.min(8, Math.max(2, this.field.value.split("\n").length));
  }

  /** Whether what is typed fits in one message; says so beside the field when it does not. */
  fits() {
    const over = [...this.field.value.trim()].length - Number(this.field.dataset.max);
    this.over.textContent = over > 0 ? this.dataset.tooLong.replace("{over}", over) : "";
    this.over.hidden = over <= 0;
    this.field.setAttribute("aria-invalid", over > 0);
    return over <= 0;
  }

  post(item) {
    this.store([...this.stored().filter((other) => other.client_id !== item.client_id), item]);
    this.show(item);
    this.sendOut(item);
  }

  /** What was not acknowledged goes out again, all in its order; until then nothing new overtakes it. */
  sendAgain(milliseconds) {
    clearTimeout(this.resending);
    this.resending = setTimeout(() => {
      this.resending = 0;
      for (const item of this.stored()) if (!this.refused.has(item.client_id)) this.sendOut(item);
    }, milliseconds);
  }

  sendOut(item) {
    const sent = !this.resending && socket.send({ type: "post", conversation: this.pk, client_id: item.client_id, body: item.body });
    this.mark(item.client_id, sent ? this.dataset.sending : this.waits);
  }

  /** What is said beside a message that did not go out: who is signed out does something first. */
  get waits() {
    return this.signedOut ? this.dataset.refused : this.dataset.unsent;
  }

  stored() {
    try {
      return JSON.parse(localStorage.getItem(`chat-unsent-${this.kept}`)) ?? [];
    } catch {
      return [];
    }
  }

  /** Whether something is typed, or was sent and did not arrive. */
  get unsent() {
    return Boolean(this.form && !this.form.hidden && (this.field.value.trim() || this.stored().length));
  }

  store(items) {
    if (items.length) localStorage.setItem(`chat-unsent-${this.kept}`, JSON.stringify(items));
    else localStorage.removeItem(`chat-unsent-${this.kept}`);
  }

  /** A message of mine that the server has not confirmed yet. */
  show(item) {
    if (this.pending.has(item.client_id)) return;
    const bubble = this.blank("message", this.dataset.side === "staff");
    bubble.classList.add("chat-pending");
    const body = bubble.querySelector("[data-slot=body]");
    body.textContent = item.body;
    body.classList.add("chat-plain");
    bubble.querySelector("[data-slot=author]")?.replaceChildren();
    const state = document.createElement("p");
    state.className = "vb-bubble-state";
    state.textContent = this.dataset.unsent;
    bubble.append(state);
    this.pending.set(item.client_id, bubble);
    this.thread.append(bubble);
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
    again.textContent = this.dataset.retry;
    again.addEventListener("click", retry);
    state.append(" ", again);
  }

  confirmed(clientId) {
    this.store(this.stored().filter((item) => item.client_id !== clientId));
    this.pending.get(clientId)?.remove();
    this.pending.delete(clientId);
  }

  // -- what comes in ---------------------------------------------------------------------------

  onOpen() {
    this.say("");
    this.subscribe();
  }

  subscribe() {
    clearTimeout(this.later);
    socket.send({ type: "subscribe", conversation: this.pk, after: this.last });
  }

  onLost(code) {
    this.subscribed = false;
    if (code === 4401) this.signOut();
    else if (TOO_MUCH.has(code)) this.say(code === 4430 ? this.dataset.tooMany : this.dataset.tooMuch);
    else this.say(this.dataset.offline, 1500);
    for (const id of this.pending.keys()) this.mark(id, this.waits);
  }

  /** Nothing can be sent from here any more: say where to sign in, and keep what is typed. */
  signOut() {
    this.signedOut = true;
    this.say("");
    this.querySelector("[data-signed-out-notice]").hidden = false;
    if (this.form) this.form.querySelector("button").disabled = true;
  }

  onFrame(frame) {
    if (frame.type === "queue") this.refresh();
    if (frame.conversation !== this.pk) return;
    const handler = { subscribed: "onSubscribed", event: "onEvent", ack: "onAck", error: "onError", typing: "onTyping", state: "onState", gone: "onGone" }[frame.type];
    if (handler) this[handler](frame);
  }

  onSubscribed(frame) {
    this.subscribed = true;
    this.say("");
    this.state = frame.state;
    this.refused.clear();
    clearTimeout(this.resending);
    this.resending = 0;
    for (const item of this.stored()) this.sendOut(item);
    this.refresh();
    this.tellSeen();
  }

  onEvent(frame) {
    if (frame.number <= this.last) return;
    this.last = frame.number;
    if (frame.client_id) this.confirmed(frame.client_id);
    const bubble = this.filled(frame);
    const firstPending = this.thread.querySelector(".chat-pending");
    this.thread.insertBefore(bubble, firstPending);
    if (this.atEnd || this.isMine(frame)) this.toEnd();
    else if (frame.kind === "message") this.countNewer(this.unseen + 1);
    if (this.line.dataset.typing) this.say("");
    if (!this.isMine(frame)) {
      const text = bubble.textContent.replace(/\s+/g, " ").trim();
      this.spoken.textContent = this.unseen ? `${this.newer.textContent.trim()}: ${text}` : text;
    }
    if (!document.hidden) this.tellSeen();
    this.dispatchEvent(new CustomEvent("chat-event", { bubbles: true, detail: frame }));
  }

  onAck(frame) {
    // The event itself comes too, and takes the place of the bubble; this one keeps it from being sent again.
    this.store(this.stored().filter((item) => item.client_id !== frame.client_id));
    this.mark(frame.client_id, "");
    this.failures = 0;
  }

  onError(frame) {
    if (frame.of === "subscribe" && ["too_fast", "too_many", "failed"].includes(frame.code)) {
      this.say({ failed: this.dataset.offline, too_many: this.dataset.tooMany }[frame.code] ?? this.dataset.tooMuch);
      const wait = frame.code === "failed" ? pauseAfter(++this.failures) : ((frame.retry_after ?? 60) + 5 * Math.random()) * 1000;
      this.later = setTimeout(() => this.subscribe(), wait);
      return;
    }
    if (frame.of !== "post" || !frame.client_id) return;
    const item = this.stored().find((other) => other.client_id === frame.client_id);
    if (!item) return;
    if (frame.code === "too_fast" || frame.code === "failed") {
      const text = frame.code === "failed" ? this.dataset.unsent : this.dataset.tooFast;
      this.mark(frame.client_id, text);
      if (!this.resending && !this.failures) this.spoken.textContent = text; // once, however often it is tried
      // What failed with it was answered with it, and one timer sends all of it.
      if (!this.resending) this.sendAgain(frame.code === "failed" ? pauseAfter(++this.failures) : (frame.retry_after ?? 5) * 1000);
      return;
    }
    this.refused.add(item.client_id);
    const text = { closed: this.dataset.closed, taken: this.dataset.taken }[frame.code] ?? this.dataset.refused;
    // What has the id of another message gets one of its own.
    const again = () => {
      this.refused.delete(item.client_id);
      if (frame.code !== "conflict") return this.sendOut(item);
      this.confirmed(item.client_id);
      this.post({ client_id: newId(), body: item.body });
    };
    this.mark(frame.client_id, text, true, again);
    this.spoken.textContent = text;
  }

  onTyping(frame) {
    if (frame.staff === (this.dataset.side === "staff")) return;
    this.say(`${frame.author} ${this.dataset.typing}`.trim(), 0, false);
    this.line.dataset.typing = "1";
    clearTimeout(this.typing);
    this.typing = setTimeout(() => { if (this.line.dataset.typing) this.say(""); }, 4000);
  }

  onState(frame) {
    const changed = this.state !== undefined && this.state !== frame.state;
    const closed = frame.state === "closed";
    this.state = frame.state;
    this.refresh();
    // The composer comes and goes with the state; what is typed is kept.
    if (!this.form || closed === this.form.hidden) return;
    if (this.dataset.side === "staff") {
      this.form.hidden = closed;
      this.querySelector("[data-reopen]").hidden = !closed;
    } else if (changed || closed) setTimeout(() => location.reload(), 300);
  }

  onGone() {
    this.querySelector("[data-reopen]")?.remove();
    if (!this.unsent) {
      this.say(this.dataset.gone);
      this.form?.remove();
      return;
    }
    this.say(this.dataset.goneKept);
    this.field.readOnly = true;
    this.form.querySelector("button").disabled = true;
  }

  // -- how it looks ----------------------------------------------------------------------------

  isMine(frame) {
    return frame.kind === "message" && frame.staff === (this.dataset.side === "staff");
  }

  blank(kind, staff) {
    const templates = [...this.querySelectorAll(`template[data-kind="${CSS.escape(kind)}"]`)];
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

  /** What stands above the composer; read out, too, unless it comes and goes all the time. */
  say(text, after = 0, aloud = true) {
    clearTimeout(this.saying);
    delete this.line.dataset.typing;
    const put = () => {
      this.line.textContent = text;
      this.line.hidden = !text;
      if (text && aloud) this.spoken.textContent = text;
    };
    if (after) this.saying = setTimeout(() => { if (!socket.open) put(); }, after);
    else put();
  }

  /** Keep to the end whatever grows: the thread, the composer, or what is said between them. */
  follow() {
    this.atEnd = !new URLSearchParams(location.search).has("all");
    this.scrolled = () => {
      this.atEnd = this.hidden() < 120;
      if (this.atEnd) this.countNewer(0);
    };
    addEventListener("scroll", this.scrolled, { passive: true });
    this.thread.addEventListener("scroll", this.scrolled, { passive: true });
    this.sizes = new ResizeObserver(() => { if (this.atEnd) this.toEnd(); });
    for (const part of [this.thread, this.foot]) this.sizes.observe(part);
  }

  /** How many pixels of the thread's end are out of sight: below its own edge or behind the composer. */
  hidden() {
    const inside = this.thread.scrollHeight - this.thread.scrollTop - this.thread.clientHeight;
    return inside + this.covered();
  }

  covered() {
    return Math.max(0, this.thread.getBoundingClientRect().bottom - this.foot.getBoundingClientRect().top);
  }

  countNewer(count) {
    this.unseen = count;
    const text = count === 1 ? this.dataset.newOne : this.dataset.newMany.replace("{count}", count);
    this.newer.querySelector("span").textContent = count ? text : "";
    this.newer.hidden = !count;
  }

  /** To the newest message, with the focus: the button goes away. */
  goToEnd() {
    this.toEnd();
    const newest = this.thread.lastElementChild;
    newest.tabIndex = -1;
    newest.focus({ preventScroll: true });
  }

  toEnd() {
    this.atEnd = true;
    this.countNewer(0);
    this.thread.scrollTop = this.thread.scrollHeight;
    const covered = this.covered();
    if (covered > 0) scrollBy({ top: covered, behavior: "instant" });
  }

  tellSeen() {
    if (this.last > (this.told ?? 0) && socket.send({ type: "seen", conversation: this.pk, number: this.last })) this.told = this.last;
  }

  /** The line that says who is there, from the server; several changes at once are one request. */
  refresh() {
    const target = document.querySelector("[data-chat-status]");
    if (!target || this.refreshing) return;
    this.refreshing = setTimeout(async () => {
      this.refreshing = 0;
      try {
        const answer = await fetch(this.dataset.statusUrl, { headers: { "HX-Request": "true" } });
        const text = answer.ok ? (await answer.text()).trim() : "";
        if (text && text !== this.status) target.innerHTML = text;
        this.status = text || this.status;
        const team = target.querySelector("[data-team-now]")?.textContent;
        for (const name of document.querySelectorAll("[data-chat-team]")) if (team) name.textContent = team;
      } catch {
        // The next change asks again.
      }
    }, 150 + Math.random() * 500);
  }
}

customElements.define("chat-conversation", ChatConversation);
