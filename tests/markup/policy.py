"""Parse HTML as a browser would and report what is not allowed. Has its own copy of the policy, not that of markup/."""

import re
from html.parser import HTMLParser

TAGS = frozenset(
    "a abbr acronym b blockquote br code del em h2 h3 h4 h5 h6 hr i img kbd li ol p pre s strong sub sup table tbody td"
    " th thead tr u ul wbr".split()
)
ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "abbr": {"title"},
    "acronym": {"title"},
    "code": {"class"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "td": {"class"},
    "th": {"class"},
}
VALUES = {
    "rel": re.compile(r"nofollow noopener ugc"),
    "class": re.compile(r"language-[\w.+#-]+|text-(start|center|end)"),
    "start": re.compile(r"[0-9]+"),
    "src": re.compile(r"/(files|documents)/[\w./-]+"),
}
SCHEMES = {"http", "https", "mailto", "tel"}
# What browsers take out of an address before they look for its scheme.
_IGNORED = re.compile(r"[\t\n\r]|^[\x00-\x20]+")


class _Judge(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            self._judge(tag, name, value or "")
        if tag == "a" and dict(attrs).get("href") and dict(attrs).get("rel") != "nofollow noopener ugc":
            self.faults.append("link without rel")

    def _judge(self, tag: str, name: str, value: str) -> None:
        if name not in ATTRIBUTES.get(tag, set()):
            self.faults.append(f"{tag} {name}")
        if name in VALUES and not VALUES[name].fullmatch(value):
            self.faults.append(f"{tag} {name}={value!r}")
        if name in {"href", "src"}:
            scheme = re.match(r"([^/?#:]*):", _IGNORED.sub("", value))
            if scheme and scheme[1].lower() not in SCHEMES:
                self.faults.append(f"{tag} {name}={value!r}")

    def handle_comment(self, data: str) -> None:
        self.faults.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("declaration")

    def unknown_decl(self, data: str) -> None:
        self.faults.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.faults.append("processing instruction")


def faults(html: str) -> list[str]:
    """Return the violations of the policy in `html`; empty if it is clean."""
    judge = _Judge()
    judge.feed(html)
    judge.close()
    return judge.faults
