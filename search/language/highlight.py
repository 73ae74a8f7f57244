"""Marking a query's words in a fresh text, by the analysis that found it: no engine stores texts or computes
fragments."""

from html import escape
from typing import NamedTuple

from search.language.analysis import Analysis

_FRAGMENT = 240  # characters


class Span(NamedTuple):
    """A place in a text."""

    start: int
    end: int


def wanted_stems(query: str, language: str, analysis: Analysis) -> frozenset[str]:
    """The stems by which a query finds words, as read in the language of the text to mark."""
    found: set[str] = set()
    for _, word in analysis.words(query, language):
        if not word.stop:
            found |= {word.stem, *word.parts}
    return frozenset(found)


def spans(text: str, language: str, wanted: frozenset[str], analysis: Analysis) -> list[Span]:
    """The words of a text that a query found, compounds by a part included."""
    return [
        Span(token.start, token.end)
        for token, word in analysis.words(text, language)
        if not word.stop and (word.stem in wanted or not wanted.isdisjoint(word.parts))
    ]


def fragment(text: str, marks: list[Span], size: int = _FRAGMENT) -> Span:
    """The stretch of about `size` characters with most marks, cut at spaces."""
    best, most = 0, 0
    for number, mark in enumerate(marks):
        inside = sum(other.end <= mark.start + size for other in marks[number : number + 30])
        if inside > most:
            best, most = mark.start, inside
    start = max(0, best - size // 6)
    if start:
        start = text.find(" ", start, best) + 1 or best
    end = start + size
    if end < len(text):
        end = max(text.rfind(" ", start, end), best + 1)
    return Span(start, min(end, len(text)))


def highlighted(text: str, language: str, wanted: frozenset[str], analysis: Analysis, size: int = _FRAGMENT) -> str:
    """HTML of the best fragment with its found words in <mark>, everything else escaped."""
    text = text[:20_000]
    marks = spans(text, language, wanted, analysis)
    piece = fragment(text, marks, size)
    html, at = [], piece.start
    for mark in marks:
        if mark.start >= at and mark.end <= piece.end:
            html.append(f"{escape(text[at : mark.start])}<mark>{escape(text[mark.start : mark.end])}</mark>")
            at = mark.end
    html.append(escape(text[at : piece.end]))
    return ("… " if piece.start else "") + "".join(html) + (" …" if piece.end < len(text) else "")
