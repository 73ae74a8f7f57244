/**
 * <outage-notice>: says when a part of the page did not come, and stops saying so once it does.
 *
 * <outage-notice role="status"><template> … what to say … </template></outage-notice>
 *
 * What says it by itself (<search-keys>) is left alone. Without this file nothing is said, and nothing on the page goes.
 */
class OutageNotice extends HTMLElement {
  failed = new Set(); // the elements that asked

  connectedCallback() {
    document.addEventListener("htmx:afterRequest", this);
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:afterRequest", this);
  }

  handleEvent({ detail }) {
    const element = detail.requestConfig.elt;
    const { status } = detail.xhr; // 0: no answer
    if ((status >= 500 || !status) && !element.closest("search-keys")) this.failed.add(element);
    else this.failed.delete(element);
    this.show([...this.failed].some((each) => each.isConnected));
  }

  show(wanted) {
    const notice = this.querySelector(":scope > :not(template)");
    if (!wanted) notice?.remove();
    else if (!notice) this.append(this.querySelector("template").content.cloneNode(true));
  }
}

customElements.define("outage-notice", OutageNotice);
