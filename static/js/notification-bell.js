/**
 * <notification-bell>: keeps the number of unread notifications current while the page is open.
 *
 * <notification-bell data-unread="{n} unread"><a> … <span data-count aria-hidden="true">2</span>
 * <span class="visually-hidden" data-count-text>2 unread</span></a></notification-bell>
 *
 * It joins the socket of the tab (live-socket.js) once the page has been visible for some seconds, so that a page that
 * is only passed through opens none, and leaves it while the page is hidden. It asks with the frame `unread`; when the
 * server says `inbox`, the number changed. Without socket the number stays as the page was written with it.
 */
import { pauseAfter, socket } from "./live-socket.js";

const SETTLED = 2000; // milliseconds that a page is visible before the bell opens a socket; up to twice as long
const SPREAD = 1500; // milliseconds within which all who were notified at once ask for their number

class NotificationBell extends HTMLElement {
  failures = 0;

  connectedCallback() {
    this.count = this.querySelector("[data-count]");
    this.text = this.querySelector("[data-count-text]");
    document.addEventListener("visibilitychange", this);
    addEventListener("pagehide", this);
    addEventListener("pageshow", this);
    this.handleEvent({ type: "pageshow" });
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this);
    removeEventListener("pagehide", this);
    removeEventListener("pageshow", this);
    this.rest();
  }

  handleEvent({ type }) {
    if (document.hidden || type === "pagehide") this.rest();
    else this.opening ??= setTimeout(() => socket.join(this), SETTLED * (1 + Math.random()));
  }

  rest() {
    clearTimeout(this.opening);
    clearTimeout(this.asking);
    this.opening = this.asking = null;
    socket.leave(this);
  }

  onOpen() {
    this.ask(0);
  }

  onLost() {
    clearTimeout(this.asking);
    this.asking = null;
  }

  onFrame(frame) {
    if (frame.type === "inbox") this.ask(SPREAD * (0.1 + 0.9 * Math.random()));
    else if (frame.type === "unread") this.show(frame.count);
    else if (frame.type === "error" && frame.of === "unread" && ["too_fast", "failed"].includes(frame.code)) {
      this.ask((frame.retry_after ?? 0) * 1000 + pauseAfter(++this.failures));
    }
  }

  ask(milliseconds) {
    this.asking ??= setTimeout(() => {
      this.asking = null;
      socket.send({ type: "unread" });
    }, milliseconds);
  }

  show(count) {
    this.failures = 0;
    this.count.textContent = count > 99 ? "99+" : count;
    this.count.hidden = !count;
    this.text.textContent = count ? this.dataset.unread.replace("{n}", count) : "";
  }
}

customElements.define("notification-bell", NotificationBell);
