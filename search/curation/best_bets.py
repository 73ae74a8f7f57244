"""Best bets and demotions: documents that curators put on top, or at the bottom, of what a query finds.

A query is one of a row's when it has the same stems, in whichever order and number, stop words aside.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from search.curation.synonyms import Reader, read_term
from search.language import LANGUAGES

MOST_PINNED = 5  # on top of one query's results


class Bet(NamedTuple):
    """A curator's row."""

    document: str  # key
    queries: tuple[str, ...]  # none: every query (demotions)
    language: str = ""  # "" for every language
    demotion: bool = False
    order: int = 1
    until: date | None = None


class Placed(NamedTuple):
    """What the rows say of one query: document keys."""

    pinned: tuple[str, ...] = ()  # in their order
    demoted: frozenset[str] = frozenset()


NOWHERE = Placed()


class Bets:
    """All rows. Threads share an instance."""

    def __init__(self, bets: Iterable[Bet] = ()) -> None:
        self.bets = tuple(sorted(bets, key=_place))
        self._everywhere = tuple(bet for bet in self.bets if not bet.queries and bet.demotion)
        self._indexes: dict[str, tuple[Reader, dict[frozenset[str], list[Bet]]]] = {}

    @classmethod
    def of(cls, rows: Iterable[Any]) -> "Bets":
        """The bets of `BestBet` rows."""
        return cls(
            Bet(row.document, tuple(row.query_list), row.language, row.kind == "demotion", row.order, row.until)
            for row in rows
        )

    def place(self, text: str, reader: Reader, today: date) -> Placed:
        """What stands on top and what at the bottom for a query. A query without words has neither."""
        if not self.bets:
            return NOWHERE
        asked: list[Bet] = []
        for language in LANGUAGES:
            if stems := _stems(text, language, reader):
                asked += self._index(language, reader).get(stems, ())
        asked = [bet for bet in sorted(dict.fromkeys(asked), key=_place) if _holds(bet, today)]
        down = {bet.document for bet in asked if bet.demotion}
        pinned = dict.fromkeys(bet.document for bet in asked if bet.document not in down)
        # What is said of this query goes before what is said of every query.
        down |= {bet.document for bet in self._everywhere if bet.document not in pinned and _holds(bet, today)}
        return Placed(tuple(pinned)[:MOST_PINNED], frozenset(down))

    def _index(self, language: str, reader: Reader) -> dict[frozenset[str], list[Bet]]:
        known = self._indexes.get(language)
        if known is None or known[0] is not reader:
            index: dict[frozenset[str], list[Bet]] = {}
            for bet in self.bets:
                for query in bet.queries if bet.language in ("", language) else ():
                    index.setdefault(_stems(query, language, reader), []).append(bet)
            known = self._indexes[language] = reader, index
        return known[1]


def _stems(text: str, language: str, reader: Reader) -> frozenset[str]:
    return frozenset(word.stem for word in read_term(text, language, reader))


def _place(bet: Bet) -> tuple[int, str]:
    return bet.order, bet.document


def _holds(bet: Bet, today: date) -> bool:
    return bet.until is None or bet.until >= today
