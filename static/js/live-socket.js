/**
 * The one socket of this tab, shared by every element that needs it. Frames: docs/socket-protocol.md.
 *
 *   import { socket } from "./live-socket.js";
 *   socket.join(listener)   listener has onOpen(), onFrame(frame), onLost(code); the first join opens the socket,
 *                           unless it waits after a failure
 *   socket.leave(listener)  the last leave closes it
 *   socket.send(frame)      true when it went out; what must not get lost the listener sends again in onOpen
 *
 * Reconnects by itself, after 0.5 s and then ever longer up to 15 s, with chance in it so that a restarted server is not
 * stormed; at once when the browser says that it is online again. A server that accepts a socket and then says nothing
 * is given up after 8 s. Where the server says that this person has too many
 * sockets or sends too much, it waits half a minute to a minute and then ever longer, up to ten.
 */
const FINAL = new Set([4400, 4401, 4406]);
const GREETING = 8000; // milliseconds in which a new socket must have said hello
export const TOO_MUCH = new Set([4429, 4430]);

/** Milliseconds to wait after so many failures in a row: ever longer up to 15 s, with chance in it. */
export function pauseAfter(failures) {
  return Math.min(15000, 500 * 2 ** failures) * (0.5 + Math.random() / 2);
}

class Socket {
  listeners = new Set();
  tries = 0;
  refusals = 0;
  resume = 0; // when the pause after the last failure ends
  final = false; // the server said that there is no use in coming back

  join(listener) {
    this.listeners.add(listener);
    if (this.open) listener.onOpen();
    else if (!this.final) this.connectAfter(this.resume - Date.now()); // coming back is no way around a pause
  }

  leave(listener) {
    if (!this.listeners.delete(listener) || this.listeners.size) return;
    for (const timer of [this.timer, this.silence, this.beat]) clearTimeout(timer);
    this.socket?.close(1000);
    this.socket = null;
  }

  get open() {
    return this.socket?.readyState === WebSocket.OPEN && this.greeted;
  }

  send(frame) {
    if (!this.open) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  connectAfter(milliseconds) {
    clearTimeout(this.timer);
    if (milliseconds > 0) this.timer = setTimeout(() => this.connect(), milliseconds);
    else this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    this.greeted = false;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const opened = new WebSocket(`${scheme}//${location.host}/ws/?v=1`);
    this.socket = opened;
    opened.addEventListener("message", (event) => { if (this.socket === opened) this.receive(JSON.parse(event.data)); });
    opened.addEventListener("close", (event) => { if (this.socket === opened) this.closed(event); });
    this.silence = setTimeout(() => this.giveUp(), GREETING);
  }

  /** Nobody answers: go on without waiting until this socket has closed, which may take minutes. */
  giveUp() {
    const dead = this.socket;
    this.socket = null;
    dead?.close();
    this.closed({ code: 1006 });
  }

  receive(frame) {
    if (frame.type === "hello") {
      this.greeted = true;
      this.tries = 0;
      clearTimeout(this.silence);
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
    this.silence = setTimeout(() => this.giveUp(), 10000); // a dead line does not close by itself
  }

  closed(event) {
    this.greeted = false;
    clearInterval(this.beat);
    clearTimeout(this.silence);
    for (const listener of this.listeners) listener.onLost(event.code);
    this.final = FINAL.has(event.code);
    if (this.final) return;
    const pause = this.pause(event.code);
    this.resume = Date.now() + pause;
    if (this.listeners.size) this.connectAfter(pause);
  }

  /** How many milliseconds to wait before the next try. A hello does not make up for refusals: minutes without one do. */
  pause(code) {
    if (TOO_MUCH.has(code)) {
      this.refusals = Date.now() - (this.refused ?? 0) > 1800000 ? 0 : this.refusals + 1;
      this.refused = Date.now();
      return Math.min(600000, 60000 * 2 ** this.refusals) * (0.5 + Math.random() / 2);
    }
    return pauseAfter(this.tries++);
  }
}

export const socket = new Socket();
addEventListener("online", () => {
  if (socket.listeners.size && Date.now() - (socket.refused ?? 0) > 60000) socket.connect();
});
