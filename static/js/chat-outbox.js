/**
 * The messages of one conversation that the server has not confirmed, in localStorage until it has.
 *
 *   const outbox = new Outbox(conversation, key, { thread, texts, speak, signedOut });
 *     conversation: its number; key: names it in localStorage; thread: shows the messages (chat-thread.js);
 *     texts: what is said about them; speak(text): reads out; signedOut(): true when nothing can be sent any more
 *   outbox.post(body)        keep, show and send a message
 *   outbox.showAll()         show what an earlier page kept
 *   outbox.sendAll()         send all of it, once the conversation is subscribed to
 *   outbox.acknowledge(id), outbox.confirm(id), outbox.reject(frame)   what the server answered
 *   outbox.wait()            say beside each that it was not sent: the socket is lost
 *   outbox.store([])         give up what was not sent
 *
 * A message has its own id, so sending it again is harmless. What was not acknowledged goes out in its order; until
 * then nothing new overtakes it. What the server refuses waits for somebody to press "again".
 */
import { pauseAfter, socket } from "./live-socket.js";

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  failures = 0; // in a row
  refused = new Set(); // ids, until somebody presses "again"

  constructor(conversation, key, { thread, texts, speak, signedOut }) {
    Object.assign(this, { conversation, thread, texts, speak, signedOut });
    this.name = `chat-unsent-${key}`;
  }

  /** The messages kept, oldest first: [{ client_id, body }]. */
  get items() {
    try {
      return JSON.parse(localStorage.getItem(this.name)) ?? [];
    } catch {
      return [];
    }
  }

  store(items) {
    if (items.length) localStorage.setItem(this.name, JSON.stringify(items));
    else localStorage.removeItem(this.name);
  }

  remove(clientId) {
    this.store(this.items.filter((item) => item.client_id !== clientId));
  }

  disconnect() {
    clearTimeout(this.resending);
  }

  // -- sending -----------------------------------------------------------------------------------

  post(body) {
    const item = { client_id: newId(), body };
    this.store([...this.items, item]);
    this.thread.addPending(item);
    this.send(item);
  }

  showAll() {
    for (const item of this.items) this.thread.addPending(item);
  }

  sendAll() {
    this.refused.clear();
    clearTimeout(this.resending);
    this.resending = 0;
    for (const item of this.items) this.send(item);
  }

  send(item) {
    const sent = !this.resending && socket.send({ type: "post", conversation: this.conversation, ...item });
    this.thread.mark(item.client_id, sent ? this.texts.sending : this.waits);
  }

  /** Send all of it again after a pause, but for what was refused. */
  sendAgain(milliseconds) {
    clearTimeout(this.resending);
    this.resending = setTimeout(() => {
      this.resending = 0;
      for (const item of this.items) if (!this.refused.has(item.client_id)) this.send(item);
    }, milliseconds);
  }

  /** What is said beside a message that did not go out: who is signed out does something first. */
  get waits() {
    return this.signedOut() ? this.texts.refused : this.texts.unsent;
  }

  wait() {
    for (const id of this.thread.pending.keys()) this.thread.mark(id, this.waits);
  }

  // -- what the server answers -------------------------------------------------------------------

  /** It has been saved. Its event comes too and takes the place of the bubble. */
  acknowledge(clientId) {
    this.remove(clientId);
    this.thread.mark(clientId, "");
    this.failures = 0;
  }

  /** Its event came. */
  confirm(clientId) {
    this.remove(clientId);
    this.thread.removePending(clientId);
  }

  reject(frame) {
    const item = this.items.find((other) => other.client_id === frame.client_id);
    if (!item) return;
    if (frame.code === "too_fast" || frame.code === "failed") this.postpone(item, frame);
    else this.refuse(item, frame.code);
  }

  postpone(item, frame) {
    const failed = frame.code === "failed";
    const text = failed ? this.texts.unsent : this.texts.tooFast;
    this.thread.mark(item.client_id, text);
    if (this.resending) return; // what failed with it was answered with it, and one timer sends all of it
    if (!this.failures) this.speak(text); // once, however often it is tried
    this.sendAgain(failed ? pauseAfter(++this.failures) : (frame.retry_after ?? 5) * 1000);
  }

  refuse(item, code) {
    this.refused.add(item.client_id);
    const text = { closed: this.texts.closed, taken: this.texts.taken }[code] ?? this.texts.refused;
    const again = () => {
      this.refused.delete(item.client_id);
      if (code !== "conflict") return this.send(item);
      this.confirm(item.client_id); // its id is another message's: it gets one of its own
      this.post(item.body);
    };
    this.thread.mark(item.client_id, text, true, again);
    this.speak(text);
  }
}
