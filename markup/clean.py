"""Unsafe HTML in, safe HTML out: tidy → bleach linkifies → nh3 cleans, always last.

The only module that imports bleach and nh3 (docs/adr/0002-bleach-and-nh3.md). Every step takes time
in proportion to the length of its input: `_tidy` hands bleach and nh3 only balanced, shallow markup
with tags from the allow-list, because both slow down quadratically on deep or misnested markup.
"""

import html as html_entities
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import nh3
from bleach.linkifier import Linker
from bleach.sanitizer import (
    ALLOWED_ATTRIBUTES,
    ALLOWED_PROTOCOLS,
    ALLOWED_TAGS,
    Cleaner,
)
from django.utils.safestring import SafeString, mark_safe

HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
TABLE = frozenset({"table", "thead", "tbody", "tr", "th", "td"})

# bleach's own allow-list, widened by what Markdown can say. nh3 enforces exactly this list.
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

# Their text is no text for people: it goes with the tag.
_DROPPED_WITH_CONTENT = frozenset(
    [
        "iframe",
        "math",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "xmp",
    ]
)
_VOID = frozenset({"br", "hr", "img", "wbr"})
_CLOSES_ITSELF = {
    "p": {"p"},
    "li": {"li"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "tr": {"td", "th", "tr"},
    "thead": {"td", "th", "tr"},
    "tbody": {"td", "th", "tr", "thead", "tbody"},
    "a": {"a"},
}
_AROUND_ROW = frozenset({"table", "thead", "tbody"})
_PARENTS = {
    "thead": frozenset({"table"}),
    "tbody": frozenset({"table"}),
    "tr": _AROUND_ROW,
    "td": frozenset({"tr"}),
    "th": frozenset({"tr"}),
}
_MAX_DEPTH = 48
_LINKIFY_AT_ONCE = 8_192

_CODE_CLASS = re.compile(r"language-[A-Za-z0-9+#_.-]{1,30}")
_CELL_CLASS = re.compile(r"text-(?:start|center|end)")
_START = re.compile(r"[0-9]{1,9}")
_OWN_IMAGE = re.compile(r"/(?:files|documents)/(?:[\w-][\w.-]*/?)+", re.ASCII)


_BEFORE_COLON = re.compile(r"([^/?#:]*):")
_LONGEST_ADDRESS = 2_000


def is_allowed_address(url: str) -> bool:
    """True for a relative address or one with an allowed scheme, of at most 2,000 characters.

    Whatever stands before the first colon counts as a scheme, whether or not a browser would take it for one.
    """
    scheme = _BEFORE_COLON.match(url)
    return len(url) <= _LONGEST_ADDRESS and (not scheme or scheme[1].lower() in POLICY.protocols)


def is_own_image(src: str) -> bool:
    """True for a path below /files/ or /documents/: a picture from elsewhere would tell its server who reads what."""
    return len(src) <= 500 and ".." not in src and _OWN_IMAGE.fullmatch(src) is not None


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
    clean_content_tags=set(_DROPPED_WITH_CONTENT),
    attribute_filter=_attribute,
    link_rel=LINK_REL,
)


def clean_html(html: str) -> SafeString:
    """Turn any HTML into safe HTML with web addresses made into links. Linear in the length of `html`."""
    return mark_safe(_ENFORCER.clean(_spread("".join(_tidy(html)))))  # noqa: S308 - nh3's output is what is safe here


_SLOW_CHARACTER = re.compile("[&\u00a0]")
_SPREAD_EVERY = 1_000
_RUN = re.compile(r"<[^<>]*>|[^<]+")


def _spread(tidy: str) -> str:
    """Part text with thousands of ampersands or hard spaces by <wbr>: nh3 takes quadratic time to write it."""
    if tidy.count("&") + tidy.count("\u00a0") <= _SPREAD_EVERY:
        return tidy
    return _RUN.sub(lambda run: run[0] if run[0][0] == "<" else _parted(run[0]), tidy)


def _parted(text: str) -> str:
    cuts = [found.start() for found in _SLOW_CHARACTER.finditer(text)][_SPREAD_EVERY::_SPREAD_EVERY]
    return "<wbr>".join(text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True))


_BLOCK_END = frozenset({"p", "li", "tr", "pre", "blockquote", "table", "ul", "ol"}) | HEADINGS
_SPACE_END = frozenset({"td", "th"})
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")


def html_to_text(html: str) -> str:
    """Return the words of `html`, a line for each block, entities resolved. For search and mail, never as HTML."""
    out = []
    for token in _tokens(html):
        if isinstance(token, str):
            # White space between tags is no words, but keeps words apart.
            out.append(html_entities.unescape(token) if token.strip() else " ")
        elif token.name in {"br", "hr"} or (token.closing and token.name in _BLOCK_END):
            out.append("\n")
        elif token.closing and token.name in _SPACE_END:
            out.append(" ")
        elif token.name == "img":
            out.append(html_entities.unescape(token.attributes.get("alt", "")))
    return _LINES.sub("\n", _SPACES.sub(" ", "".join(out))).strip()


# --- tidy -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Tag:
    name: str
    closing: bool
    attributes: dict[str, str] = field(default_factory=dict)


# No part can run past the next "<", so trying it at every "<" stays linear. {…}+ never backtracks.
_TAG = re.compile(
    r"""<(/?)([a-zA-Z][a-zA-Z0-9]*+)
        ((?:[\s/]++[a-zA-Z][a-zA-Z0-9_:-]*+(?:\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'=<>`]++))?+)*+)
        [\s/]*+>""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z0-9_:-]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'=<>`]++)))?+""")


def _tokens(html: str) -> Iterator[str | _Tag]:
    """Yield text (still escaped) and allowed tags. A "<" that starts no tag is text; comments and other tags vanish."""
    html = html.replace("\0", "")
    last_comment_end = html.rfind("-->")
    position = 0
    while position < len(html):
        bracket = html.find("<", position)
        if bracket < 0:
            yield html[position:]
            return
        if bracket > position:
            yield html[position:bracket]
        if html.startswith("<!--", bracket) and last_comment_end > bracket:
            position = html.find("-->", bracket + 2) + 3
            continue
        match = _TAG.match(html, bracket)
        if not match:
            yield "&lt;"
            position = bracket + 1
            continue
        position = match.end()
        name = match[2].lower()
        if name in _DROPPED_WITH_CONTENT and not match[1]:
            position = _after_content(html, name, position)
        elif name in POLICY.tags:
            yield _Tag(name, bool(match[1]), _attributes(name, match[3]))


def _after_content(html: str, name: str, position: int) -> int:
    end = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(html, position)
    if not end:
        return len(html)
    close = html.find(">", end.end() - 1)
    return len(html) if close < 0 else close + 1


def _attributes(tag: str, written: str) -> dict[str, str]:
    allowed = POLICY.attributes.get(tag)
    if not allowed or not written:
        return {}
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        if name.lower() in allowed:
            found.setdefault(name.lower(), double or single or bare)
    return found


def _tidy(html: str) -> Iterator[str]:
    """Yield balanced markup, at most `_MAX_DEPTH` deep, of allowed tags only, with web addresses linkified."""
    stack: list[str] = []
    words: list[str] = []
    for token in _tokens(html):
        if isinstance(token, str):
            words.append(token)
            continue
        if words:
            yield from _say("".join(words), stack)
            words.clear()
        yield from _close(token, stack) if token.closing else _open(token, stack)
    yield from _say("".join(words), stack)
    yield from (f"</{name}>" for name in reversed(stack))


def _say(text: str, stack: list[str]) -> Iterator[str]:
    if text.strip():
        yield from _cell(stack)
        yield from _text(text, stack)
    else:
        yield text


def _cell(stack: list[str]) -> Iterator[str]:
    """Open a cell where only a cell may stand: parsers move everything else out, to before the table."""
    if stack and stack[-1] in _AROUND_ROW:
        stack.append("tr")
        yield "<tr>"
    if stack and stack[-1] == "tr":
        stack.append("td")
        yield "<td>"


def _open(tag: _Tag, stack: list[str]) -> Iterator[str]:
    while stack and stack[-1] in _CLOSES_ITSELF.get(tag.name, ()):
        yield f"</{stack.pop()}>"
    if tag.name in _PARENTS:
        if not stack or stack[-1] not in _PARENTS[tag.name]:
            return
    else:
        yield from _cell(stack)
    if tag.name == "img" and not is_own_image(tag.attributes.get("src", "")):
        yield tag.attributes.get("alt", "").replace("<", "&lt;")
        return
    if tag.name not in _VOID and (len(stack) >= _MAX_DEPTH or (tag.name == "a" and "a" in stack)):
        return
    yield f"<{tag.name}{''.join(_written(name, value) for name, value in tag.attributes.items())}>"
    if tag.name not in _VOID:
        stack.append(tag.name)


def _written(name: str, value: str) -> str:
    return f' {name}="{value.replace(chr(34), "&quot;").replace("<", "&lt;").replace(">", "&gt;")}"'


def _close(tag: _Tag, stack: list[str]) -> Iterator[str]:
    if tag.name not in stack:
        return
    while True:
        name = stack.pop()
        yield f"</{name}>"
        if name == tag.name:
            return


# --- links ------------------------------------------------------------------------------------------

# Bare names only under the endings people here write; "manage.py" and "leesmij.md" are files.
_ENDINGS = "nl|be|eu|com|org|net|info|gov|edu|int|amsterdam|frl|de|fr|uk|lu|io|dev|app"
# Our own pattern instead of bleach's: every repetition is bounded or possessive, and a match can only
# begin where no letter, dot, slash or @ stands before it, so no text makes it look twice.
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


def _text(text: str, stack: list[str]) -> Iterator[str]:
    """Yield `text` with its web addresses as links, unless inside a link or code."""
    if not _MAYBE.search(text) or not {"a", "code", "pre"}.isdisjoint(stack):
        yield text
        return
    position = 0
    while position < len(text):
        end = position + _LINKIFY_AT_ONCE
        if end < len(text):
            # Cut at white space; where there is none, this stretch holds no address worth a link.
            space = max(text.rfind(" ", position, end), text.rfind("\n", position, end))
            if space <= position:
                yield text[position:end]
                position = end
                continue
            end = space
        yield _linker().linkify(text[position:end])
        position = end
