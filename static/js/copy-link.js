/**
 * <copy-link>: a button that copies an address and says so.
 *
 * <copy-link data-copied="Copied"><a href="/nl/faq/3-verlof/">Copy link</a></copy-link>
 *
 * Without script, or without a clipboard, it stays the plain link.
 */
class CopyLink extends HTMLElement {
  connectedCallback() {
    const link = this.querySelector("a[href]");
    if (!link || !navigator.clipboard) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = link.className || "btn btn-sm btn-link";
    button.append(...link.childNodes);
    const said = document.createElement("span");
    said.className = "vb-meta";
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(link.href);
        said.textContent = this.dataset.copied ?? "✓";
        setTimeout(() => { said.textContent = ""; }, 3000);
      } catch {
        location.href = link.href;
      }
    });
    this.replaceChildren(button, said);
  }
}

customElements.define("copy-link", CopyLink);
