"""“Tell me when there is an answer”: wishes of people who searched in vain.

Which documents the indexer wrote is noted (`note`), and an act of a curator's that any may be found now (`recheck`);
a job holds them against the wishes (`work`), with the product's own search and the rights that each
person has at that moment. Whoever is told has the wish deleted in the same transaction, so nobody is told
twice or forgotten.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone, translation

from accounts.audiences import Person, viewer_for
from accounts.models import User
from discovery.analytics import answering, gaps
from discovery.analytics.query_log import Note
from discovery.models import FreshDocument, SearchAlert
from discovery.notices import wish_granted, wish_made
from search import embeddings
from search.curation import snapshot
from search.sources import Document
from search.viewers import EVERYBODY
from web import job_states
from web.http import Viewer
from web.params import key

MOST = 30  # wishes of one person at a time
MOST_MAILS = 3  # to one address in a day: nobody's mailbox is filled by others
CONFIRM = timedelta(days=2)
BATCH, BUDGET = 200, 0.5  # wishes and seconds of one round
ANY = "*"  # among fresh keys: whatever is found now
JOB = "discovery.match_alerts"
SOON = 1.0  # seconds until the job goes on with what is left
_CONFIRM, _END = "search.wish.confirm", "search.wish.end"


class TooManySearchAlerts(Exception):
    """This person waits for enough already, or this address got enough mail today."""


@transaction.atomic
def wish(note: Note, *, owner: str) -> SearchAlert:
    """Somebody who is signed in wants to be told. Safe to repeat. Raises TooManySearchAlerts."""
    mine = SearchAlert.objects.filter(owner=owner)
    same = mine.filter(language=note.language, text=note.text).first()
    if same is None and mine.count() >= MOST:
        raise TooManySearchAlerts
    return same or _made(note, owner=owner, confirmed=timezone.now())[0]


@transaction.atomic
def wish_by_mail(note: Note, *, email: str) -> SearchAlert:
    """Store an alert of somebody without an account; the link in a mail confirms it. Raises TooManySearchAlerts."""
    mine = SearchAlert.objects.filter(email=email)
    if same := mine.filter(language=note.language, text=note.text).first():
        return same
    if mine.filter(created__gt=timezone.now() - timedelta(days=1)).count() >= MOST_MAILS or mine.count() >= MOST:
        raise TooManySearchAlerts
    made, new = _made(note, email=email)
    if new:
        wish_made(wish=made, url=_link("search:wish_confirm", _CONFIRM, made))
    return made


def _made(note: Note, *, confirmed: datetime | None = None, **of: str) -> tuple[SearchAlert, bool]:
    """The wish, and whether it is new: the same form may be sent twice at one moment."""
    last = FreshDocument.objects.aggregate(last=Max("pk"))["last"] or 0
    values = {"seen": note.shown, "checked": last, "confirmed": confirmed}
    return SearchAlert.objects.get_or_create(text=note.text, language=note.language, **of, defaults=values)


def _link(name: str, salt: str, made: SearchAlert) -> str:
    with translation.override(made.language):
        return reverse(name, args=[signing.dumps([made.pk, made.created.isoformat()], salt=salt)])


def end_link(made: SearchAlert) -> str:
    """Where the holder of a mail address withdraws."""
    return _link("search:wish_end", _END, made)


def by_link(signed: str, *, end: bool = False) -> SearchAlert | None:
    """The wish of a link that confirms or ends it; None when the link is too old, altered, or its wish is gone."""
    salt, age = (_END, None) if end else (_CONFIRM, CONFIRM)
    try:
        pk, created = signing.loads(signed, salt=salt, max_age=age)
    except signing.BadSignature:
        return None
    found = SearchAlert.objects.filter(pk=pk).first()
    return found if found and found.created.isoformat() == created else None


def confirm(made: SearchAlert) -> None:
    """The mail was read by whoever gave the address. What came meanwhile is looked at again."""
    if SearchAlert.objects.filter(pk=made.pk, confirmed=None).update(confirmed=timezone.now()):
        found = answering.answers(made.text, viewer=EVERYBODY, language=made.language)
        note(document for document in found or () if document.updated > made.created)


def purge() -> None:
    """Delete wishes that were never confirmed or have waited too long."""
    now = timezone.now()
    SearchAlert.objects.filter(confirmed=None, created__lt=now - CONFIRM).delete()
    SearchAlert.objects.filter(created__lt=now - timedelta(days=settings.SEARCH_WISH_DAYS)).delete()


def note(documents: Iterable[Document]) -> None:
    """Have these documents held against the wishes, within a second or two."""
    if SearchAlert.objects.exists():
        FreshDocument.objects.bulk_create([FreshDocument(key=document.key) for document in documents], batch_size=500)
        job_states.wake(JOB)


def recheck() -> None:
    """Match every alert and gap again: synonyms or recommended pages changed, so a known document may answer them."""
    if SearchAlert.objects.exists():
        FreshDocument.objects.create(key=ANY)
        job_states.wake(JOB)
    gaps.changed()


def unfinished() -> bool:
    """True if documents are still to be held against wishes."""
    return FreshDocument.objects.exists()


def work(budget: float = BUDGET) -> int:
    """Hold the documents written since the last look against the wishes; how many were granted."""
    rows = list(FreshDocument.objects.order_by("pk").values_list("pk", "key"))
    if not rows or not answering.ready():
        return 0
    # What this process read a moment ago may be older.
    embeddings.look_again()
    if any(key == ANY for _pk, key in rows):
        snapshot.forget()
    until, last, granted = time.monotonic() + budget, rows[-1][0], 0
    for waiting in SearchAlert.objects.waiting().filter(checked__lt=last).order_by("pk")[:BATCH]:
        fresh = {key for pk, key in rows if pk > waiting.checked}
        granted += _look(waiting, fresh, last)
        if time.monotonic() > until:
            return granted
    if not SearchAlert.objects.waiting().filter(checked__lt=last).exists():
        FreshDocument.objects.filter(pk__lte=last).delete()
    return granted


def _look(waiting: SearchAlert, fresh: set[str], last: int) -> bool:
    viewer = EVERYBODY if waiting.email else viewer_of(waiting.owner)
    if viewer is None:
        waiting.delete()
        return False
    documents = answers(waiting, viewer, fresh)
    if documents is None:
        return False  # the engine does not answer: looked at again
    with transaction.atomic():
        if not documents:
            SearchAlert.objects.filter(pk=waiting.pk).update(checked=last)
        elif SearchAlert.objects.filter(pk=waiting.pk).delete()[0]:
            wish_granted(wish=waiting, documents=documents, url=documents[0].url)
    return bool(documents)


def viewer_of(owner: str) -> Person | None:
    """Return the active person of an owner ("user:12") with the keys they hold now, None when there is none."""
    kind, _colon, pk = owner.partition(":")
    user = User.objects.filter(pk=key(pk), is_active=True).first() if kind == "user" else None
    return viewer_for(user) if user else None


def answers(waiting: SearchAlert, viewer: Viewer, fresh: set[str]) -> list[Document] | None:
    """The documents among `fresh` (or any) that answer a wish and that the viewer may see now; None when search is
    degraded."""
    found = answering.answers(waiting.text, viewer=viewer, language=waiting.language)
    if found is None:
        return None
    return [each for each in found if (ANY in fresh or each.key in fresh) and not _known(waiting, each)]


def _known(waiting: SearchAlert, document: Document) -> bool:
    """What was seen and did not fit fits only when it was solved since."""
    return document.key in waiting.seen and (waiting.seen[document.key] or not document.solved)


def forget_person(*, owner: str, email: str = "") -> None:
    """Somebody is gone: nothing that they wait for stays, nor what their address waits for."""
    theirs = Q(owner=owner)
    if email:
        theirs |= Q(email__iexact=email)
    SearchAlert.objects.filter(theirs).delete()
