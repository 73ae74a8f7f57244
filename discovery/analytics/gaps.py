"""Gaps: queries without an answer, until search finds one or a curator decides that none will be written.

The daily count records them (`record_unanswered`). A job searches for them again when documents, vectors or the
curators' rows changed (`recheck_open`). A document that could be found already when people searched does not close a
gap. A document that is new or changed since then does; so does any public one if people found nothing at all. When
people search for it in vain after that, the gap is open again and counted from that day.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from accounts.audiences import Person, reader_keys
from accounts.audit import record
from accounts.permissions import require
from discovery.analytics import answer_finder, pseudonym
from discovery.models import DailyQueryFigures, Gap, Progress
from discovery.permissions import can_curate
from search.curation import snapshot
from search.embeddings import store
from search.language.wording import words
from search.sources import Document
from search.viewers import PUBLIC, AudienceViewer
from web import job_states

BATCH, BUDGET = 50, 0.3  # gaps and seconds of one run
State = Gap.State
JOB = "discovery.recheck_gaps"
SOON = 2.0  # seconds from a change until gaps are tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredQuery:
    """A query without an answer on a day."""

    day: date
    language: str
    text: str
    gaps: int  # times
    gap_zero: int  # of those, without any hit
    asked: datetime | None  # the last search; None once the day is closed


@transaction.atomic
def record_unanswered(queries: list[UnansweredQuery]) -> dict[tuple[str, str], int]:
    """Create or update the gap of each query. Return their primary keys by language and text.

    An answered gap is opened again if somebody searched in vain after the answer. Queries in nearly the same words
    share a gap. Safe to repeat.
    """
    groups: dict[tuple[str, str], list[UnansweredQuery]] = {}
    for each in queries:
        groups.setdefault((each.language, words(each.text, each.language)), []).append(each)
    merged = {key: _merge_wordings(group) for key, group in groups.items()}
    rows = Gap.objects.select_for_update()  # a curator may hide one meanwhile
    batches = _batches(sorted({own for _language, own in merged}))
    known = {(gap.language, gap.words): gap for batch in batches for gap in rows.filter(words__in=batch)}
    known |= _with_outdated_words({key: each.text for key, each in merged.items() if key not in known})
    missing = [key for key in merged if key not in known]
    made = [Gap(language=key[0], words=key[1], text=merged[key].text, since=merged[key].day) for key in missing]
    known |= {(gap.language, gap.words): gap for gap in Gap.objects.bulk_create(made, batch_size=500)}
    changed = [known[key] for key, each in merged.items() if _merge(known[key], each)]
    Gap.objects.bulk_update(changed, ["asked", "empty", "looked", "state", "since"], batch_size=500)
    return {(each.language, each.text): known[key].pk for key, group in groups.items() for each in group}


def _with_outdated_words(texts: dict[tuple[str, str], str]) -> dict[tuple[str, str], Gap]:
    """Find gaps by their text and update their words, which an older version of the stemmer made.

    `texts` and the returned gaps are by language and words.
    """
    found: dict[tuple[str, str], Gap] = {}
    for batch in _batches(sorted(set(texts.values()))):
        there = {(gap.language, gap.text): gap for gap in Gap.objects.select_for_update().filter(text__in=batch)}
        found |= {key: there[key[0], text] for key, text in texts.items() if (key[0], text) in there}
    for (_language, own), gap in found.items():
        Gap.objects.filter(pk=gap.pk).update(words=own)
    return found


def _merge_wordings(group: list[UnansweredQuery]) -> UnansweredQuery:
    """Add up the counts of several wordings, under the most frequent of them."""
    most = max(group, key=lambda each: each.gaps)
    moments = [each.asked for each in group if each.asked is not None]
    return replace(
        most,
        gaps=sum(each.gaps for each in group),
        gap_zero=sum(each.gap_zero for each in group),
        asked=max(moments, default=None),
    )


def retitle(day: date) -> None:
    """Title each gap of a day with its most frequent wording."""
    rows = DailyQueryFigures.objects.filter(gap__in=DailyQueryFigures.objects.filter(day=day, gaps__gt=0).values("gap"))
    wordings = rows.order_by().values_list("gap", "gap__text", "text").annotate(n=Sum("gaps"))
    most_frequent: dict[int, tuple[str, str]] = {}
    for gap, title, text, _n in wordings.order_by("gap", "-n", "text"):
        most_frequent.setdefault(gap, (title, text))
    for gap, (title, text) in most_frequent.items():
        if title != text:
            Gap.objects.filter(pk=gap).update(text=text)


def _batches(all_words: list[str]) -> Iterator[list[str]]:
    return (all_words[start : start + 500] for start in range(0, len(all_words), 500))


def _merge(gap: Gap, query: UnansweredQuery) -> bool:
    """Merge new searches into a gap, unsaved. Return True if there were any."""
    if query.asked is None or (gap.asked is not None and query.asked <= gap.asked):
        return False
    gap.asked, gap.empty, gap.looked = query.asked, query.gap_zero == query.gaps, None
    if gap.state == State.ANSWERED and gap.answered is not None and query.asked > gap.answered:
        gap.state, gap.since = State.OPEN, query.day
    return True


def forget_times(day: date) -> None:
    """Empty the times of searches of a day that is over."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), pseudonym.now().tzinfo)
    Gap.objects.filter(asked__lt=midnight).update(asked=None)


def mark_search_changed() -> None:
    """Search may find more than before, so open gaps must be checked again."""
    if not Progress.objects.filter(pk=1).update(changes=F("changes") + 1):
        Progress.objects.get_or_create(pk=1)
    job_states.wake(JOB, seconds=SOON)


def recheck_open(budget: float = BUDGET) -> int:
    """Search again for gaps that may have an answer by now, those never tried first. Return how many were answered.

    Stops after the gap with which `budget` seconds are over.
    """
    if not answer_finder.ready():
        return 0
    changes = _changes()
    until, answered, viewer = time.monotonic() + budget, 0, None
    for gap in _to_check(changes):
        viewer = viewer or AudienceViewer(reader_keys() | {PUBLIC})
        found = answer_finder.find_answers(gap.text, viewer=viewer, language=gap.language)
        if found is None:
            break  # the engine does not answer: tried again in the next run
        answered += _check(gap, found, changes)
        if time.monotonic() > until:
            break
    return answered


def _changes() -> int:
    """Return how often search changed so far; a change of the curators' rows is noticed here."""
    progress, _new = Progress.objects.get_or_create(pk=1)
    if progress.curation != (token := snapshot.current().token):
        Progress.objects.filter(pk=1).update(changes=F("changes") + 1, curation=token)
        progress.refresh_from_db()
    return progress.changes


def unfinished() -> bool:
    """Return True if gaps are still to be checked."""
    return _never_tried().exists() or _outdated(_changes()).exists()


def _never_tried() -> "QuerySet[Gap]":
    return Gap.objects.filter(state=State.OPEN, looked=None)


def _outdated(changes: int) -> "QuerySet[Gap]":
    return Gap.objects.filter(state=State.OPEN, looked__isnull=False, checked__lt=changes)


def _to_check(changes: int) -> list[Gap]:
    never = list(_never_tried().order_by("-pk")[:BATCH])
    return never or list(_outdated(changes).order_by("looked", "-pk")[:BATCH])


def _check(gap: Gap, found: list[Document], changes: int) -> bool:
    """Store what search finds for a gap now. Return True if that answers it."""
    # Only the first: what is listed behind an answer that people could find already is not what they missed.
    new = found[:1] if found and _is_new(gap, found[0]) else []
    values: dict[str, Any] = {
        "looked": timezone.now(),
        "checked": changes,
        "seen": gap.seen | {document.key: _digest(document) for document in found},
    }
    if new:
        values |= {"state": State.ANSWERED, "answered": timezone.now(), "answer": new[0].key}
    # Unless it was hidden, or searched for again, meanwhile.
    kept = Gap.objects.filter(pk=gap.pk, state=State.OPEN, asked=gap.asked).update(**values)
    return bool(kept and new)


def _is_new(gap: Gap, document: Document) -> bool:
    """Return True if people could not find the document, as it is now, when they searched."""
    if gap.seen.get(document.key) == _digest(document):
        return False
    if gap.looked is not None:
        return True
    if gap.empty and PUBLIC in document.audience:
        return True
    return gap.asked is not None and document.updated > gap.asked


def _digest(document: Document) -> str:
    """Return a digest of a document's text, audience and whether it is solved; votes and views do not change it."""
    audience = crc32(" ".join(sorted(document.audience)).encode())
    return f"{store.digest(document)[:12]}{audience:08x}{'s' * document.solved}"


@transaction.atomic
def hide(*, by: Person, gap: Gap, reason: str, note: str = "") -> None:
    """Take a gap off the list, since no answer will be written. `reason` is one of Gap.Reason.

    Raises PermissionDenied; ValueError for an unknown reason.
    """
    require(can_curate(by))
    gap.reason, gap.note = Gap.Reason(reason), " ".join(note.split())[:250]
    gap.state, gap.hidden, gap.hidden_by_id = State.HIDDEN, timezone.now(), by.user.pk
    gap.save(update_fields=["state", "hidden", "hidden_by", "reason", "note"])
    details = {"text": gap.text, "language": gap.language, "reason": gap.reason, "note": gap.note}
    record("search.gap_hidden", by=by.user, target=gap, **details)


@transaction.atomic
def reopen(*, by: Person, gap: Gap) -> None:
    """Put a hidden or answered gap back on the list. Raises PermissionDenied."""
    require(can_curate(by))
    gap.state, gap.hidden, gap.hidden_by, gap.reason, gap.note = State.OPEN, None, None, "", ""
    gap.answer, gap.answered = "", None
    gap.save(update_fields=["state", "hidden", "hidden_by", "reason", "note", "answer", "answered"])
    details = {"text": gap.text, "language": gap.language}
    record("search.gap_reopened", by=by.user, target=gap, **details)
