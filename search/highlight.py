"""Highlighting: the words of a query marked in a text as it is now, by the same analysis as the index."""

import re
from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe

from search import ranking
from search.curation.synonyms import NO_SYNONYMS, Synonyms
from search.language.analysis import Analysis
from search.language.tokens import folded_words

SNIPPET_LENGTH = 240  # characters of a snippet
BODY_LENGTH = 10_000  # characters of a body that are read
_FIRST = 200  # marks that are compared
_BETWEEN = re.compile(r"(?<![.?!:;,…\n])\n+|\t")  # blocks without closing punctuation, and table cells


class Highlighter:
    """Marks the content words of one query in any number of texts."""

    def __init__(
        self, text: str, analysis: Analysis, synonyms: Synonyms = NO_SYNONYMS, phrases: Iterable[str] = ()
    ) -> None:
        self.analysis = analysis
        query = ranking.analyse_query(text, "", analysis, synonyms)
        self.terms = {
            language: frozenset(term for word in words for term in (word.stem, *word.parts))
            | {word.stem for other in query.alternatives[language] for word in other.words}
            for language, words in query.words.items()
        }

        self.phrases = [words for phrase in phrases if (words := folded_words(phrase))]

    def whole(self, text: str, language: str) -> SafeString:
        """Return the whole text as HTML with the words marked."""
        return highlight(text, [(start, end) for start, end, _ in self._marks(text, language)])

    def snippet(self, text: str, language: str) -> SafeString:
        """Return the part of the text with the most query words, as HTML; its beginning when it has none."""
        text = text[:BODY_LENGTH]
        marks = self._marks(text, language)
        start = _best_start(text, marks)
        end = (
            len(text)
            if len(text) - start <= SNIPPET_LENGTH
            else text.rfind(" ", start, start + SNIPPET_LENGTH) + 1 or start + SNIPPET_LENGTH
        )
        inside = [(a - start, b - start) for a, b, _ in marks if a >= start and b <= end]
        before, after = "…\u00a0" if start else "", "\u00a0…" if end < len(text) else ""  # never on a line of its own
        shown = _BETWEEN.sub(" · ", highlight(text[start:end].rstrip(), inside))
        return mark_safe(before + shown + after)  # noqa: S308 # marked() escapes

    def _marks(self, text: str, language: str) -> list[tuple[int, int, str]]:
        """Return start, end and stem of the query words in a text, compounds with such a part included."""
        wanted = self.terms.get(language) or frozenset()
        if not self.phrases:
            found = self.analysis.among(text, language, wanted) if wanted else []
            return [(token.start, token.end, word.stem) for token, word in found]
        words = self.analysis.words(text, language)
        quoted = _places([token.text for token, _ in words], self.phrases)
        return [
            (token.start, token.end, word.stem)
            for at, (token, word) in enumerate(words)
            if at in quoted or (not word.stop and not wanted.isdisjoint((word.stem, *word.parts)))
        ]


def _places(words: list[str], phrases: list[list[str]]) -> frozenset[int]:
    """Return the positions of the words that are in one of the phrases."""
    return frozenset(
        at + offset
        for phrase in phrases
        for at in range(len(words) - len(phrase) + 1)
        if words[at] == phrase[0] and words[at : at + len(phrase)] == phrase
        for offset in range(len(phrase))
    )


def _best_start(text: str, marks: list[tuple[int, int, str]]) -> int:
    best, start = 0, 0
    for index, (begin, _, _) in enumerate(marks[:_FIRST]):
        within = {stem for at, _, stem in marks[index : index + _FIRST] if at < begin + SNIPPET_LENGTH - 40}
        if len(within) > best:
            best, start = len(within), begin
    if start < SNIPPET_LENGTH // 3:
        return 0
    # Begin at the sentence, or a few words before.
    near = text[max(start - 80, 0) : start]
    back = min((len(near) - near.rfind(end) - len(end) for end in (". ", "? ", "! ", "\n") if end in near), default=-1)
    return start - back if back >= 0 else text.find(" ", max(start - 40, 0), start) + 1


def highlight(text: str, spans: list[tuple[int, int]]) -> SafeString:
    """Return the text as HTML with these spans marked. They are in order and do not overlap."""
    parts, last = [], 0
    for start, end in spans:
        parts += [escape(text[last:start]), "<mark>", escape(text[start:end]), "</mark>"]
        last = end
    return mark_safe("".join([*parts, escape(text[last:])]))  # noqa: S308 # every piece is escaped
