"""Read the daily figures of a period: totals by day, frequent queries, queries without clicks, reformulations.

Shares are of the searches that the engine answered. The zero-result rate uses the engine's own total, of searches
without filters. Click-through rate: searches with a click. Place: the harmonic mean of the rank of the best click
(1 / MRR, mean reciprocal rank), of searches with a click.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, FloatField, Max, Min, QuerySet, Sum
from django.db.models.functions import Cast

from discovery.models import DailyFigures, DailyQueryFigures, LoggedSearch


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of a day or a period, with their shares. A share is None without observations."""

    searches: int = 0
    people: int = 0
    zero: int = 0
    clicked: int = 0
    reciprocal: float = 0.0
    reformulated: int = 0
    chats: int = 0
    questions: int = 0
    day: date | None = None

    def _of_searches(self, count: int) -> float | None:
        return count / self.searches if self.searches else None

    @property
    def zero_share(self) -> float | None:
        """The zero-result rate."""
        return self._of_searches(self.zero)

    @property
    def click_through(self) -> float | None:
        """The share of searches with a click."""
        return self._of_searches(self.clicked)

    @property
    def place(self) -> float | None:
        """The harmonic mean of the rank of the best click; 1 is on top."""
        return self.clicked / self.reciprocal if self.reciprocal else None

    @property
    def asked(self) -> int:
        """Searches after which a person was asked."""
        return self.chats + self.questions

    @property
    def reformulated_share(self) -> float | None:
        """The share of searches that were reformulated."""
        return self._of_searches(self.reformulated)


COUNT_FIELDS = [name for name in Totals.__dataclass_fields__ if name != "day"]


def by_day(first: date, last: date, language: str = "") -> list[Totals]:
    """Return one `Totals` for each day, also for days without searches. One query."""
    rows = _of(DailyFigures.objects.filter(day__range=(first, last)), language)
    sums = {row.pop("day"): row for row in rows.values("day").annotate(**{f"{n}_sum": Sum(n) for n in COUNT_FIELDS})}
    totals = {day: Totals(day=day, **{n: row[f"{n}_sum"] or 0 for n in COUNT_FIELDS}) for day, row in sums.items()}
    return [totals.get(day) or Totals(day=day) for day in _days(first, last)]


def total(days: list[Totals]) -> Totals:
    """Return the sum over days. People are counted anew on each day."""
    return Totals(**{name: sum(getattr(day, name) for day in days) for name in COUNT_FIELDS})


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _of(rows: "QuerySet[Any]", language: str) -> "QuerySet[Any]":
    return rows.filter(language=language) if language else rows


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRow:
    """A query with its counts in a period."""

    text: str
    language: str
    searches: int
    people: int
    zero: int
    clicked: int
    reformulated: int
    chats: int
    questions: int
    first: date
    last: date

    @property
    def click_through(self) -> float | None:
        """The share of searches with a click."""
        return self.clicked / self.searches if self.searches else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reformulation:
    """A query that people gave up for another one, which led to a click."""

    text: str
    language: str
    found_as: str  # the other one
    searches: int
    people: int  # counted by day


QUERY_COUNTS = ["searches", "people", "zero", "clicked", "reformulated", "chats", "questions"]


def _queries(first: date, last: date, language: str) -> "QuerySet[Any, dict[str, Any]]":
    """Sum up the queries that enough people searched for: the wording of one or two shows who they are."""
    rows = _of(DailyQueryFigures.objects.filter(day__range=(first, last)), language).values("language", "text")
    found: QuerySet[Any, dict[str, Any]] = rows.annotate(
        **{f"all_{name}": Sum(name) for name in QUERY_COUNTS}, first=Min("day"), last=Max("day")
    )
    return found.filter(all_people__gte=settings.SEARCH_QUERY_PEOPLE)


def _query_rows(rows: Iterable[dict[str, Any]]) -> list[QueryRow]:
    names = ("text", "language", "first", "last")
    return [
        QueryRow(**{name: row[name] for name in names}, **{name: row[f"all_{name}"] for name in QUERY_COUNTS})
        for row in rows
    ]


def top(first: date, last: date, language: str = "", limit: int = 25) -> list[QueryRow]:
    """Return the most frequent queries."""
    return _query_rows(_queries(first, last, language).order_by("-all_searches", "text")[:limit])


def least_clicked(first: date, last: date, language: str = "", limit: int = 25) -> list[QueryRow]:
    """Return queries with hits that are seldom opened, searched for at least five times; the lowest rate first."""
    rows = _queries(first, last, language).filter(all_searches__gte=5, all_zero=0)
    share = Cast(F("all_clicked"), FloatField()) / Cast(F("all_searches"), FloatField())
    rows = rows.annotate(share=share).filter(share__lt=0.5)
    return _query_rows(rows.order_by("share", "-all_searches", "text")[:limit])


def reformulated_pairs(first: date, last: date, language: str = "", limit: int = 25) -> list[Reformulation]:
    """Return queries that several people gave up for others which led to a click, those of most people first."""
    rows = _of(LoggedSearch.objects.filter(day__range=(first, last), helped=True), language)
    pairs = rows.exclude(text="").exclude(found_as="").order_by().values("language", "text", "found_as")
    several = pairs.annotate(searches=Count("pk"), people=Count("searcher", distinct=True))
    several = several.filter(people__gte=max(2, settings.SEARCH_QUERY_PEOPLE))
    return [Reformulation(**row) for row in several.order_by("-people", "-searches", "text", "found_as")[:limit]]
