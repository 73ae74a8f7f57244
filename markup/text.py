"""Convert Markdown to safe HTML and to plain text, in time proportional to the length of the source.

Some rules of markdown-it-py scan the rest of a block again for every mark in it. Here they only get parts of bounded
size: a source is parsed in chunks of at most `_CHUNK` characters, cut at blank lines where possible, and a paragraph in
pieces of at most `_PIECE`. Ordinary texts are far smaller than both, so they are never cut.
"""

import re
from collections import deque
from collections.abc import Iterator, MutableMapping, Sequence
from html import escape
from types import SimpleNamespace
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.helpers import parseLinkDestination, parseLinkLabel, parseLinkTitle
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.paragraph import paragraph
from markdown_it.rules_block.table import table
from markdown_it.rules_core import StateCore, inline, text_join
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from web.params import readable

from .clean import clean_html, html_to_text, is_allowed_address
from .tidy import is_own_image

MAX_LENGTH = 20_000

_CHUNK = 24_576
_PIECE = 4_096
_DEEPEST_BLOCK = 16
_DEEPEST_MARK = 8
_HEADING_SHIFT = 2
_DESTINATION = 100  # characters counted for the scan of a link's destination


class TooLong(ValueError):
    """The source has more characters than `max_length`."""

    def __init__(self, length: int, max_length: int) -> None:
        super().__init__(f"{length} characters; at most {max_length} are allowed")
        self.length = length
        self.max_length = max_length


def render(source: str, *, max_length: int = MAX_LENGTH) -> SafeString:
    """Return Markdown as safe HTML. Raise TooLong for more than `max_length` characters, before any work."""
    if len(source) > max_length:
        raise TooLong(len(source), max_length)
    return clean_html(_to_html(source))


def plain(source: str) -> str:
    """Return the words of Markdown without markup, a line for each block. Has no length limit."""
    return html_to_text(_to_html(source))


def shows_something(source: str) -> bool:
    """Return True if rendered Markdown has visible content. Has no length limit."""
    html = clean_html(_to_html(source))
    return "<img" in html or readable(html_to_text(html))


def verbatim(source: str) -> SafeString:
    """Return `source` as safe HTML that shows it as written."""
    return mark_safe(f"<pre>{escape(source)}</pre>")  # noqa: S308 - escaped on this line


# --- parsing ----------------------------------------------------------------------------------------

Env = MutableMapping[str, Any]


class _References(dict[str, Any]):
    """Link definitions that return nothing once their use has added more text than the source has itself."""

    def __init__(self, budget: int) -> None:
        super().__init__()
        self.budget = budget

    def get(self, label: str, default: Any = None) -> Any:
        found = super().get(label, default)
        if found:
            self.budget -= len(found["href"]) + len(found["title"])
        return found if self.budget > 0 else default


class _Inline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: Env, tokens: list[Token]) -> list[Token]:
        # Alternative texts of nested images call this recursively.
        if env["depth"] >= 2:
            tokens.append(_text_token(src))
            return tokens
        env["depth"] += 1
        for number, piece in enumerate(_cut(src, _PIECE)):
            if number:
                tokens.append(Token("softbreak", "br", 0))
            tokens += super().parse(piece, md, env, [])
        env["depth"] -= 1
        return tokens


def _text_token(content: str) -> Token:
    token = Token("text", "", 0)
    token.content = content
    return token


def _cut(text: str, size: int) -> Iterator[str]:
    """Yield `text` in parts of at most `size` characters, cut at line ends, else at spaces, else anywhere."""
    position = 0
    while len(text) - position > size:
        end = position + size
        at = text.rfind("\n", position + 1, end)
        if at < 0:
            at = text.rfind(" ", position + 1, end)
        if at < 0:
            yield text[position:end]
            position = end
        else:
            yield text[position:at]
            position = at + 1
    yield text[position:]


_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def _chunks(source: str) -> Iterator[str]:
    """Yield `source` in chunks of at most about `_CHUNK` characters, cut between blocks where possible."""
    lines: list[str] = []
    size = 0
    fence = ""
    for line in source.split("\n"):
        between = not line.strip() and not fence
        if (between and size > _CHUNK // 2) or (lines and size + len(line) > _CHUNK):
            yield "\n".join(lines) + "\n"
            # Continue a code block as code.
            lines = [fence] if fence else []
            size = len(fence)
        for part in _cut(line, _CHUNK):
            if len(line) > _CHUNK and lines:
                yield "\n".join(lines) + "\n"
                lines, size = [], 0
            lines.append(part)
            size += len(part) + 1
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[0][:40]
        elif mark and mark[1].startswith(fence.strip()):
            fence = ""
    yield "\n".join(lines)


def _to_html(source: str) -> str:
    source = re.sub(r"\r\n?", "\n", source).replace("\0", "\ufffd")
    env: Env = {
        "depth": 0,
        "cells": len(source) // 8 + 500,
        "looks": 10 * len(source) + 20_000,
        "references": _References(len(source) + 10_000),
    }
    # Parse all blocks first: a link may be defined after its use. Then render chunk by chunk, to save memory.
    chunks = deque(_MARKDOWN.block.parse(chunk, _MARKDOWN, env, []) or [] for chunk in _chunks(source))
    html = []
    while chunks:
        state = StateCore("", _MARKDOWN, env, chunks.popleft())
        inline(state)
        text_join(state)
        _adapt(state.tokens)
        html.append(_MARKDOWN.renderer.render(state.tokens, _MARKDOWN.options, env))
    return "".join(html)


def _adapt(tokens: list[Token]) -> None:
    """Lower headings below the page's own, align cells by class, flatten the deepest emphasis."""
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + _HEADING_SHIFT, 6)}"
        elif token.type in {"td_open", "th_open"} and token.attrs:
            # The Content-Security-Policy forbids style attributes.
            align = str(token.attrs.pop("style")).removeprefix("text-align:")
            token.attrs["class"] = {"left": "text-start", "right": "text-end"}.get(align, "text-center")
        elif token.children:
            token.children = list(_shallow(token.children))


def _shallow(tokens: list[Token]) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        depth -= token.nesting < 0
        if token.nesting == 0 or depth < _DEEPEST_MARK:
            yield token
        depth += token.nesting > 0


# --- rules of our own -------------------------------------------------------------------------------


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Make everything beyond the deepest nesting a paragraph; markdown-it itself would drop the text."""
    return not silent and state.level >= _DEEPEST_BLOCK and paragraph(state, start, end, silent)


def _table_ends(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """End a table once the empty cells that complete its rows outgrow the source."""
    if not silent or state.parentType != "table":
        return False
    if state.tokens[-1].type == "thead_close":
        state.env["columns"] = _columns(state.tokens)
    state.env["cells"] -= state.env.get("columns", 1)
    return bool(state.env["cells"] < 0)


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a table, unless earlier tables used all cells allowed for a source of this length."""
    return bool(state.env["cells"] >= 0) and table(state, start, end, silent)


def _label(state: StateInline, start: int, disable_nested: bool = False) -> int:
    """Return the end of a link's label, or -1 for none.

    Each "[" scans the rest of its piece for that end and for the link's destination. Return -1 also once these scans
    together have taken a multiple of the length of the source.
    """
    if state.env["looks"] <= 0:
        return -1
    end = parseLinkLabel(state, start, disable_nested)
    state.env["looks"] -= (state.posMax if end < 0 else end) - start
    if end >= 0 and state.src.startswith("(", end + 1):
        state.env["looks"] -= _DESTINATION
    return end


def _columns(tokens: list[Token]) -> int:
    count = 0
    for token in reversed(tokens):
        if token.type == "thead_open":
            break
        count += token.type == "th_open"
    return count


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Env) -> str:
    """Render our own picture; replace a picture elsewhere by its text with a link, so that no request goes to that
    server.
    """
    token = tokens[index]
    src = str(token.attrs["src"])
    alt = escape(renderer.renderInlineAsText(token.children, options, env) if token.children else "")
    if is_own_image(src):
        return f'<img src="{escape(src)}" alt="{alt}">'
    if any(t.type == "link_open" for t in tokens[max(0, index - 50) : index]):
        return alt
    return f'<a href="{escape(src)}">{alt or escape(src)}</a>' if src else alt


def _parser() -> MarkdownIt:
    md = MarkdownIt()
    md.inline = _Inline()
    md.helpers = SimpleNamespace(  # type: ignore[assignment]  # a module; rules use these three functions of it
        parseLinkLabel=_label, parseLinkDestination=parseLinkDestination, parseLinkTitle=parseLinkTitle
    )
    md.configure(
        "commonmark",
        {"html": False, "linkify": False, "maxNesting": _DEEPEST_BLOCK + 4},
    )
    md.enable(["table", "strikethrough"])
    md.disable(["html_block", "html_inline"])
    md.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.before("table", "too_deep", _too_deep)
    md.block.ruler.before("fence", "table_ends", _table_ends, {"alt": ["blockquote"]})
    md.validateLink = is_allowed_address  # type: ignore[method-assign]  # its documented way
    md.add_render_rule("image", _image)
    return md


_MARKDOWN = _parser()
