"""Excerpts of clean HTML for cards: whole paragraphs or sentences, without pictures, tables and headings."""

import html as html_entities
import re

from django.utils.safestring import SafeString

from .clean import HEADINGS, POLICY, clean_html
from .tidy import Tag, tokens

_ALLOWED = {tag: frozenset(POLICY.attributes.get(tag, ())) for tag in POLICY.tags}
_VOID = frozenset({"br", "hr", "wbr"})
_BLOCKS = frozenset({"p", "li", "pre", "blockquote"}) | HEADINGS
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]?(?=\s)")


def excerpt(html: str, *, length: int = 400) -> SafeString:
    """Return about the first `length` characters of clean HTML, cut after a sentence or a block, as clean HTML.

    It ends in "…" only if not even the first sentence fits. Headings become bold lines. Pictures are removed, and so is
    everything from the first table on.
    """
    cutter = _Cutter(length)
    for token in tokens(html, _ALLOWED):
        if not (cutter.text(token) if isinstance(token, str) else cutter.tag(token)):
            break
    return clean_html(cutter.html())


class _Cutter:
    def __init__(self, room: int) -> None:
        self.room = room  # characters that still fit
        self.out: list[str] = []
        self.open: list[str] = []
        self.block: tuple[int, tuple[str, ...]] | None = None  # where the last block ended

    def text(self, escaped: str) -> bool:
        """Add a text token. Return False if it is the last one."""
        text = html_entities.unescape(escaped)
        if len(text) <= self.room:
            self.room -= len(text)
            self.out.append(escaped)
            return True
        ends = [match.end() for match in _SENTENCE_END.finditer(text[: self.room + 1])]
        if ends:
            self.out.append(html_entities.escape(text[: ends[-1]]))
        elif self.block:
            length, still_open = self.block
            self.out, self.open = self.out[:length], list(still_open)
        else:
            self.out.append(html_entities.escape((text[: self.room].rpartition(" ")[0] or text[: self.room]) + "…"))
        return False

    def tag(self, tag: Tag) -> bool:
        """Add a tag. Return False if nothing may follow."""
        if tag.name == "table":
            return False
        if tag.name == "img":
            return True
        name = "p" if tag.name in HEADINGS else tag.name
        if tag.closing:
            self._close(name)
            if tag.name in _BLOCKS:
                self.block = len(self.out), tuple(self.open)
            return True
        attributes = "".join(f' {key}="{html_entities.escape(value)}"' for key, value in tag.attributes.items())
        self.out.append(f"<{name}{attributes}>")
        if name not in _VOID:
            self.open.append(name)
        if tag.name in HEADINGS:
            self.out.append("<strong>")
            self.open.append("strong")
        return True

    def _close(self, name: str) -> None:
        while name in self.open:
            last = self.open.pop()
            self.out.append(f"</{last}>")
            if last == name:
                return

    def html(self) -> str:
        """Return the excerpt with all open tags closed."""
        return "".join([*self.out, *(f"</{name}>" for name in reversed(self.open))])
