"""Figures over the query log: a day's searches become counts, and counts are read for a period.

Shares are over the searches that the engine answered. Zero results are counted by the engine's own total, of searches
without filters. Click-through: searches with a click. Place: where what was opened stood, as the harmonic mean of the
rank of the best click (1 / MRR, mean reciprocal rank), of searches with one.

What is a gap. A query without a click is none by itself: the page may have answered it ("good abandonment": Li, Huffman
and Tokuda, SIGIR 2009). Other words soon after say that it did not, but success comes in steps, and a sequence that
ends in a click succeeded (Hassan, Shi, Craswell and Ramsey, "Beyond clicks: query reformulation as a predictor of
search satisfaction", CIKM 2013). So what was abandoned for words that led to something opened is no gap
(`LoggedSearch.helped`): its words are missing, not its answer.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, FloatField, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Cast

from discovery.analytics import gaps, pseudonym
from discovery.analytics.gaps import Vain
from discovery.models import DayFigures, Gap, LoggedSearch, Outcome, QueryFigures

ZERO = Q(hits=0, filters="")
# Nothing found; or something, but not it and nothing was opened: the page said so itself, other words were tried (and
# did not help either), or a person was asked. Whoever asks to be told says so, whatever they opened.
PERSON = Q(outcome__in=[Outcome.CHAT, Outcome.QUESTION])
ASKED = Q(outcome=Outcome.WISH) | (Q(clicked_rank=None) & PERSON)
GAP = ASKED | (Q(helped=False) & (ZERO | (Q(clicked_rank=None) & (Q(unfit=True, filters="") | Q(reformulated=True)))))
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
    "gap_zero": Count("pk", filter=GAP & ZERO),
    "gap_chats": Count("pk", filter=GAP & Q(outcome=Outcome.CHAT)),
    "gap_questions": Count("pk", filter=GAP & Q(outcome=Outcome.QUESTION)),
    "gap_retried": Count("pk", filter=GAP & ~PERSON & Q(reformulated=True)),
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
    asked = {"asked": Max("at", filter=GAP)}
    queries = counts(rows.filter(degraded=False).exclude(text=""), "language", "text", **COUNTS, **GAP_COUNTS, **asked)
    known = gaps.notice([Vain(day=day, **_only(row, Vain)) for row in queries if row["gaps"]])
    people = _people_once(rows, known)
    QueryFigures.objects.filter(day=day).delete()
    QueryFigures.objects.bulk_create(
        [
            QueryFigures(
                day=day,
                gap_id=known.get(_key(row)) if row["gaps"] else None,
                **{name: row[name] for name in row if name != "asked"} | people.get(_key(row), {}),
            )
            for row in queries
        ],
        batch_size=500,
    )
    gaps.call(day)


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return row["language"], row["text"]


def _people_once(rows: "QuerySet[Any]", known: dict[tuple[str, str], int]) -> dict[tuple[str, str], dict[str, int]]:
    """`gap_people` of queries that are one gap with others: who asked it in several wordings counts in one of them."""
    wordings = Counter(known.values())
    shared = {key: gap for key, gap in known.items() if wordings[gap] > 1}
    if not shared:
        return {}
    asked = rows.filter(GAP, degraded=False).exclude(text="").order_by("text")
    counted: dict[tuple[str, str], int] = dict.fromkeys(shared, 0)
    seen: set[tuple[int, str]] = set()
    for language, text, who in asked.values_list("language", "text", "searcher").distinct():
        gap = shared.get((language, text))
        if gap is not None and (gap, who) not in seen:
            seen.add((gap, who))
            counted[language, text] += 1
    return {key: {"gap_people": number} for key, number in counted.items()}


def _only(row: dict[str, Any], kind: Any) -> dict[str, Any]:
    return {name: row[name] for name in kind.__dataclass_fields__ if name in row}


def open_days() -> list[date]:
    """Days whose searches may still change: those with moments."""
    return list(LoggedSearch.objects.filter(at__isnull=False).order_by("day").values_list("day", flat=True).distinct())


def close(day: date) -> None:
    """A day is over: forget at which moments its searches were."""
    LoggedSearch.objects.filter(day=day).update(at=None)
    gaps.forget_moments(day)


def purge(days: int | None = None) -> int:
    """Delete searches and queries older than `days` (settings.SEARCH_LOG_DAYS), and gaps that nobody asked since;
    figures of days stay. How many searches."""
    before = pseudonym.now().date() - timedelta(days=settings.SEARCH_LOG_DAYS if days is None else days)
    QueryFigures.objects.filter(day__lt=before).delete()
    Gap.objects.filter(figures=None).delete()
    return LoggedSearch.objects.filter(day__lt=before).delete()[1].get(LoggedSearch._meta.label, 0)


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
    def place(self) -> float | None:
        """Where what was opened stood, 1 is on top: the harmonic mean, over searches with a click."""
        return self.clicked / self.reciprocal if self.reciprocal else None

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
    found: QuerySet[Any, dict[str, Any]] = rows.values("language", "text").annotate(
        **{f"n_{name}": Sum(name) for name in NAMES}, last=Max("day"), first=Min("day")
    )
    return found


def _of_several(rows: "QuerySet[Any, dict[str, Any]]") -> "QuerySet[Any, dict[str, Any]]":
    """Those that enough people searched for: the wording of one or two is theirs."""
    return rows.filter(n_people__gte=settings.SEARCH_QUERY_PEOPLE)


def top(first: date, last: date, language: str = "", limit: int = 25) -> list[dict[str, Any]]:
    """What was asked most."""
    return list(_of_several(queries(first, last, language)).order_by("-n_searches", "text")[:limit])


def least_clicked(first: date, last: date, language: str = "", limit: int = 25) -> list[dict[str, Any]]:
    """Queries that find something which is seldom opened, asked at least five times; the worst first."""
    rows = _of_several(queries(first, last, language)).filter(n_searches__gte=5, n_zero=0)
    share = Cast(F("n_clicked"), FloatField()) / Cast(F("n_searches"), FloatField())
    return list(rows.annotate(share=share).filter(share__lt=0.5).order_by("share", "-n_searches", "text")[:limit])


def found_otherwise(first: date, last: date, language: str = "", limit: int = 25) -> list[dict[str, Any]]:
    """Words that several people gave up for others (`found_as`), which led to something opened: by how many people,
    then how often. People are counted for each day."""
    rows = _of(LoggedSearch.objects.filter(day__range=(first, last), helped=True), language)
    pairs = rows.exclude(text="").exclude(found_as="").order_by().values("language", "text", "found_as")
    several = pairs.annotate(n_searches=Count("pk"), n_people=Count("searcher", distinct=True))
    several = several.filter(n_people__gte=max(2, settings.SEARCH_QUERY_PEOPLE))
    return list(several.order_by("-n_people", "-n_searches", "text", "found_as")[:limit])
