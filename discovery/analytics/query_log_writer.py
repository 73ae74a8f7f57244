"""Writing the query log: entries of requests become rows. Runs beside the requests, once a second.

Here, and not in the request, personal data is looked for: such a search is counted, its words are not kept.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from discovery.analytics import names, pseudonym
from discovery.analytics.reformulation import same_need
from discovery.models import Click, DayFigures, LoggedSearch, Outcome
from markup import personal_data

AGAIN = timedelta(minutes=2)  # other words within this time try the same thing again
TRYING = timedelta(minutes=15)  # how long somebody tries other words, at most


@dataclass(slots=True)
class Asked:
    """A search. The id is the same for the same words by the same searcher in the same hour."""

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
class Clicked:
    """A hit was opened; ranks count from 1."""

    search: uuid.UUID
    key: str
    rank: int


@dataclass(slots=True)
class Ended:
    """The searcher asked a person instead, or to be told."""

    search: uuid.UUID
    outcome: str


def looks_personal(texts: Iterable[str]) -> set[str]:
    """The texts that must not be kept."""
    distinct = list(dict.fromkeys(text for text in texts if text))
    return {text for text in distinct if personal_data.find(text)} | names.texts_with_names(distinct)


@transaction.atomic
def write(entries: list[Any], dropped: int) -> None:
    """Write entries in the order in which they came."""
    asked = _merged(entry for entry in entries if isinstance(entry, Asked))
    rows = _store(asked)
    # Clicks first: words tried after a click are a new search, not the same one again.
    clicked = _store_clicks([entry for entry in entries if isinstance(entry, Clicked)])
    _store_outcomes([entry for entry in entries if isinstance(entry, Ended)])
    _join(rows)
    _credit(clicked)
    if dropped:
        day = pseudonym.now().date()
        DayFigures.objects.get_or_create(day=day, language="")
        DayFigures.objects.filter(day=day, language="").update(dropped=F("dropped") + dropped)


def _merged(entries: Iterable[Asked]) -> dict[uuid.UUID, Asked]:
    """One entry for each search: submitted once is submitted, the widest of its filters counts."""
    merged: dict[uuid.UUID, Asked] = {}
    for entry in entries:
        first = merged.setdefault(entry.id, entry)
        if first is not entry:
            _merge(first, entry)
    return merged


def _merge(first: Any, later: Asked) -> None:
    first.typed = first.typed and later.typed
    first.filters = ",".join(sorted({*first.filters.split(","), *later.filters.split(",")} - {""}))
    if later.hits is not None:
        first.hits, first.degraded = max(first.hits or 0, later.hits), False


def _store(asked: dict[uuid.UUID, Asked]) -> list[LoggedSearch]:
    """The rows that are new, in the order in which they were asked."""
    known = LoggedSearch.objects.in_bulk(list(asked))
    for row in known.values():
        _merge(row, asked[row.pk])
    LoggedSearch.objects.bulk_update(known.values(), ["typed", "filters", "hits", "degraded"])
    new = [entry for entry in asked.values() if entry.id not in known]
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


def _store_clicks(clicks: list[Clicked]) -> list[LoggedSearch]:
    """The searches in which something was opened."""
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


def _store_outcomes(ends: list[Ended]) -> None:
    for outcome in (Outcome.CHAT, Outcome.QUESTION, Outcome.WISH):
        if searches := [end.search for end in ends if end.outcome == outcome]:
            rows = LoggedSearch.objects.filter(pk__in=searches)
            # Whoever asked a person too waits for that person.
            (rows.filter(outcome=Outcome.NONE) if outcome == Outcome.WISH else rows).update(outcome=outcome)


def _join(rows: list[LoggedSearch]) -> None:
    """Mark what was tried again in other words; drop what was only the beginning of what was typed next."""
    if not rows:
        return
    since = min(row.at for row in rows if row.at) - AGAIN
    recent = LoggedSearch.objects.filter(searcher__in={row.searcher for row in rows}, at__gte=since).order_by("at")
    earlier: dict[str, LoggedSearch] = {}
    beginnings, tried_again = [], []
    for row in recent:
        before = earlier.get(row.searcher)
        earlier[row.searcher] = row
        if before is None or row.at - before.at > AGAIN or before.clicked_rank is not None:  # type: ignore[operator]  # filtered on
            continue
        if before.typed and not before.outcome and _continues(before.text, row.text):
            beginnings.append(before.pk)
        elif not before.reformulated:
            tried_again.append(before.pk)
    if beginnings:
        LoggedSearch.objects.filter(pk__in=beginnings).delete()
    if tried_again:
        LoggedSearch.objects.filter(pk__in=tried_again).update(reformulated=True)


def _credit(clicked: list[LoggedSearch]) -> None:
    """Mark what was given up for words that led to something opened, step by step back from the click.

    What found nothing at all is only credited to words for the same thing: somebody may have gone on to another matter.
    """
    moments = [row.at for row in clicked if row.at]
    if not moments:
        return
    recent = LoggedSearch.objects.filter(
        searcher__in={row.searcher for row in clicked}, at__gte=min(moments) - TRYING, at__lte=max(moments)
    )
    earlier: dict[str, list[LoggedSearch]] = {}
    for row in recent.order_by("-at"):
        earlier.setdefault(row.searcher, []).append(row)
    helped = [row for found in clicked for row in _given_up(found, earlier.get(found.searcher, []))]
    LoggedSearch.objects.bulk_update(helped, ["helped", "found_as"])


def _given_up(found: LoggedSearch, recent: list[LoggedSearch]) -> Iterator[LoggedSearch]:
    """The searches (`recent`: the latest first) that led to `found`, each within AGAIN of the next."""
    later = found
    for row in recent:
        if row.at is None or later.at is None or row.at >= later.at:
            continue
        if later.at - row.at > AGAIN or row.clicked_rank is not None:
            return
        later = row
        if row.helped or (row.hits == 0 and not same_need(row.text, found.text, row.language)):
            continue
        row.helped, row.found_as = True, found.text
        yield row


def _continues(before: str, after: str) -> bool:
    """Whether `after` is what `before` became by typing on."""
    return bool(before) and after.startswith(before)
