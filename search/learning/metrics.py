"""Figures over the query log: a day's searches become counts, and counts are read for a period.

Shares are over the searches that the engine answered. Zero results are counted by the engine's own total, of searches
without filters. Click-through: searches with a click. MRR: the mean of 1/rank of the best click, of those with one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, FloatField, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Cast

from search.learning import searcher
from search.models import DayFigures, LoggedSearch, Outcome, QueryFigures

ZERO = Q(hits=0, filters="")
# Nothing found; or something, but not it and nothing was opened: the page said so itself, other words were tried, or a
# person was asked.
GAP = ZERO | (Q(clicked_rank=None) & (Q(unfit=True, filters="") | Q(reformulated=True) | ~Q(outcome=Outcome.NONE)))
# Under names of their own, since a field and its count may share a name.
COUNTS: dict[str, Any] = {
    "searches": Count("pk"),
    "people": Count("searcher", distinct=True),
    "zero": Count("pk", filter=ZERO),
    "clicked": Count("clicked_rank"),
    "reciprocal": Sum(1.0 / Cast("clicked_rank", FloatField()), default=0.0),
    "reformulated": Count("pk", filter=Q(reformulated=True)),
    "chats": Count("pk", filter=Q(outcome=Outcome.CHAT)),
    "questions": Count("pk", filter=Q(outcome=Outcome.QUESTION)),
}
GAP_COUNTS: dict[str, Any] = {
    "gaps": Count("pk", filter=GAP),
    "gap_people": Count("searcher", filter=GAP, distinct=True),
}


def counts(rows: "QuerySet[Any]", *by: str, **which: Any) -> list[dict[str, Any]]:
    """These counts for each value of `by`, under their names."""
    found = rows.order_by().values(*by).annotate(**{f"count_{name}": count for name, count in which.items()})
    return [{name.removeprefix("count_"): value for name, value in row.items()} for row in found]


@transaction.atomic
def roll_up(day: date) -> None:
    """Count one day's searches anew. Safe to repeat while its searches are there."""
    rows = LoggedSearch.objects.filter(day=day)
    lost = {
        "personal": Count("pk", filter=Q(personal=True)),
        "degraded": Count("pk", filter=Q(degraded=True)),
    }
    answered = {row["language"]: row for row in counts(rows.filter(degraded=False), "language", **COUNTS)}
    DayFigures.objects.filter(day=day).exclude(language="").delete()
    DayFigures.objects.bulk_create(
        DayFigures(day=day, **row | answered.get(row["language"], {})) for row in counts(rows, "language", **lost)
    )
    queries = counts(rows.filter(degraded=False).exclude(text=""), "language", "text", **COUNTS, **GAP_COUNTS)
    QueryFigures.objects.filter(day=day).delete()
    QueryFigures.objects.bulk_create([QueryFigures(day=day, **row) for row in queries], batch_size=500)


def open_days() -> list[date]:
    """Days whose searches may still change: those with moments."""
    return list(LoggedSearch.objects.filter(at__isnull=False).order_by("day").values_list("day", flat=True).distinct())


def close(day: date) -> None:
    """A day is over: forget at which moments its searches were."""
    LoggedSearch.objects.filter(day=day).update(at=None)


def purge(days: int | None = None) -> int:
    """Delete searches and queries older than `days` (settings.SEARCH_LOG_DAYS); figures of days stay. How many."""
    before = searcher.now().date() - timedelta(days=settings.SEARCH_LOG_DAYS if days is None else days)
    QueryFigures.objects.filter(day__lt=before).delete()
    return LoggedSearch.objects.filter(day__lt=before).delete()[1].get("search.LoggedSearch", 0)


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of a day or a period, and the shares that follow from them. A share is None without observations."""

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
        """Searches that found nothing."""
        return self._of_searches(self.zero)

    @property
    def click_through(self) -> float | None:
        """Searches with a click."""
        return self._of_searches(self.clicked)

    @property
    def mrr(self) -> float | None:
        """Mean reciprocal rank of the best click, over searches with a click."""
        return self.reciprocal / self.clicked if self.clicked else None

    @property
    def asked(self) -> int:
        """Searches that ended with a person."""
        return self.chats + self.questions

    @property
    def reformulated_share(self) -> float | None:
        """Searches tried again in other words."""
        return self._of_searches(self.reformulated)


NAMES = [name for name in Totals.__dataclass_fields__ if name != "day"]


def by_day(first: date, last: date, language: str = "") -> list[Totals]:
    """One `Totals` for each day, the empty ones too. One query."""
    rows = _of(DayFigures.objects.filter(day__range=(first, last)), language)
    sums = {row.pop("day"): row for row in rows.values("day").annotate(**{f"{n}_sum": Sum(n) for n in NAMES})}
    return [
        Totals(day=day, **{name: sums[day][f"{name}_sum"] or 0 for name in NAMES}) if day in sums else Totals(day=day)
        for day in _days(first, last)
    ]


def total(days: list[Totals]) -> Totals:
    """The sum over days. People are counted for each day."""
    return Totals(**{name: sum(getattr(day, name) for day in days) for name in NAMES})


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _of(rows: "QuerySet[Any]", language: str) -> "QuerySet[Any]":
    return rows.filter(language=language) if language else rows


def queries(first: date, last: date, language: str = "", **only: Any) -> "QuerySet[Any, dict[str, Any]]":
    """Queries of a period with their sums under the names of QueryFigures, as dictionaries. To be ordered and cut.
    `only`: conditions on their days."""
    rows = _of(QueryFigures.objects.filter(day__range=(first, last), **only), language)
    sums = {name: Sum(f"{name}") for name in [*NAMES, "gaps", "gap_people"]}
    found: QuerySet[Any, dict[str, Any]] = rows.values("language", "text").annotate(
        **{f"n_{name}": value for name, value in sums.items()}, last=Max("day"), first=Min("day")
    )
    return found


def gaps(first: date, last: date, language: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """What was asked in vain, by how many people first, then by how often. Other counts are of days with a gap."""
    rows = queries(first, last, language, gaps__gt=0)
    return list(rows.order_by("-n_gap_people", "-n_gaps", "text")[:limit])


def top(first: date, last: date, language: str = "", limit: int = 25) -> list[dict[str, Any]]:
    """What was asked most."""
    return list(queries(first, last, language).order_by("-n_searches", "text")[:limit])


def least_clicked(first: date, last: date, language: str = "", limit: int = 25) -> list[dict[str, Any]]:
    """Queries that find something which is seldom opened, asked at least five times; the worst first."""
    rows = queries(first, last, language).filter(n_searches__gte=5, n_zero=0)
    share = Cast(F("n_clicked"), FloatField()) / Cast(F("n_searches"), FloatField())
    return list(rows.annotate(share=share).filter(share__lt=0.5).order_by("share", "-n_searches", "text")[:limit])
