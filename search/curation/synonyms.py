"""Synonyms of a query's words. They are applied to queries alone, so that a change needs no reindexing.

A term matches by the stems of its words, stop words aside. Each rule is applied once, never to the result of another
rule, so loops do no harm.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from search.language.analysis import Analysis, Word

MAX_ALTERNATIVES = 30  # for one query in one language


class SynonymRule(NamedTuple):
    """A row of a curator: terms that find each other or, with `to`, terms that find those as well."""

    language: str  # "" for every language
    terms: tuple[str, ...]
    to: tuple[str, ...] = ()


class Alternative(NamedTuple):
    """A synonym of the words of a query from `start` up to `end`, stop words not counted."""

    start: int
    end: int
    words: tuple[Word, ...]
    text: str  # as the curator wrote it
    instead: str  # the curator's term for those words of the query


class _Entry(NamedTuple):
    term: str
    others: tuple[tuple[str, tuple[Word, ...]], ...]  # text and words


_terms: WeakKeyDictionary[Analysis, dict[tuple[str, str], tuple[Word, ...]]] = WeakKeyDictionary()
_MAX_CACHED = 100_000  # terms

_Entries = dict[tuple[str, ...], list[_Entry]]


class _Index(NamedTuple):
    entries: _Entries  # by the stems of a term
    longest: int  # words of the longest term


class Synonyms:
    """All rules. Threads share an instance."""

    def __init__(self, rules: Iterable[SynonymRule] = ()) -> None:
        self.rules = tuple(rules)
        self._indexes: dict[str, tuple[Analysis, _Index]] = {}

    @classmethod
    def of(cls, rows: Iterable[Any]) -> "Synonyms":
        """Return the rules of `Synonym` rows."""
        return cls(SynonymRule(row.language, tuple(row.term_list), tuple(row.to_list)) for row in rows)

    def expand(self, words: Sequence[Word], language: str, analysis: Analysis) -> list[Alternative]:
        """What the words of a query (without stop words, as `reader` reads that language) may be called as well.

        Longer terms come first; the same alternative for the same words comes once.
        """
        if not self.rules:
            return []
        entries, longest = self._index(language, analysis)
        stems = [word.stem for word in words]
        found: dict[tuple[int, int, tuple[str, ...]], Alternative] = {}
        for length in range(min(longest, len(stems)), 0, -1):
            for start in range(len(stems) - length + 1):
                here = tuple(stems[start : start + length])
                for entry in entries.get(here, ()):
                    for text, other in entry.others:
                        key = start, start + length, _stems(other)
                        if key[2] != here and key not in found:
                            found[key] = Alternative(start, start + length, other, text, entry.term)
        return list(found.values())[:MAX_ALTERNATIVES]

    def _index(self, language: str, analysis: Analysis) -> _Index:
        known = self._indexes.get(language)
        if known is None or known[0] is not analysis:
            known = self._indexes[language] = analysis, self._build(language, analysis)
        return known[1]

    def _build(self, language: str, analysis: Analysis) -> _Index:
        entries: _Entries = {}
        for rule in self.rules:
            if rule.language not in ("", language):
                continue
            terms = [(term, _cached_term(term, language, analysis)) for term in rule.terms]
            to = [(term, _cached_term(term, language, analysis)) for term in rule.to]
            for term, words in terms:
                others = to or [other for other in terms if other[0] != term]
                if words:
                    entry = _Entry(term, tuple((text, other) for text, other in others if other))
                    entries.setdefault(_stems(words), []).append(entry)
        return _Index(entries, max(map(len, entries), default=0))


def read_term(term: str, language: str, analysis: Analysis) -> tuple[Word, ...]:
    """Return a term's words without stop words. A term of stop words alone, such as `IT`, is a name: it keeps them."""
    words = [word for _, word in analysis.words(term, language)]
    return tuple(word for word in words if not word.stop) or tuple(words)


def _cached_term(term: str, language: str, analysis: Analysis) -> tuple[Word, ...]:
    # A change of one row makes a new instance of all rules; their terms need not be analysed again.
    known = _terms.setdefault(analysis, {})
    words = known.get((term, language))
    if words is None:
        if len(known) > _MAX_CACHED:
            known.clear()
        words = known[term, language] = read_term(term, language, analysis)
    return words


def _stems(words: Iterable[Word]) -> tuple[str, ...]:
    return tuple(word.stem for word in words)


def outermost(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans that do not overlap, the longest first."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(spans), key=lambda span: (span[0] - span[1], span)):
        if all(end <= low or high <= start for low, high in kept):
            kept.append((start, end))
    return kept


NO_SYNONYMS = Synonyms()
