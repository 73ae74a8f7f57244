/**
 * <search-clicks>: reports which hits were opened, by beacons that delay nothing.
 *
 * <search-clicks data-url="/nl/zoeken/gezien/" data-search="signed note" data-typed>
 *   … <a href="/nl/faq/3-verlof/" data-hit="faq:3">Verlof</a> …
 * </search-clicks>
 *
 * With `data-typed` (results while typing) the search itself is reported as well, once typing paused or a link was
 * followed. Without this file links still work, and nothing is reported.
 */
const REST = 3000; // milliseconds

class SearchClicks extends HTMLElement {
  connectedCallback() {
    this.listen = new AbortController();
    const { signal } = this.listen;
    if (!this.dataset.search) return;
    for (const kind of ["click", "auxclick"]) this.addEventListener(kind, (event) => this.opened(event), { signal });
    if ("typed" in this.dataset) {
      this.rest = setTimeout(() => this.send(), REST);
      addEventListener("pagehide", () => this.leave(), { signal });
    }
  }

  disconnectedCallback() {
    // More was typed, so nobody read these results.
    clearTimeout(this.rest);
    this.listen.abort();
  }

  opened(event) {
    if (event.type === "auxclick" && event.button !== 1) return;
    const hit = event.target.closest("[data-hit]");
    if (hit) this.send(hit.dataset.hit);
  }

  leave() {
    if (!this.sent) this.send();
  }

  send(hit) {
    this.sent = true;
    const data = new FormData();
    data.set("search", this.dataset.search);
    if (hit !== undefined) data.set("hit", hit);
    navigator.sendBeacon(this.dataset.url, data);
  }
}

customElements.define("search-clicks", SearchClicks);
