"""Gaps: what was asked in vain, until search finds an answer to it or a curator says that none is to be written.

Counting notes them (`notice`). A job tries them again when something changed that search works with: a document, a
vector, what curators told search (`work`). What could be found already when it was asked in vain does not close it; a
document that is new or another since then does, and so does anything public when nothing at all was found. Asked in
vain again after that, it is open again, and counted from that day.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from accounts.audiences import reader_keys
from accounts.audit import record
from discovery.analytics import answering, pseudonym
from discovery.models import Gap, Progress, QueryFigures
from discovery.permissions import can_curate
from search.curation import snapshot
from search.embeddings import store
from search.language.wording import words
from search.sources import Document
from search.viewers import PUBLIC, Readers
from web import job_states

BATCH, BUDGET = 50, 0.3  # gaps and seconds of one round
State = Gap.State
JOB = "discovery.retry_gaps"
SOON = 2.0  # seconds from a change until gaps are tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Vain:
    """A query that was asked in vain on a day."""

    day: date
    language: str
    text: str
    gaps: int  # times
    gap_zero: int  # of which nothing was found
    asked: datetime | None  # the last time; none once the day is closed


@transaction.atomic
def notice(vain: list[Vain]) -> dict[tuple[str, str], int]:
    """The gap of each query, by language and text: made where there is none, opened again when it was asked in vain
    after it was answered. Queries in nearly the same words are one gap. Safe to repeat."""
    groups: dict[tuple[str, str], list[Vain]] = {}
    for each in vain:
        groups.setdefault((each.language, words(each.text, each.language)), []).append(each)
    together = {key: _together(group) for key, group in groups.items()}
    rows = Gap.objects.select_for_update()  # a curator may hide one meanwhile
    pieces = _pieces(sorted({said for _language, said in together}))
    known = {(gap.language, gap.words): gap for piece in pieces for gap in rows.filter(words__in=piece)}
    known |= _read_otherwise({key: each.text for key, each in together.items() if key not in known})
    missing = [key for key in together if key not in known]
    made = [Gap(language=key[0], words=key[1], text=together[key].text, since=together[key].day) for key in missing]
    known |= {(gap.language, gap.words): gap for gap in Gap.objects.bulk_create(made, batch_size=500)}
    again = [known[key] for key, each in together.items() if _asked(known[key], each)]
    Gap.objects.bulk_update(again, ["asked", "empty", "looked", "state", "since"], batch_size=500)
    return {(each.language, each.text): known[key].pk for key, group in groups.items() for each in group}


def _read_otherwise(texts: dict[tuple[str, str], str]) -> dict[tuple[str, str], Gap]:
    """The gaps of texts (by language and words) that were read as other words before stems changed."""
    found: dict[tuple[str, str], Gap] = {}
    for piece in _pieces(sorted(set(texts.values()))):
        there = {(gap.language, gap.text): gap for gap in Gap.objects.select_for_update().filter(text__in=piece)}
        found |= {key: there[key[0], text] for key, text in texts.items() if (key[0], text) in there}
    for (_language, said), gap in found.items():
        Gap.objects.filter(pk=gap.pk).update(words=said)
    return found


def _together(group: list[Vain]) -> Vain:
    """One query in several wordings, under the one that was asked most."""
    most = max(group, key=lambda each: each.gaps)
    moments = [each.asked for each in group if each.asked is not None]
    return replace(
        most,
        gaps=sum(each.gaps for each in group),
        gap_zero=sum(each.gap_zero for each in group),
        asked=max(moments, default=None),
    )


def call(day: date) -> None:
    """Name the gaps of a day's queries by the wording that is asked most of all."""
    rows = QueryFigures.objects.filter(gap__in=QueryFigures.objects.filter(day=day, gaps__gt=0).values("gap"))
    asked = rows.order_by().values_list("gap", "gap__text", "text").annotate(n=Sum("gaps"))
    named: dict[int, tuple[str, str]] = {}
    for gap, name, text, _n in asked.order_by("gap", "-n", "text"):
        named.setdefault(gap, (name, text))
    for gap, (name, text) in named.items():
        if name != text:
            Gap.objects.filter(pk=gap).update(text=text)


def _pieces(all_words: list[str]) -> Iterator[list[str]]:
    return (all_words[start : start + 500] for start in range(0, len(all_words), 500))


def _asked(gap: Gap, vain: Vain) -> bool:
    """Take up what a gap has not heard of; whether there was anything."""
    if vain.asked is None or (gap.asked is not None and vain.asked <= gap.asked):
        return False
    gap.asked, gap.empty, gap.looked = vain.asked, vain.gap_zero == vain.gaps, None
    if gap.state == State.ANSWERED and gap.answered is not None and vain.asked > gap.answered:
        gap.state, gap.since = State.OPEN, vain.day
    return True


def forget_moments(day: date) -> None:
    """That day is over: forget at which moments gaps were asked."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), pseudonym.now().tzinfo)
    Gap.objects.filter(asked__lt=midnight).update(asked=None)


def changed() -> None:
    """Something changed that search works with: open gaps are to be tried again."""
    if not Progress.objects.filter(pk=1).update(changes=F("changes") + 1):
        Progress.objects.get_or_create(pk=1)
    job_states.wake(JOB, seconds=SOON)


def work(budget: float = BUDGET) -> int:
    """Try gaps again that may have an answer by now, those never tried first; how many were answered. Ends within the
    budget or the gap that exceeds it."""
    if not answering.ready():
        return 0
    changes = _changes()
    until, answered, viewer = time.monotonic() + budget, 0, None
    for gap in _waiting(changes):
        viewer = viewer or Readers(reader_keys() | {PUBLIC})
        found = answering.answers(gap.text, viewer=viewer, language=gap.language)
        if found is None:
            break  # the engine does not answer: tried again
        answered += _settle(gap, found, changes)
        if time.monotonic() > until:
            break
    return answered


def _changes() -> int:
    """How often something changed so far, what curators told search included."""
    progress, _new = Progress.objects.get_or_create(pk=1)
    if progress.curation != (token := snapshot.current().token):
        Progress.objects.filter(pk=1).update(changes=F("changes") + 1, curation=token)
        progress.refresh_from_db()
    return progress.changes


def unfinished() -> bool:
    """True if gaps are still to be tried."""
    return _never_tried().exists() or _outdated(_changes()).exists()


def _never_tried() -> "QuerySet[Gap]":
    return Gap.objects.filter(state=State.OPEN, looked=None)


def _outdated(changes: int) -> "QuerySet[Gap]":
    return Gap.objects.filter(state=State.OPEN, looked__isnull=False, checked__lt=changes)


def _waiting(changes: int) -> list[Gap]:
    never = list(_never_tried().order_by("-pk")[:BATCH])
    return never or list(_outdated(changes).order_by("looked", "-pk")[:BATCH])


def _settle(gap: Gap, found: list[Document], changes: int) -> bool:
    # What stands behind an answer that was there already is not what was missed.
    new = found[:1] if found and _is_new(gap, found[0]) else []
    values: dict[str, Any] = {
        "looked": timezone.now(),
        "checked": changes,
        "seen": gap.seen | {document.key: _digest(document) for document in found},
    }
    if new:
        values |= {"state": State.ANSWERED, "answered": timezone.now(), "answer": new[0].key}
    # Not when it was hidden or asked again meanwhile.
    kept = Gap.objects.filter(pk=gap.pk, state=State.OPEN, asked=gap.asked).update(**values)
    return bool(kept and new)


def _is_new(gap: Gap, document: Document) -> bool:
    """Whether a document could not be found, as it is now, when the gap was asked in vain."""
    if gap.seen.get(document.key) == _digest(document):
        return False
    if gap.looked is not None:
        return True
    if gap.empty and PUBLIC in document.audience:
        return True
    return gap.asked is not None and document.updated > gap.asked


def _digest(document: Document) -> str:
    """Changes with what a document says, whom it is for, and whether it is solved; not with how it is valued."""
    audience = crc32(" ".join(sorted(document.audience)).encode())
    return f"{store.digest(document)[:12]}{audience:08x}{'s' * document.solved}"


@transaction.atomic
def hide(*, by: Any, gap: Gap, reason: str, note: str = "") -> None:
    """A curator says that no answer is to be written, and why. Raises PermissionDenied; ValueError for a reason that
    is none."""
    if not can_curate(by):
        raise PermissionDenied
    gap.reason, gap.note = Gap.Reason(reason), " ".join(note.split())[:250]
    gap.state, gap.hidden, gap.hidden_by = State.HIDDEN, timezone.now(), by
    gap.save(update_fields=["state", "hidden", "hidden_by", "reason", "note"])
    details = {"text": gap.text, "language": gap.language, "reason": gap.reason, "note": gap.note}
    record("search.gap_hidden", by=by, target=gap, **details)


@transaction.atomic
def reopen(*, by: Any, gap: Gap) -> None:
    """A curator takes back that a gap is hidden, or does not agree that it is answered. Raises PermissionDenied."""
    if not can_curate(by):
        raise PermissionDenied
    gap.state, gap.hidden, gap.hidden_by, gap.reason, gap.note = State.OPEN, None, None, "", ""
    gap.answer, gap.answered = "", None
    gap.save(update_fields=["state", "hidden", "hidden_by", "reason", "note", "answer", "answered"])
    details = {"text": gap.text, "language": gap.language}
    record("search.gap_reopened", by=by, target=gap, **details)
