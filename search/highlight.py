"""Marking the words that were asked for, in the text as it is now. The same analysis as the index."""

from html import escape

from django.utils.safestring import SafeString, mark_safe

from search import analysis
from search.ranking import LONGEST_QUERY

WIDTH = 240  # characters of a snippet
READ = 10_000  # characters of a body that are looked through


class Marker:
    """Marks the telling words of one query in any number of texts."""

    def __init__(self, text: str) -> None:
        found = [word.text for word in analysis.words(text[:LONGEST_QUERY])]
        self.terms: dict[str, set[str]] = {
            language: {
                analysis.term(word, language)
                for word in found
                if not analysis.is_stopword(word, language) and not analysis.is_weak(word, language)
            }
            - {""}
            for language in analysis.LANGUAGES
        }

    def whole(self, text: str, language: str = "") -> SafeString:
        """The whole text as HTML with the words marked."""
        return _html(text, self._spans(text, language))

    def snippet(self, text: str, language: str = "") -> SafeString:
        """The piece of the text with the most different words asked for, as HTML; its beginning when there is none."""
        text = text[:READ]
        spans = self._spans(text, language)
        start = self._best_start(text, spans, language)
        end = len(text) if len(text) - start <= WIDTH else text.rfind(" ", start, start + WIDTH) + 1 or start + WIDTH
        inside = [(a - start, b - start) for a, b in spans if a >= start and b <= end]
        before, after = "… " if start else "", " …" if end < len(text) else ""
        return mark_safe(before + _html(text[start:end].rstrip(), inside) + after)  # noqa: S308 # _html escapes

    def _spans(self, text: str, language: str) -> list[tuple[int, int]]:
        wanted = [(each, self.terms[each]) for each in analysis.languages_of(language)]
        if not any(terms for _, terms in wanted):
            return []
        return [
            (word.start, word.end)
            for word in analysis.words(text)
            if any(analysis.term(word.text, each) in terms for each, terms in wanted)
        ]

    def _best_start(self, text: str, spans: list[tuple[int, int]], language: str) -> int:
        each = analysis.languages_of(language)[0]
        best, start = 0, 0
        terms = [analysis.term(text[a:b], each) for a, b in spans]
        for index, (begin, _) in enumerate(spans[:200]):
            within = {t for (a, _), t in zip(spans[index:], terms[index:], strict=True) if a < begin + WIDTH - 40}
            if len(within) > best:
                best, start = len(within), begin
        if start < WIDTH // 3:
            return 0
        # Begin at the sentence, or a few words before.
        sentence = max(text.rfind(mark, max(start - 80, 0), start) for mark in (". ", "? ", "! ", "\n"))
        return sentence + 2 if sentence >= 0 else text.find(" ", max(start - 40, 0), start) + 1


def _html(text: str, spans: list[tuple[int, int]]) -> SafeString:
    parts, last = [], 0
    for start, end in spans:
        parts += [escape(text[last:start]), "<mark>", escape(text[start:end]), "</mark>"]
        last = end
    return mark_safe("".join([*parts, escape(text[last:])]))  # noqa: S308 # every piece is escaped
