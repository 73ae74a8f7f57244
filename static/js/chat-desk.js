/**
 * <chat-desk>: the agent's desk. While it is open the agent is "at the desk", and its lists follow the queue.
 *
 * templates/chat/desk.html writes it. Attributes: data-lists-url (the fragment of [data-lists]), data-open (the
 * conversation shown). Beside links in [data-knowledge] it puts a button that inserts the link into the answer.
 * A form [data-ends], after which the agent may not write there any more, waits while something is typed and not sent:
 * [data-unsent] asks what to do with that.
 */
import { pauseAfter, socket } from "./live-socket.js";

class ChatDesk extends HTMLElement {
  connectedCallback() {
    this.lists = this.querySelector("[data-lists]");
    this.title = document.title;
    this.count();
    this.addEventListener("htmx:afterSwap", (event) => this.offerInsert(event.target));
    // What the field holds is a beginning: whoever goes there types something else.
    this.addEventListener("focusin", ({ target }) => {
      if (!target.matches("[data-select]")) return;
      target.select();
      this.entered = target;
    });
    this.addEventListener("click", ({ target }) => {
      // The press that gave the focus put the cursor somewhere; a stretch that was dragged over stays.
      if (target === this.entered && target.selectionStart === target.selectionEnd) target.select();
      this.entered = null;
    });
    this.addEventListener("submit", (event) => this.holdBack(event));
    this.addEventListener("chat-event", () => { if (this.held?.sent && !this.talk.unsent) this.goOn(); });
    const press = (name, act) => this.querySelector(`[data-unsent-${name}]`)?.addEventListener("click", act);
    press("send", () => this.sendFirst());
    press("drop", () => this.goOn());
    press("back", () => this.goBack());
    socket.join(this);
  }

  disconnectedCallback() {
    socket.leave(this);
  }

  onOpen() {
    socket.send({ type: "desk" });
    this.refresh();
  }

  onLost(code) {
    if (code === 4401) this.querySelector("[data-signed-out-notice]").hidden = false;
  }

  onFrame(frame) {
    if (frame.type === "desk" || frame.type === "desk_open") this.refresh();
    if (frame.type === "desk_open") this.failures = 0;
    if (frame.type === "error" && frame.of === "desk" && (frame.code === "too_fast" || frame.code === "failed")) {
      this.failures = (this.failures ?? 0) + 1;
      const wait = frame.retry_after ? (frame.retry_after + 5 * Math.random()) * 1000 : pauseAfter(this.failures);
      setTimeout(() => socket.send({ type: "desk" }), wait);
    }
    // What stands above the conversation (its state, its acts) is the server's to say.
    if (frame.type === "done" && String(frame.conversation) === this.dataset.open) location.reload();
    if ((frame.type === "state" || frame.type === "subscribed") && String(frame.conversation) === this.dataset.open) {
      const state = `${frame.state} ${frame.team} ${frame.taken_by}`;
      if (this.state && this.state !== state) this.head();
      this.state = state;
    }
  }

  refresh() {
    if (this.waiting) return;
    this.waiting = setTimeout(async () => {
      this.waiting = 0;
      const answer = await this.fetched(this.dataset.listsUrl);
      if (!answer) return;
      const focused = this.lists.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      this.lists.innerHTML = answer;
      this.current();
      if (focused) this.lists.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
      this.count();
    }, 250);
  }

  /** Replace the head of the open conversation, leaving the thread and what is typed alone. */
  async head() {
    const answer = await this.fetched(location.href);
    if (!answer) return;
    const fresh = new DOMParser().parseFromString(answer, "text/html").querySelector(".chat-pane-head");
    const old = this.querySelector(".chat-pane-head");
    if (fresh && old && !old.contains(document.activeElement)) old.replaceWith(document.importNode(fresh, true));
  }

  async fetched(url) {
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" } });
      return answer.ok && !answer.redirected ? await answer.text() : ""; // signed out: it leads to the sign-in page
    } catch {
      return "";
    }
  }

  current() {
    for (const link of this.lists.querySelectorAll("a")) {
      if (new URL(link.href).pathname === location.pathname) link.setAttribute("aria-current", "true");
    }
  }

  count() {
    const waiting = Number(this.lists.querySelector("[data-waiting]")?.dataset.waiting ?? 0);
    document.title = waiting ? `(${waiting}) ${this.title}` : this.title;
    // Beside an empty desk stands whether somebody waits.
    for (const said of this.querySelectorAll("[data-when]")) said.hidden = said.dataset.when === (waiting ? "quiet" : "waiting");
  }

  // -- leaving something unsent ------------------------------------------------------------------

  get talk() {
    return this.querySelector("chat-conversation");
  }

  holdBack(event) {
    if (!event.target.matches("[data-ends]") || !this.talk?.unsent) return;
    event.preventDefault();
    this.held = { form: event.target, sent: false };
    this.askUnsent(true);
    this.querySelector("[data-unsent] button").focus();
  }

  askUnsent(shown) {
    this.querySelector("[data-unsent]").hidden = !shown;
  }

  goBack() {
    this.held = null;
    this.askUnsent(false);
    this.talk.composer.field.focus();
  }

  /** Go on once the message has arrived; what cannot be sent stays, and is told where it stands. */
  sendFirst() {
    const held = this.held;
    const { composer } = this.talk;
    if (composer.text) composer.submit();
    if (composer.text) return this.goBack();
    held.sent = true;
    this.askUnsent(false);
    setTimeout(() => { if (this.held === held) this.held = null; }, 15000);
  }

  goOn() {
    const { form } = this.held;
    this.held = null;
    this.talk.outbox.store([]); // or it would be sent when the conversation comes back
    if (!form.isConnected) { // the head was drawn anew
      form.hidden = true;
      document.body.append(form);
    }
    form.submit();
  }

  offerInsert(target) {
    if (!target.matches?.("[data-knowledge]")) return;
    for (const link of target.querySelectorAll("a[href]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm btn-link chat-insert";
      button.textContent = target.dataset.insert;
      button.setAttribute("aria-label", `${target.dataset.insert}: ${link.textContent.trim()}`);
      button.addEventListener("click", () => this.insert(link));
      link.after(button);
    }
  }

  insert(link) {
    const field = this.querySelector("[data-composer] textarea");
    if (!field) return;
    const text = `[${link.textContent.trim().replace(/[[\]]/g, "")}](${new URL(link.href).href})`;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
}

customElements.define("chat-desk", ChatDesk);
