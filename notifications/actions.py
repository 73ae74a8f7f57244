"""Notify people in their inbox and by mail; follow; send mail without an account."""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.functional import Promise

from accounts.audience_members import holders
from accounts.audiences import Person
from accounts.audit import record
from accounts.keys import PUBLIC
from accounts.models import User
from accounts.permissions import require
from live import hub
from notifications import mail as post
from notifications import showing
from notifications.models import Follow, Notification, Preference, SentMail, Subject
from notifications.permissions import can_see_sent_mail
from notifications.rooms import inbox_frame, inbox_room
from search import sources

Text = str | Promise | Callable[[], str]
"""A text, or a lazy text or function that returns it in the active language (`format_lazy`, `reverse_lazy`)."""


def text_in(language: str, text: Text) -> str:
    """Return the text in a language."""
    with translation.override(language):
        return str(text() if callable(text) and not isinstance(text, Promise) else text)


@transaction.atomic
def notify(
    *,
    recipients: Iterable[User],
    event: str,
    title: Text,
    body: Text = "",
    url: Text = "",
    key: str = "",
    actor: User | AnonymousUser | None = None,
    by_mail: bool = True,
    shows: Iterable[str] | None = None,
) -> None:
    """Tell people that `event` ("community.answered") happened to `key` ("question:7").

    Rows are written now, with the task that mails them; open pages hear of it on commit. With a key there is one row
    for each (recipient, event, key): while it is unread another call only refreshes its texts; once read it becomes
    unread and is mailed again.
    The actor and inactive people are left out. Texts are made in each recipient's language.

    `shows` are the keys of all rows whose words or address are in the texts, by default `key` itself: whoever may not
    see one of them any more is not shown or mailed this. Raises ValueError for a key of no known kind.
    """
    actor_id = actor.pk if actor else None
    people = {p.pk: p for p in recipients if p.is_active and p.pk != actor_id}
    if not people:
        return
    rows = [_row(p, event, key, title, body, url, actor_id) for p in people.values()]
    subjects = _subjects(key, shows)
    stored, fresh = _store_keyed(rows, event, key) if key else [Notification.objects.bulk_create(rows)] * 2
    _store_subjects(stored, subjects)
    ids = [row.pk for row in fresh]
    if by_mail and ids:
        post.mail_notifications.enqueue(ids)
    for row in fresh:
        _tell_pages(row.recipient_id)


def _subjects(key: str, shows: Iterable[str] | None) -> set[tuple[str, int]]:
    if shows is None:
        shows = [key] if sources.split_key(key)[0] in showing.kinds() else []
    return set(map(showing.split, shows))


def _store_subjects(rows: Iterable[Notification], shows: set[tuple[str, int]]) -> None:
    """Replace the subjects of the rows. At most two queries, one if the rows are new."""
    ids = [row.pk for row in rows]
    Subject.objects.filter(notification__in=ids).delete()
    Subject.objects.bulk_create(Subject(notification_id=pk, kind=kind, row=row) for pk in ids for kind, row in shows)


def _row(person: User, event: str, key: str, title: Text, body: Text, url: Text, actor_id: int | None) -> Notification:
    language = person.language
    return Notification(
        recipient=person,
        actor_id=actor_id,
        event=event,
        key=key,
        title=" ".join(text_in(language, title).split())[:250],
        body=text_in(language, body),
        url=text_in(language, url),
    )


def _store_keyed(rows: list[Notification], event: str, key: str) -> tuple[list[Notification], list[Notification]]:
    """Return the stored rows, and those of them that are new or unread again."""
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    wanted = {row.recipient_id: row for row in rows}
    stored = list(Notification.objects.select_for_update().filter(recipient__in=wanted, event=event, key=key))
    fresh, now = [], timezone.now()
    for row in stored:
        new = wanted[row.recipient_id]
        if row.read is not None:
            row.read, row.mailed, row.created = None, None, now
            fresh.append(row)
        elif row.created == new.created:  # equal to the microsecond: we inserted this row
            fresh.append(row)
        texts = (new.title, new.body, new.url, new.actor_id)
        if (row.title, row.body, row.url, row.actor_id) != texts or row.created == now:
            row.title, row.body, row.url, row.actor_id = texts
            row.save()
    return stored, fresh


def _tell_pages(user_id: int) -> None:
    """Tell the open pages of a person on commit that the number of unread notifications changed."""
    hub.publish_on_commit(inbox_room(user_id), inbox_frame())


def mail(
    *,
    to: str,
    subject: Text,
    body: Text,
    url: Text = "",
    language: str = settings.LANGUAGE_CODE,
    reason: Text = "",
    confirmed: bool,
    shows: Iterable[str] = (),
    reader: Iterable[str] = (PUBLIC,),
) -> None:
    """Mail somebody without an account, in the caller's transaction. `reason` says why they get it.

    `confirmed`: the holder confirmed the address. Otherwise anybody may have typed it. Then the mail must not contain
    words from outside, and each address gets a limited number of mails a day (RATE_LIMITS); others are dropped.

    `shows` are the keys of rows whose words are in the mail, `reader` the audience keys of its recipient. The mail is
    not sent if they may not see one of the rows by then.
    """
    if not confirmed and not post.may_mail(to):
        return
    text = post.compose(
        "notifications/mail/message.txt",
        language,
        url=text_in(language, url),
        body=text_in(language, body),
        reason=text_in(language, reason),
    )
    letter = post.letter(to=to, subject=text_in(language, subject), text=text)
    post.queue(letter | {"shows": list(shows), "reader": sorted(reader)})


def follow(*, by: Person, key: str) -> None:
    """Notify `by` from now on about a document. Safe to repeat. The caller checks that they may see it."""
    Follow.objects.get_or_create(user=by.account, key=key)


def unfollow(*, by: Person, key: str) -> None:
    """Stop following `key`."""
    Follow.objects.filter(user=by.account, key=key).delete()


def followers(key: str) -> QuerySet[User]:
    """Return the active people who follow `key`.

    For a kind with a search source: those who may see the document now, so nobody if it is hidden or deleted. For other
    kinds (a space): all, and the caller checks who may see it.
    """
    people = User.objects.filter(is_active=True, follows__key=key)
    kind, pk = sources.split_key(key)
    source = sources.get(kind)
    if source is None:
        return people
    row = source.queryset().filter(pk=pk).first()
    if row is None:
        return people.none()
    return people.filter(pk__in=holders(source.to_document(row).audience).values("pk"))


def mark(*, by: Person, notifications: Iterable[Notification] | QuerySet[Notification], read: bool = True) -> None:
    """Mark inbox rows of `by` as read or unread, and update their open pages."""
    ids = [row.pk for row in notifications]
    rows = Notification.objects.filter(recipient=by.account, pk__in=ids)
    changed = rows.filter(read=None).update(read=timezone.now()) if read else rows.update(read=None)
    if changed:
        _tell_pages(by.account.pk)


def choose(*, by: Person, by_mail: bool) -> None:
    """Set whether `by` also gets notifications by mail."""
    Preference.objects.update_or_create(user=by.account, defaults={"by_mail": by_mail})


def show_links(*, by: Person, mail: SentMail) -> None:
    """Record that somebody reads a stored mail with its links, which let them act as its recipient.

    Raise PermissionDenied.
    """
    require(can_see_sent_mail(by))
    record("notifications.links_shown", by=by.account, target=mail, to=mail.to, subject=mail.subject)
