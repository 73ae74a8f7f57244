/**
 * <language-switch>: remembers the language that the visitor chose, so that "/" opens in it next time.
 *
 * <language-switch><a href="/en/…" hreflang="en" lang="en">English</a></language-switch>
 *
 * The links work without it.
 */
class LanguageSwitch extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const link = event.target.closest("a[hreflang]");
      if (!link) return;
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `django_language=${link.hreflang}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    });
  }
}

customElements.define("language-switch", LanguageSwitch);
