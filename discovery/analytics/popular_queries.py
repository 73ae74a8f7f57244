"""What the query log teaches: which past queries may be suggested, and when too much is asked in vain."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Sum

from discovery.analytics import gap_report, metrics, pseudonym, query_log
from discovery.models import Click, DayFigures, GoodQuery, LoggedSearch, QueryFigures, ShareAlert
from discovery.notices import zero_results_high
from search import coverage, sources, vocabulary
from search.sources import Document
from search.viewers import EVERYBODY

SEVERAL = 5  # different searchers, counted by day
ONE_DAY = 2  # of them on one day: nobody makes a suggestion on their own, day after day
MOST_GOOD = 2_000
MOST_TOLD = 3  # gaps that an alert names


def choose_good() -> int:
    """Choose the past queries that may be suggested to anybody; how many.

    Asked by at least SEVERAL searchers; opened was something that everybody may see now; and most of the words are in
    it, so that a text cannot become a suggestion for what else it says.
    """
    candidates = (
        QueryFigures.objects.values("language", "text")
        .annotate(all_people=Sum("people"), most=Max("people"), opened=Sum("clicked"))
        .filter(all_people__gte=SEVERAL, most__gte=ONE_DAY, opened__gt=0)
        .order_by("-all_people", "text")[:MOST_GOOD]
    )
    asked = {(row["language"], row["text"]): row["all_people"] for row in candidates}
    opened = _opened(set(asked))
    public = _public({key for keys in opened.values() for key in keys})
    good = []
    for (language, text), people in asked.items():
        documents = [public[key] for key in opened.get((language, text), ()) if key in public]
        if documents and not coverage.missing_words(text, documents, vocabulary.current()):
            good.append(GoodQuery(language=language, text=text, people=people))
    with transaction.atomic():
        GoodQuery.objects.all().delete()
        GoodQuery.objects.bulk_create(good, batch_size=500)
    query_log.good.clear()
    return len(good)


def _opened(queries: set[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """The documents that were opened after each query."""
    texts = list({text for _language, text in queries})
    found: dict[tuple[str, str], set[str]] = {}
    for start in range(0, len(texts), 500):
        clicks = Click.objects.filter(search__text__in=texts[start : start + 500])
        for language, text, key in clicks.values_list("search__language", "search__text", "key").distinct():
            found.setdefault((language, text), set()).add(key)
    return found


def _public(keys: set[str]) -> dict[str, Document]:
    """Those of the documents that everybody may see, as they are now."""
    found: dict[str, Document] = {}
    for kind, pks in sources.by_kind(keys).items():
        source = sources.get(kind)
        if source and not source.on_request_only:
            visible = source.visible_to(EVERYBODY).order_by().values("pk")
            for start in range(0, len(pks), 500):
                rows = source.queryset().filter(pk__in=pks[start : start + 500]).filter(pk__in=visible)
                found |= {source.key(row.pk): source.to_document(row) for row in rows}
    return found


def watch() -> ShareAlert | None:
    """Tell when the share of searches that find nothing has passed the threshold; once for each period."""
    today = pseudonym.now().date()
    days = settings.SEARCH_ALERT_DAYS
    period = today - timedelta(days=today.toordinal() % days)
    if ShareAlert.objects.filter(period=period).exists():
        return None
    recent = DayFigures.objects.filter(day__gt=today - timedelta(days=days), day__lte=today)
    counts: dict[str, Any] = recent.aggregate(searches=Sum("searches", default=0), zero=Sum("zero", default=0))
    if counts["searches"] < settings.SEARCH_ALERT_SEARCHES:
        return None
    if 100 * counts["zero"] < settings.SEARCH_ALERT_PERCENT * counts["searches"]:
        return None
    missed = gap_report.gaps(today - timedelta(days=days - 1), today, limit=MOST_TOLD)
    with transaction.atomic():
        alert, fresh = ShareAlert.objects.get_or_create(period=period, defaults=counts)
        if fresh:
            zero_results_high(alert=alert, days=days, missed=[row["text"] for row in missed])
    return alert if fresh else None


def state() -> tuple[Any, ...]:
    """Changes when something was logged for a day that is not closed."""
    rows = LoggedSearch.objects.filter(at__isnull=False)
    counts = {f"count_{name}": count for name, count in metrics.COUNTS.items()}
    return tuple(rows.aggregate(**counts, last=Max("at")).values())
