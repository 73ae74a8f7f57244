"""Count the searches of a day into daily figures and gaps, and delete what is too old.

What counts as a gap. A query without a click is no gap by itself: the page may have answered it ("good abandonment":
Li, Huffman and Tokuda, SIGIR 2009). A reformulation soon after means that it did not, but a sequence that ends in a
click succeeded (Hassan, Shi, Craswell and Ramsey, "Beyond clicks: query reformulation as a predictor of search
satisfaction", CIKM 2013). So a query that was abandoned for words which led to a click is no gap
(`LoggedSearch.helped`): a synonym is missing, not an answer.
"""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, FloatField, Max, Q, QuerySet, Sum
from django.db.models.functions import Cast

from discovery.analytics import gaps, pseudonym
from discovery.analytics.gaps import UnansweredQuery
from discovery.models import DailyFigures, DailyQueryFigures, Gap, LoggedSearch, Outcome

ZERO = Q(hits=0, filters="")
# A search without an answer: without hits; or without a click, if the page itself said that its hits are about
# something else, if a reformulation did not help either, or if a person was asked. Somebody who asks for a search alert
# has no answer, whatever they opened.
PERSON = Q(outcome__in=[Outcome.CHAT, Outcome.QUESTION])
ASKED = Q(outcome=Outcome.ALERT) | (Q(clicked_rank=None) & PERSON)
GAP = ASKED | (Q(helped=False) & (ZERO | (Q(clicked_rank=None) & (Q(unfit=True, filters="") | Q(reformulated=True)))))
# The sums of each search; `counts` keeps their names apart from those of fields.
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
    """Return the aggregates `which` for each combination of the fields `by`, under their names.

    An aggregate may have the name of a field.
    """
    found = rows.order_by().values(*by).annotate(**{f"count_{name}": count for name, count in which.items()})
    return [{name.removeprefix("count_"): value for name, value in row.items()} for row in found]


@transaction.atomic
def roll_up(day: date) -> None:
    """Count one day's searches again. Safe to repeat as long as its searches are stored."""
    rows = LoggedSearch.objects.filter(day=day)
    lost = {
        "personal": Count("pk", filter=Q(personal=True)),
        "degraded": Count("pk", filter=Q(degraded=True)),
    }
    answered = {row["language"]: row for row in counts(rows.filter(degraded=False), "language", **COUNTS)}
    DailyFigures.objects.filter(day=day).exclude(language="").delete()
    DailyFigures.objects.bulk_create(
        DailyFigures(day=day, **row | answered.get(row["language"], {})) for row in counts(rows, "language", **lost)
    )
    last = {"asked": Max("at", filter=GAP)}
    queries = counts(rows.filter(degraded=False).exclude(text=""), "language", "text", **COUNTS, **GAP_COUNTS, **last)
    known = gaps.record_unanswered([_unanswered(day, row) for row in queries if row["gaps"]])
    people = _people_once(rows, known)
    DailyQueryFigures.objects.filter(day=day).delete()
    DailyQueryFigures.objects.bulk_create(
        [
            DailyQueryFigures(
                day=day,
                gap_id=known.get(_key(row)) if row["gaps"] else None,
                **{name: row[name] for name in row if name != "asked"} | people.get(_key(row), {}),
            )
            for row in queries
        ],
        batch_size=500,
    )
    gaps.retitle(day)


def _unanswered(day: date, row: dict[str, Any]) -> UnansweredQuery:
    names = ("language", "text", "gaps", "gap_zero", "asked")
    return UnansweredQuery(day=day, **{name: row[name] for name in names})


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return row["language"], row["text"]


def _people_once(rows: "QuerySet[Any]", known: dict[tuple[str, str], int]) -> dict[tuple[str, str], dict[str, int]]:
    """Return `gap_people` of queries that share a gap: people count in one wording only, however many they used."""
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


def log_state() -> tuple[Any, ...]:
    """Return a value that changes whenever something is logged for a day that is not closed."""
    rows = LoggedSearch.objects.filter(at__isnull=False)
    aggregates = {f"count_{name}": count for name, count in COUNTS.items()}
    return tuple(rows.aggregate(**aggregates, last=Max("at")).values())


def open_days() -> list[date]:
    """Return the days whose searches may still change: those with times."""
    return list(LoggedSearch.objects.filter(at__isnull=False).order_by("day").values_list("day", flat=True).distinct())


def close_day(day: date) -> None:
    """Empty the times of searches of a day that is over."""
    LoggedSearch.objects.filter(day=day).update(at=None)
    gaps.forget_times(day)


def purge(days: int | None = None) -> int:
    """Delete searches and queries older than `days` (settings.SEARCH_LOG_DAYS), and gaps without any query left.

    Daily figures stay. Return the number of searches deleted.
    """
    before = pseudonym.now().date() - timedelta(days=settings.SEARCH_LOG_DAYS if days is None else days)
    DailyQueryFigures.objects.filter(day__lt=before).delete()
    Gap.objects.filter(figures=None).delete()
    return LoggedSearch.objects.filter(day__lt=before).delete()[1].get(LoggedSearch._meta.label, 0)
