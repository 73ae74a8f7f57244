"""Search alerts: “tell me when there is an answer”, asked for by people whose search had none.

What the indexer wrote is recorded (`record_indexed`); a change by a curator asks for every alert to be matched again
(`recheck`). Both wake a job, in which `match_new_documents` searches for each alert as its owner would now: same
search, current rights. An alert is deleted in the transaction that sends its notice, so nobody is told twice or
forgotten.
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
from accounts.permissions import require
from discovery.analytics import answer_finder, gaps
from discovery.analytics.query_log import PageNote
from discovery.models import FreshDocument, SearchAlert
from discovery.models.alerts import SearchAlertQuerySet
from discovery.notices import alert_fulfilled, confirmation_requested
from search import embeddings
from search.curation import snapshot
from search.sources import Document
from search.viewers import EVERYBODY
from web import job_states
from web.http import Viewer
from web.params import key

MOST = 30  # alerts of one person at a time
MOST_MAILS = 3  # confirmation mails to one address in a day, so that nobody can fill another's mailbox
CONFIRM = timedelta(days=2)  # how long the link in a confirmation mail is valid
BATCH, BUDGET = 200, 0.5  # alerts and seconds of one run
ANY = "*"  # a fresh key that stands for every document
JOB = "discovery.match_alerts"
SOON = 1.0  # seconds until the job goes on with what is left
# The signing salts and URL names are older than the word "alert"; links that were mailed must keep working.
_CONFIRM, _END = "search.wish.confirm", "search.wish.end"


class TooManySearchAlerts(Exception):
    """This person has enough alerts already, or this address was sent enough mail today."""


@transaction.atomic
def create(*, by: Person, note: PageNote) -> SearchAlert:
    """Create an alert for somebody with an account, or return the one they have for this search.

    Raises PermissionDenied for anonymous visitors, TooManySearchAlerts.
    """
    owner = _owner(by)
    own = SearchAlert.objects.filter(owner=owner)
    same = own.filter(language=note.language, text=note.text).first()
    if same is None and own.count() >= MOST:
        raise TooManySearchAlerts
    return same or _get_or_create(note, owner=owner, confirmed=timezone.now())[0]


@transaction.atomic
def create_by_mail(note: PageNote, *, email: str) -> SearchAlert:
    """Create an alert for somebody without an account, and mail a link that confirms it. Raises TooManySearchAlerts."""
    own = SearchAlert.objects.filter(email=email)
    if same := own.filter(language=note.language, text=note.text).first():
        return same
    if own.filter(created__gt=timezone.now() - timedelta(days=1)).count() >= MOST_MAILS or own.count() >= MOST:
        raise TooManySearchAlerts
    alert, new = _get_or_create(note, email=email)
    if new:
        confirmation_requested(alert=alert, url=_link("search:wish_confirm", _CONFIRM, alert))
    return alert


def _owner(person: Person) -> str:
    """Return how alerts name their owner. Raises PermissionDenied for a visitor."""
    return f"user:{person.account.pk}"


def _get_or_create(note: PageNote, *, confirmed: datetime | None = None, **of: str) -> tuple[SearchAlert, bool]:
    """Return the alert, and True if it is new: the same form may be posted twice at the same moment."""
    last = FreshDocument.objects.aggregate(last=Max("pk"))["last"] or 0
    values = {"seen": note.shown, "checked": last, "confirmed": confirmed}
    return SearchAlert.objects.get_or_create(text=note.text, language=note.language, **of, defaults=values)


def owned_by(person: Person) -> SearchAlertQuerySet:
    """Return the alerts of somebody with an account, the newest first."""
    return SearchAlert.objects.filter(owner=_owner(person))


@transaction.atomic
def cancel(*, by: Person, alert: SearchAlert) -> None:
    """Delete one of one's own alerts. Raises PermissionDenied."""
    require(alert.owner == _owner(by))
    alert.delete()


def _link(name: str, salt: str, alert: SearchAlert) -> str:
    with translation.override(alert.language):
        return reverse(name, args=[signing.dumps([alert.pk, alert.created.isoformat()], salt=salt)])


def cancel_link(alert: SearchAlert) -> str:
    """Return the address where the holder of a mail address cancels an alert."""
    return _link("search:wish_end", _END, alert)


def from_link(signed: str, *, end: bool = False) -> SearchAlert | None:
    """Return the alert of a link that confirms it, or with `end` cancels it.

    None when the link is too old or altered, or when the alert is gone.
    """
    salt, age = (_END, None) if end else (_CONFIRM, CONFIRM)
    try:
        pk, created = signing.loads(signed, salt=salt, max_age=age)
    except signing.BadSignature:
        return None
    alert = SearchAlert.objects.filter(pk=pk).first()
    return alert if alert and alert.created.isoformat() == created else None


def confirm(alert: SearchAlert) -> None:
    """Confirm an alert by mail. Documents that changed since it was created are matched again."""
    if SearchAlert.objects.filter(pk=alert.pk, confirmed=None).update(confirmed=timezone.now()):
        found = answer_finder.find_answers(alert.text, viewer=EVERYBODY, language=alert.language)
        record_indexed(document for document in found or () if document.updated > alert.created)


def purge() -> None:
    """Delete alerts that were not confirmed in time, or that are older than settings.SEARCH_WISH_DAYS."""
    now = timezone.now()
    SearchAlert.objects.filter(confirmed=None, created__lt=now - CONFIRM).delete()
    SearchAlert.objects.filter(created__lt=now - timedelta(days=settings.SEARCH_WISH_DAYS)).delete()


def record_indexed(documents: Iterable[Document]) -> None:
    """Record documents that were indexed, to be matched against alerts. Called before their outbox entries go."""
    if SearchAlert.objects.exists():
        FreshDocument.objects.bulk_create([FreshDocument(key=document.key) for document in documents], batch_size=500)
        job_states.wake(JOB)


def recheck() -> None:
    """Match every alert and gap again: synonyms or recommended pages changed, so known documents may answer them."""
    if SearchAlert.objects.exists():
        FreshDocument.objects.create(key=ANY)
        job_states.wake(JOB)
    gaps.mark_search_changed()


def unfinished() -> bool:
    """Return True if documents are still to be matched."""
    return FreshDocument.objects.exists()


def match_new_documents(budget: float = BUDGET) -> int:
    """Match search alerts against documents indexed since the last run. Return the number of alerts fulfilled.

    Stops after `budget` seconds; the next run goes on with the alerts that are left.
    """
    rows = list(FreshDocument.objects.order_by("pk").values_list("pk", "key"))
    if not rows or not answer_finder.ready():
        return 0
    # This process may have cached older ones a moment ago.
    embeddings.look_again()
    if any(key == ANY for _pk, key in rows):
        snapshot.clear()
    until, last, fulfilled = time.monotonic() + budget, rows[-1][0], 0
    for alert in SearchAlert.objects.waiting().filter(checked__lt=last).order_by("pk")[:BATCH]:
        fresh = {key for pk, key in rows if pk > alert.checked}
        fulfilled += _match(alert, fresh, last)
        if time.monotonic() > until:
            return fulfilled
    if not SearchAlert.objects.waiting().filter(checked__lt=last).exists():
        FreshDocument.objects.filter(pk__lte=last).delete()
    return fulfilled


def _match(alert: SearchAlert, fresh: set[str], last: int) -> bool:
    """Match one alert against fresh documents, `last` the id of the newest. Return True if it was fulfilled."""
    viewer = EVERYBODY if alert.email else person_of(alert.owner)
    if viewer is None:
        alert.delete()
        return False
    documents = new_answers(alert, viewer, fresh)
    if documents is None:
        return False  # the engine did not answer: tried again in the next run
    with transaction.atomic():
        if not documents:
            SearchAlert.objects.filter(pk=alert.pk).update(checked=last)
        elif SearchAlert.objects.filter(pk=alert.pk).delete()[0]:
            alert_fulfilled(alert=alert, documents=documents, url=documents[0].url)
    return bool(documents)


def person_of(owner: str) -> Person | None:
    """Return the active person of an owner ("user:12") with the keys they hold now, None when there is none."""
    kind, _colon, pk = owner.partition(":")
    user = User.objects.filter(pk=key(pk), is_active=True).first() if kind == "user" else None
    return viewer_for(user) if user else None


def new_answers(alert: SearchAlert, viewer: Viewer, fresh: set[str]) -> list[Document] | None:
    """Return the documents among `fresh` that answer an alert and that the viewer may see; None if search is down."""
    found = answer_finder.find_answers(alert.text, viewer=viewer, language=alert.language)
    if found is None:
        return None
    return [each for each in found if (ANY in fresh or each.key in fresh) and not _was_shown(alert, each)]


def _was_shown(alert: SearchAlert, document: Document) -> bool:
    """Return True if a document was on the results page already, and has not been solved since."""
    return document.key in alert.seen and (alert.seen[document.key] or not document.solved)


def delete_for_person(*, owner: str, email: str = "") -> None:
    """Delete all alerts of a person and of their mail address."""
    own = Q(owner=owner)
    if email:
        own |= Q(email__iexact=email)
    SearchAlert.objects.filter(own).delete()
