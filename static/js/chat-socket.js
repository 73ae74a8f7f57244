/**
 * The one socket of this tab, shared by every element that needs it. Frames: docs/chat-protocol.md.
 *
 *   import { socket } from "./chat-socket.js";
 *   socket.join(listener)   listener has onOpen(), onFrame(frame), onLost(code); the first join opens the socket
 *   socket.leave(listener)  the last leave closes it
 *   socket.send(frame)      true when it went out; what must not get lost the listener sends again in onOpen
 *
 * Reconnects by itself, after 0.5 s and then ever longer up to 15 s, with chance in it so that a restarted server is not
 * stormed; at once when the browser says that it is online again. Where the server says that this person has too many
 * sockets or sends too much, it waits half a minute to a minute and then ever longer, up to ten.
 */
const FINAL = new Set([4400, 4401, 4406]);
export const TOO_MUCH = new Set([4429, 4430]);

class Socket {
  listeners = new Set();
  tries = 0;
  refusals = 0;

  join(listener) {
    this.listeners.add(listener);
    if (this.open) listener.onOpen();
    else this.connect();
  }

  leave(listener) {
    this.listeners.delete(listener);
    if (this.listeners.size === 0) this.socket?.close(1000);
  }

  get open() {
    return this.socket?.readyState === WebSocket.OPEN && this.greeted;
  }

  send(frame) {
    if (!this.open) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  connect() {
    clearTimeout(this.timer);
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    this.greeted = false;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}/ws/?v=1`);
    this.socket.addEventListener("message", (event) => this.receive(JSON.parse(event.data)));
    this.socket.addEventListener("close", (event) => this.closed(event));
  }

  receive(frame) {
    if (frame.type === "hello") {
      this.greeted = true;
      this.tries = 0;
      clearInterval(this.beat);
      this.beat = setInterval(() => this.ping(), frame.heartbeat * 1000);
      for (const listener of this.listeners) listener.onOpen();
      return;
    }
    if (frame.type === "pong") clearTimeout(this.silence);
    for (const listener of this.listeners) listener.onFrame(frame);
  }

  ping() {
    if (!this.send({ type: "ping" })) return;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.socket.close(), 10000); // a dead line does not close by itself
  }

  closed(event) {
    this.greeted = false;
    clearInterval(this.beat);
    clearTimeout(this.silence);
    for (const listener of this.listeners) listener.onLost(event.code);
    if (this.listeners.size === 0 || FINAL.has(event.code)) return;
    this.timer = setTimeout(() => this.connect(), this.pause(event.code));
  }

  /** How many milliseconds to wait before the next try. A hello does not make up for refusals: minutes without one do. */
  pause(code) {
    const chance = 0.5 + Math.random() / 2;
    if (TOO_MUCH.has(code)) {
      this.refusals = Date.now() - (this.refused ?? 0) > 1800000 ? 0 : this.refusals + 1;
      this.refused = Date.now();
      return Math.min(600000, 60000 * 2 ** this.refusals) * chance;
    }
    const wait = Math.min(15000, 500 * 2 ** this.tries) * chance;
    this.tries += 1;
    return wait;
  }
}

export const socket = new Socket();
addEventListener("online", () => {
  if (socket.listeners.size && Date.now() - (socket.refused ?? 0) > 60000) socket.connect();
});
