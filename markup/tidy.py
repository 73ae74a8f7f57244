"""Make any HTML balanced and shallow, with allowed tags only, in one pass.

This does not make it safe: it keeps what follows (markup/clean.py) from slowing down.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# The attributes of each allowed tag.
Allowed = Mapping[str, frozenset[str]]
# Writes text inside the given elements.
Write = Callable[[str, Sequence[str]], Iterator[str]]

# Elements whose text is not meant to be read: it is dropped with the tag.
DROPPED_WITH_CONTENT = frozenset(
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

_OWN_IMAGE = re.compile(r"/(?:files|documents)(?:/[\w-][\w.-]*+)++", re.ASCII)


def is_own_image(src: str) -> bool:
    """Return True for a path below /files/ or /documents/. Another server would learn who reads what."""
    return len(src) <= 500 and ".." not in src and _OWN_IMAGE.fullmatch(src) is not None


def tidy(html: str, *, allowed: Allowed, write: Write) -> str:
    """Return `html` balanced, at most 48 deep, with only `allowed` tags and attributes, its text written by `write`."""
    return _spread("".join(_tidied(html, allowed, write)))


@dataclass(slots=True)
class Tag:
    name: str
    closing: bool
    attributes: dict[str, str] = field(default_factory=dict)


# No part can match beyond the next "<", so trying it at every "<" stays linear. {…}+ never backtracks.
_TAG = re.compile(
    r"""<(/?)([a-zA-Z][a-zA-Z0-9]*+)
        ((?:[\s/]++[a-zA-Z][a-zA-Z0-9_:-]*+(?:\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'=<>`]++))?+)*+)
        [\s/]*+>""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z0-9_:-]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'=<>`]++)))?+""")


def tokens(html: str, allowed: Allowed) -> Iterator[str | Tag]:
    """Yield text (still escaped) and allowed tags.

    A "<" that starts no tag is text. Comments and other tags are dropped.
    """
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
        if name in DROPPED_WITH_CONTENT and not match[1]:
            position = _after_content(html, name, position)
        elif name in allowed:
            yield Tag(name, bool(match[1]), _attributes(allowed[name], match[3]))


def _after_content(html: str, name: str, position: int) -> int:
    end = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(html, position)
    if not end:
        return len(html)
    close = html.find(">", end.end() - 1)
    return len(html) if close < 0 else close + 1


def _attributes(allowed: frozenset[str], written: str) -> dict[str, str]:
    if not allowed or not written:
        return {}
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        if name.lower() in allowed:
            found.setdefault(name.lower(), double or single or bare)
    return found


def _tidied(html: str, allowed: Allowed, write: Write) -> Iterator[str]:
    stack: list[str] = []
    words: list[str] = []
    for token in tokens(html, allowed):
        if isinstance(token, str):
            words.append(token)
            continue
        if words:
            yield from _say("".join(words), stack, write)
            words.clear()
        yield from _close(token, stack) if token.closing else _open(token, stack)
    yield from _say("".join(words), stack, write)
    yield from (f"</{name}>" for name in reversed(stack))


def _say(text: str, stack: list[str], write: Write) -> Iterator[str]:
    if text.strip():
        yield from _cell(stack)
        yield from write(text, stack)
    else:
        yield text


def _cell(stack: list[str]) -> Iterator[str]:
    """Open a cell where only a cell is allowed: parsers move anything else to before the table."""
    if stack and stack[-1] in _AROUND_ROW:
        stack.append("tr")
        yield "<tr>"
    if stack and stack[-1] == "tr":
        stack.append("td")
        yield "<td>"


def _open(tag: Tag, stack: list[str]) -> Iterator[str]:
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


def _close(tag: Tag, stack: list[str]) -> Iterator[str]:
    if tag.name not in stack:
        return
    while True:
        name = stack.pop()
        yield f"</{name}>"
        if name == tag.name:
            return


_SLOW_CHARACTER = re.compile("[&\u00a0]")
_SPREAD_EVERY = 1_000
_RUN = re.compile(r"<[^<>]*>|[^<]+")


def _spread(tidy: str) -> str:
    """Split text with thousands of ampersands or non-breaking spaces by <wbr>: nh3 takes quadratic time to write it."""
    if tidy.count("&") + tidy.count("\u00a0") <= _SPREAD_EVERY:
        return tidy
    return _RUN.sub(lambda run: run[0] if run[0][0] == "<" else _parted(run[0]), tidy)


def _parted(text: str) -> str:
    cuts = [found.start() for found in _SLOW_CHARACTER.finditer(text)][_SPREAD_EVERY::_SPREAD_EVERY]
    return "<wbr>".join(text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True))
