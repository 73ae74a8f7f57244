"""Best bets and demotions: documents that curators put on top, or at the bottom, of a query's results.

A row applies to a query when one of its queries has the same set of stems, stop words aside.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from search.curation.synonyms import read_term
from search.language import LANGUAGES
from search.language.analysis import Analysis

MAX_PINNED = 5  # pages on top of one query's results


class BestBetRule(NamedTuple):
    """A row of a curator."""

    document: str  # key
    queries: tuple[str, ...]  # empty for every query (demotions)
    language: str = ""  # "" for every language
    demotion: bool = False
    order: int = 1
    until: date | None = None


class Placement(NamedTuple):
    """Document keys to place for one query."""

    pinned: tuple[str, ...] = ()  # in their order
    demoted: frozenset[str] = frozenset()


NO_PLACEMENT = Placement()


class BestBets:
    """All rules. Threads share an instance."""

    def __init__(self, bets: Iterable[BestBetRule] = ()) -> None:
        self.bets = tuple(sorted(bets, key=_place))
        self._everywhere = tuple(bet for bet in self.bets if not bet.queries and bet.demotion)
        self._indexes: dict[str, tuple[Analysis, dict[frozenset[str], list[BestBetRule]]]] = {}

    @classmethod
    def of(cls, rows: Iterable[Any]) -> "BestBets":
        """Return the rules of `BestBet` rows."""
        return cls(
            BestBetRule(row.document, tuple(row.query_list), row.language, row.kind == "demotion", row.order, row.until)
            for row in rows
        )

    def placement(self, text: str, analysis: Analysis, today: date) -> Placement:
        """Return what is placed on top and at the bottom for a query. Nothing for a query without words."""
        if not self.bets:
            return NO_PLACEMENT
        applying: list[BestBetRule] = []
        for language in LANGUAGES:
            if stems := _stems(text, language, analysis):
                applying += self._index(language, analysis).get(stems, ())
        applying = [bet for bet in sorted(dict.fromkeys(applying), key=_place) if _holds(bet, today)]
        down = {bet.document for bet in applying if bet.demotion}
        pinned = dict.fromkeys(bet.document for bet in applying if bet.document not in down)
        # A rule for this query takes precedence over a rule for every query.
        down |= {bet.document for bet in self._everywhere if bet.document not in pinned and _holds(bet, today)}
        return Placement(tuple(pinned)[:MAX_PINNED], frozenset(down))

    def _index(self, language: str, analysis: Analysis) -> dict[frozenset[str], list[BestBetRule]]:
        known = self._indexes.get(language)
        if known is None or known[0] is not analysis:
            index: dict[frozenset[str], list[BestBetRule]] = {}
            for bet in self.bets:
                for query in bet.queries if bet.language in ("", language) else ():
                    index.setdefault(_stems(query, language, analysis), []).append(bet)
            known = self._indexes[language] = analysis, index
        return known[1]


def _stems(text: str, language: str, analysis: Analysis) -> frozenset[str]:
    return frozenset(word.stem for word in read_term(text, language, analysis))


def _place(bet: BestBetRule) -> tuple[int, str]:
    return bet.order, bet.document


def _holds(bet: BestBetRule, today: date) -> bool:
    return bet.until is None or bet.until >= today
