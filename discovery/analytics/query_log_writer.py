"""Write the entries of the query log to the database, once a second, outside of requests.

Personal data is looked for here, so that no request waits for it: such a search is counted without its text.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from discovery.analytics import person_names, pseudonym
from discovery.analytics.reformulation import same_need
from discovery.models import Click, DailyFigures, LoggedSearch, Outcome
from markup import personal_data

REFORMULATION = timedelta(minutes=2)  # other words within this time are a reformulation
SESSION = timedelta(minutes=15)  # the longest sequence of reformulations


@dataclass(slots=True)
class SearchEntry:
    """A search. The same words by the same searcher in the same hour have the same id."""

    id: uuid.UUID
    text: str
    language: str
    at: datetime
    searcher: str
    hits: int | None
    unfit: bool = False
    degraded: bool = False
    typed: bool = False
    filters: str = ""


@dataclass(slots=True)
class ClickEntry:
    """A hit that was opened. Ranks count from 1."""

    search: uuid.UUID
    key: str
    rank: int


@dataclass(slots=True)
class OutcomeEntry:
    """What the searcher did instead: ask a person, or ask for a search alert."""

    search: uuid.UUID
    outcome: str


Entry = SearchEntry | ClickEntry | OutcomeEntry


def looks_personal(texts: Iterable[str]) -> set[str]:
    """Return the texts that may contain personal data and must not be stored."""
    distinct = list(dict.fromkeys(text for text in texts if text))
    return {text for text in distinct if personal_data.find(text)} | person_names.texts_with_person_names(distinct)


@transaction.atomic
def write(entries: list[Entry], dropped: int) -> None:
    """Write entries in their order, and count those that the buffer dropped."""
    searches = _merged(entry for entry in entries if isinstance(entry, SearchEntry))
    rows = _store(searches)
    # Clicks first: other words after a click are a new search, not a reformulation.
    clicked = _store_clicks([entry for entry in entries if isinstance(entry, ClickEntry)])
    _store_outcomes([entry for entry in entries if isinstance(entry, OutcomeEntry)])
    _mark_reformulations(rows)
    _mark_helped(clicked)
    if dropped:
        day = pseudonym.now().date()
        DailyFigures.objects.get_or_create(day=day, language="")
        DailyFigures.objects.filter(day=day, language="").update(dropped=F("dropped") + dropped)


def _merged(entries: Iterable[SearchEntry]) -> dict[uuid.UUID, SearchEntry]:
    """Return one entry for each search."""
    merged: dict[uuid.UUID, SearchEntry] = {}
    for entry in entries:
        first = merged.setdefault(entry.id, entry)
        if first is not entry:
            _merge(first, entry)
    return merged


def _merge(first: SearchEntry | LoggedSearch, later: SearchEntry) -> None:
    """Merge a later entry of the same search: submitted once counts as submitted, and the most hits count."""
    first.typed = first.typed and later.typed
    first.filters = ",".join(sorted({*first.filters.split(","), *later.filters.split(",")} - {""}))
    if later.hits is not None:
        first.hits, first.degraded = max(first.hits or 0, later.hits), False


def _store(searches: dict[uuid.UUID, SearchEntry]) -> list[LoggedSearch]:
    """Store searches. Return the rows that are new, in their order."""
    known = LoggedSearch.objects.in_bulk(list(searches))
    for row in known.values():
        _merge(row, searches[row.pk])
    LoggedSearch.objects.bulk_update(known.values(), ["typed", "filters", "hits", "degraded"])
    new = [entry for entry in searches.values() if entry.id not in known]
    hidden = looks_personal(entry.text for entry in new)
    rows = [
        LoggedSearch(
            id=entry.id,
            text="" if entry.text in hidden else entry.text,
            personal=entry.text in hidden,
            language=entry.language,
            day=entry.at.date(),
            hour=entry.at.hour,
            at=entry.at,
            searcher=entry.searcher,
            hits=entry.hits,
            unfit=entry.unfit,
            degraded=entry.degraded,
            typed=entry.typed,
            filters=entry.filters,
        )
        for entry in new
    ]
    LoggedSearch.objects.bulk_create(rows, ignore_conflicts=True)
    return rows


def _store_clicks(clicks: list[ClickEntry]) -> list[LoggedSearch]:
    """Store clicks. Return their searches."""
    known = LoggedSearch.objects.in_bulk({click.search for click in clicks}) if clicks else {}
    wanted = [click for click in clicks if click.search in known]
    Click.objects.bulk_create(
        [Click(search_id=click.search, key=click.key[:120], rank=click.rank) for click in wanted],
        ignore_conflicts=True,
    )
    for click in wanted:
        row = known[click.search]
        row.clicked_rank = min(click.rank, row.clicked_rank or click.rank)
    LoggedSearch.objects.bulk_update(known.values(), ["clicked_rank"])
    return list(known.values())


def _store_outcomes(ends: list[OutcomeEntry]) -> None:
    for outcome in (Outcome.CHAT, Outcome.QUESTION, Outcome.ALERT):
        if searches := [end.search for end in ends if end.outcome == outcome]:
            rows = LoggedSearch.objects.filter(pk__in=searches)
            # A searcher who asked a person as well waits for that person.
            (rows.filter(outcome=Outcome.NONE) if outcome == Outcome.ALERT else rows).update(outcome=outcome)


def _mark_reformulations(rows: list[LoggedSearch]) -> None:
    """Mark searches that were reformulated; delete those that were only the beginning of what was typed next."""
    if not rows:
        return
    since = min(row.at for row in rows if row.at) - REFORMULATION
    recent = LoggedSearch.objects.filter(searcher__in={row.searcher for row in rows}, at__gte=since).order_by("at")
    earlier: dict[str, LoggedSearch] = {}
    beginnings, reformulated = [], []
    for row in recent:
        before = earlier.get(row.searcher)
        earlier[row.searcher] = row
        if before is None or row.at - before.at > REFORMULATION or before.clicked_rank is not None:  # type: ignore[operator]  # filtered on
            continue
        if before.typed and not before.outcome and _continues(before.text, row.text):
            beginnings.append(before.pk)
        elif not before.reformulated:
            reformulated.append(before.pk)
    if beginnings:
        LoggedSearch.objects.filter(pk__in=beginnings).delete()
    if reformulated:
        LoggedSearch.objects.filter(pk__in=reformulated).update(reformulated=True)


def _mark_helped(clicked: list[LoggedSearch]) -> None:
    """Mark searches whose reformulation led to a click, going back from the click one reformulation at a time.

    A search without any hit is marked only if the later words are for the same thing: people may have changed subject.
    """
    moments = [row.at for row in clicked if row.at]
    if not moments:
        return
    recent = LoggedSearch.objects.filter(
        searcher__in={row.searcher for row in clicked}, at__gte=min(moments) - SESSION, at__lte=max(moments)
    )
    earlier: dict[str, list[LoggedSearch]] = {}
    for row in recent.order_by("-at"):
        earlier.setdefault(row.searcher, []).append(row)
    helped = [row for found in clicked for row in _given_up(found, earlier.get(found.searcher, []))]
    LoggedSearch.objects.bulk_update(helped, ["helped", "found_as"])


def _given_up(found: LoggedSearch, recent: list[LoggedSearch]) -> Iterator[LoggedSearch]:
    """Return the searches that were given up for `found`, each within REFORMULATION of the next.

    `recent`: the same searcher's, the latest first.
    """
    later = found
    for row in recent:
        if row.at is None or later.at is None or row.at >= later.at:
            continue
        if later.at - row.at > REFORMULATION or row.clicked_rank is not None:
            return
        later = row
        if row.helped or (row.hits == 0 and not same_need(row.text, found.text, row.language)):
            continue
        row.helped, row.found_as = True, found.text
        yield row


def _continues(before: str, after: str) -> bool:
    """Return True if `after` is `before` with more typed."""
    return bool(before) and after.startswith(before)
