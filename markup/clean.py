"""Sanitise HTML: tidy, then bleach adds links, then nh3 cleans, always last.

The only module that imports bleach and nh3 (docs/adr/0002-bleach-and-nh3.md). Every step takes time proportional to the
length of its input. `tidy` gives nh3 only balanced, shallow markup with tags from the allow-list, and bleach only text,
because both take quadratic time on anything else.
"""

import html as html_entities
import re
import threading
from collections.abc import Iterator, Sequence

import nh3
from bleach.linkifier import Linker
from bleach.sanitizer import (
    ALLOWED_ATTRIBUTES,
    ALLOWED_PROTOCOLS,
    ALLOWED_TAGS,
    Cleaner,
)
from django.utils.safestring import SafeString, mark_safe

from .tidy import DROPPED_WITH_CONTENT, is_own_image, tidy, tokens

HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
TABLE = frozenset({"table", "thead", "tbody", "tr", "th", "td"})

# bleach's own allow-list, with what Markdown needs added. nh3 enforces exactly this list.
POLICY = Cleaner(
    tags=ALLOWED_TAGS | HEADINGS | TABLE | {"br", "del", "hr", "img", "kbd", "p", "pre", "s", "sub", "sup", "u", "wbr"},
    attributes=ALLOWED_ATTRIBUTES
    | {
        "code": ["class"],
        "img": ["src", "alt", "title"],
        "ol": ["start"],
        "td": ["class"],
        "th": ["class"],
    },
    protocols=ALLOWED_PROTOCOLS | {"tel"},
    strip=True,
)
LINK_REL = "nofollow noopener ugc"

_LINKIFY_AT_ONCE = 8_192

_CODE_CLASS = re.compile(r"language-[A-Za-z0-9+#_.-]{1,30}")
_CELL_CLASS = re.compile(r"text-(?:start|center|end)")
_START = re.compile(r"[0-9]{1,9}")


_BEFORE_COLON = re.compile(r"([^/?#:]*):")
_LONGEST_ADDRESS = 2_000


def is_allowed_address(url: str) -> bool:
    """Return True for a relative URL or one with an allowed scheme, of at most 2,000 characters.

    Everything before the first colon counts as a scheme, whether or not a browser would agree.
    """
    scheme = _BEFORE_COLON.match(url)
    return len(url) <= _LONGEST_ADDRESS and (not scheme or scheme[1].lower() in POLICY.protocols)


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        pattern = _CODE_CLASS if tag == "code" else _CELL_CLASS
        return value if pattern.fullmatch(value) else None
    if name == "href":
        return value if is_allowed_address(value) else None
    if name == "src":
        return value if is_own_image(value) else None
    if tag == "ol" and name == "start":
        return value if _START.fullmatch(value) else None
    return value


_ENFORCER = nh3.Cleaner(
    tags=set(POLICY.tags),
    attributes={tag: set(names) for tag, names in POLICY.attributes.items()},
    url_schemes=set(POLICY.protocols),
    clean_content_tags=set(DROPPED_WITH_CONTENT),
    attribute_filter=_attribute,
    link_rel=LINK_REL,
)


_ALLOWED = {tag: frozenset(POLICY.attributes.get(tag, ())) for tag in POLICY.tags}


def clean_html(html: str) -> SafeString:
    """Turn any HTML into safe HTML, with URLs made into links. Linear in the length of `html`."""
    clean = _ENFORCER.clean(tidy(html, allowed=_ALLOWED, write=_linkified))
    # Parsers drop a byte order mark at the beginning. Remove it, so that cleaning twice changes nothing.
    return mark_safe(clean.lstrip("\ufeff"))  # noqa: S308 - nh3's output is what is safe here


_BLOCK_END = frozenset({"p", "li", "tr", "pre", "blockquote", "table", "ul", "ol"}) | HEADINGS
_CELL_END = frozenset({"td", "th"})
_SPACES = re.compile(r"[^\S\n\t]+")
_CELLS = re.compile(r" ?\t[ \t]*")
_LINES = re.compile(r"[ \t]*\n[ \t\n]*")


def html_to_text(html: str) -> str:
    """Return the words of `html`: a line for each block, a tab between cells, entities decoded.

    For search and mail, never as HTML.
    """
    out = []
    for token in tokens(html, _ALLOWED):
        if isinstance(token, str):
            # White space between tags separates words.
            out.append(html_entities.unescape(token).replace("\t", " ") if token.strip() else " ")
        elif token.name in {"br", "hr"} or (token.closing and token.name in _BLOCK_END):
            out.append("\n")
        elif token.closing and token.name in _CELL_END:
            out.append("\t")
        elif token.name == "img":
            out.append(html_entities.unescape(token.attributes.get("alt", "")))
    return _LINES.sub("\n", _CELLS.sub("\t", _SPACES.sub(" ", "".join(out)))).strip()


# --- links ------------------------------------------------------------------------------------------

# Host names without a scheme only with the top-level domains used here; "manage.py" and "leesmij.md" are files.
_ENDINGS = "nl|be|eu|com|org|net|info|gov|edu|int|amsterdam|frl|de|fr|uk|lu|io|dev|app"
# Our own pattern instead of bleach's: every repetition is bounded or possessive, and a match can only start after
# a character other than a letter, dot, slash or @. So no text causes backtracking.
_STOP = r"""\s{}|\\^`<>"()"""
_MARK = r".,;:!?'*_~"
_ADDRESS = re.compile(
    rf"""(?<![\w@./:=%+~-])
        (?:https?://[^\W_][\w-]{{0,61}}+(?:\.[^\W_][\w-]{{0,61}}+){{0,8}}+(?![\w@])
          |(?:[^\W_][\w-]{{0,61}}+\.){{1,8}}(?:{_ENDINGS})(?![\w@-])(?!\.\w)
        )
        (?!:[^\s/@]{{0,100}}@)(?::[0-9]{{1,5}}+)?+
        (?:/|[?\#](?=[\w%/]))?+
        (?:(?<=[/?\#])
          (?:(?:[{_MARK}]++(?=[^{_STOP}{_MARK}&]|\([^{_STOP}]*+\)))?+
            (?:[^{_STOP}{_MARK}&]++|&amp;|&(?![a-z0-9\#]+;)|\([^{_STOP}]*+\)))*+
        )?+
        """,
    re.IGNORECASE | re.VERBOSE,
)
_MAYBE = re.compile(rf"https?://|\.(?:{_ENDINGS})\b", re.IGNORECASE)
_local = threading.local()


def _linker() -> Linker:
    # A Linker keeps its parser's state between calls: one for each thread.
    if not hasattr(_local, "linker"):
        _local.linker = Linker(
            callbacks=[],
            skip_tags={"a", "code", "pre"},
            parse_email=False,
            url_re=_ADDRESS,
        )
    return _local.linker


def _linkified(text: str, stack: Sequence[str]) -> Iterator[str]:
    """Yield `text` with its URLs as links, except inside a link or code."""
    if not _MAYBE.search(text) or not {"a", "code", "pre"}.isdisjoint(stack):
        yield text
        return
    position = 0
    while position < len(text):
        end = position + _LINKIFY_AT_ONCE
        if end < len(text):
            # Cut at white space. A part this long without any contains no URL worth a link.
            space = max(text.rfind(" ", position, end), text.rfind("\n", position, end))
            if space <= position:
                yield text[position:end]
                position = end
                continue
            end = space
        yield _linker().linkify(text[position:end])
        position = end
