/**
 * <chat-conversation>: a thread with its composer, live.
 *
 * templates/chat/_thread.html writes it: a list [data-thread], a form [data-composer] and a line [data-line] in a part
 * that stays in view [data-foot], a log for screen readers [data-spoken], a button [data-newer], and a
 * <template data-kind data-staff> for each kind of event. Attributes: data-conversation, data-last (number of the last
 * event in the list), data-side ("asker" or "staff"), data-viewer (whose account), data-status-url, and the texts. An
 * element [data-chat-status] anywhere on the page gets data-status-url's fragment when that changes.
 *
 * chat-thread.js shows the events, chat-composer.js is the field, chat-outbox.js keeps what is not acknowledged, and
 * this element brings them together with the socket. What is typed and what is not acknowledged is kept until the
 * server has it; so both are there again after signing in anew, which [data-signed-out-notice] leads to. A closed
 * conversation has [data-reopen] in place of its composer. Without this file the form is sent and the page is reloaded.
 */
import { Composer } from "./chat-composer.js";
import { Outbox } from "./chat-outbox.js";
import { Thread } from "./chat-thread.js";
import { pauseAfter, socket, TOO_MUCH } from "./live-socket.js";

const HANDLERS = {
  subscribed: "onSubscribed",
  event: "onEvent",
  ack: "onAck",
  error: "onError",
  typing: "onTyping",
  state: "onState",
  gone: "onGone",
};

class ChatConversation extends HTMLElement {
  connectedCallback() {
    this.pk = Number(this.dataset.conversation);
    this.last = Number(this.dataset.last);
    this.line = this.querySelector("[data-line]");
    this.spoken = this.querySelector("[data-spoken]");
    // Colleagues who share a computer do not send each other's words.
    const key = this.dataset.side === "staff" ? `${this.pk}-${this.dataset.viewer}` : this.pk;
    this.composer = this.composed(key);
    this.thread = new Thread(this);
    this.outbox = new Outbox(this.pk, key, {
      thread: this.thread,
      texts: this.dataset,
      speak: (text) => { this.spoken.textContent = text; },
      signedOut: () => this.signedOut,
    });
    this.seen = () => { if (!document.hidden && this.subscribed) this.tellSeen(); };
    document.addEventListener("visibilitychange", this.seen);
    this.outbox.showAll();
    socket.join(this);
    if (!socket.open) this.say(this.dataset.connecting, 1500);
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.seen);
    clearTimeout(this.later);
    this.thread.disconnect();
    this.outbox.disconnect();
    socket.send({ type: "unsubscribe", conversation: this.pk });
    socket.leave(this);
  }

  composed(key) {
    const form = this.querySelector("[data-composer]");
    return form && new Composer(form, {
      key,
      tooLong: this.dataset.tooLong,
      onMessage: (body) => this.outbox.post(body),
      onTyping: () => socket.send({ type: "typing", conversation: this.pk }),
    });
  }

  /** True if something is typed, or was sent and did not arrive. */
  get unsent() {
    return Boolean(this.composer && !this.composer.form.hidden && (this.composer.text || this.outbox.items.length));
  }

  // -- the socket --------------------------------------------------------------------------------

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
    this.outbox.wait();
  }

  /** Nothing can be sent from here any more: say where to sign in, and keep what is typed. */
  signOut() {
    this.signedOut = true;
    this.say("");
    this.querySelector("[data-signed-out-notice]").hidden = false;
    this.composer?.disable();
  }

  // -- what comes in -----------------------------------------------------------------------------

  onFrame(frame) {
    if (frame.type === "queue") this.refresh();
    if (frame.conversation !== this.pk) return;
    const handler = HANDLERS[frame.type];
    if (handler) this[handler](frame);
  }

  onSubscribed(frame) {
    this.subscribed = true;
    this.say("");
    this.state = frame.state;
    this.outbox.sendAll();
    this.refresh();
    this.tellSeen();
  }

  onEvent(frame) {
    if (frame.number <= this.last) return;
    this.last = frame.number;
    if (frame.client_id) this.outbox.confirm(frame.client_id);
    const text = this.thread.add(frame);
    if (this.line.dataset.typing) this.say("");
    if (text) this.spoken.textContent = text;
    if (!document.hidden) this.tellSeen();
    this.dispatchEvent(new CustomEvent("chat-event", { bubbles: true, detail: frame }));
  }

  onAck(frame) {
    this.outbox.acknowledge(frame.client_id);
  }

  onError(frame) {
    if (frame.of === "subscribe" && ["too_fast", "too_many", "failed"].includes(frame.code)) this.subscribeLater(frame);
    else if (frame.of === "post" && frame.client_id) this.outbox.reject(frame);
  }

  subscribeLater(frame) {
    this.say({ failed: this.dataset.offline, too_many: this.dataset.tooMany }[frame.code] ?? this.dataset.tooMuch);
    const failed = frame.code === "failed";
    const wait = failed ? pauseAfter(++this.outbox.failures) : ((frame.retry_after ?? 60) + 5 * Math.random()) * 1000;
    this.later = setTimeout(() => this.subscribe(), wait);
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
    const form = this.composer?.form;
    if (!form || closed === form.hidden) return;
    if (this.dataset.side === "staff") {
      form.hidden = closed;
      this.querySelector("[data-reopen]").hidden = !closed;
    } else if (changed || closed) setTimeout(() => location.reload(), 300);
  }

  onGone() {
    this.querySelector("[data-reopen]")?.remove();
    if (!this.unsent) {
      this.say(this.dataset.gone);
      this.composer?.form.remove();
      return;
    }
    this.say(this.dataset.goneKept);
    this.composer.field.readOnly = true;
    this.composer.disable();
  }

  // -- what is said around the thread ------------------------------------------------------------

  /** Show a text above the composer; read it out, too, unless it comes and goes all the time. */
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

  tellSeen() {
    if (this.last > (this.told ?? 0) && socket.send({ type: "seen", conversation: this.pk, number: this.last })) this.told = this.last;
  }

  /** Fetch the line that says who is there; several changes at once are one request. */
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
