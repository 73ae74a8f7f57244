"""Telling people: in their inbox, by mail, and on the pages they have open."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.functional import Promise

from accounts.holders import holders
from accounts.models import User
from notifications import mail as post
from notifications.models import Follow, Notification, Preference
from notifications.signals import on_notified
from search import sources

Text = str | Promise | Callable[[], str]
"""A text, or what makes one in the reader's language: something lazy (`format_lazy`, `reverse_lazy`) or a function."""


def text_in(language: str, text: Text) -> str:
    """The text in a language."""
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
    actor: Any = None,
    by_mail: bool = True,
) -> None:
    """Tell people that `event` ("community.answered") happened to `key` ("question:7").

    Rows are written now; mail and live push follow on commit. With a key there is one row for each (recipient, event,
    key): while it is unread another call only refreshes its texts; once read it becomes unread and is mailed again.
    The actor and inactive people are left out. Texts are made in each recipient's language.
    """
    actor_id = getattr(actor, "pk", None)
    people = {p.pk: p for p in recipients if p.is_active and p.pk != actor_id}
    if not people:
        return
    rows = [_row(p, event, key, title, body, url, actor_id) for p in people.values()]
    fresh = _store_keyed(rows, event, key) if key else Notification.objects.bulk_create(rows)
    ids = [row.pk for row in fresh]
    transaction.on_commit(lambda: _tell(ids, by_mail))


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


def _store_keyed(rows: list[Notification], event: str, key: str) -> list[Notification]:
    """The rows that are new or unread again."""
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    wanted = {row.recipient_id: row for row in rows}
    stored = Notification.objects.select_for_update().filter(recipient__in=wanted, event=event, key=key)
    fresh, now = [], timezone.now()
    for row in stored:
        new = wanted[row.recipient_id]
        if row.read is not None:
            row.read, row.mailed, row.created = None, None, now
            fresh.append(row)
        elif row.created == new.created:  # set just now, to the microsecond: this row is ours
            fresh.append(row)
        texts = (new.title, new.body, new.url, new.actor_id)
        if (row.title, row.body, row.url, row.actor_id) != texts or row.created == now:
            row.title, row.body, row.url, row.actor_id = texts
            row.save()
    return fresh


def _tell(ids: list[int], by_mail: bool) -> None:
    if by_mail:
        post.mail_notifications.enqueue(ids)
    for row in Notification.objects.filter(pk__in=ids).select_related("recipient"):
        on_notified.send_robust(sender=Notification, notification=row)


def mail(
    *, to: str, subject: Text, body: Text, url: Text = "", language: str = settings.LANGUAGE_CODE, reason: Text = ""
) -> None:
    """Mail somebody without an account, on commit. `reason` says why they get it."""
    text = post.compose(
        "notifications/mail/message.txt",
        language,
        url=text_in(language, url),
        body=text_in(language, body),
        reason=text_in(language, reason),
    )
    post.queue(post.letter(to=to, subject=text_in(language, subject), text=text))


def follow(*, by: User, key: str) -> None:
    """Have `by` told what happens to a document. Safe to repeat. The caller checked that they may see it."""
    Follow.objects.get_or_create(user=by, key=key)


def unfollow(*, by: User, key: str) -> None:
    """No longer."""
    Follow.objects.filter(user=by, key=key).delete()


def followers(key: str) -> QuerySet[User]:
    """The active people who follow `key`. Of a findable kind: those who may see the document now, so nobody when it is
    hidden or gone. Of a kind without search source (a space): all, and the caller asks who may see it."""
    people = User.objects.filter(is_active=True, follows__key=key)
    kind, pk = sources.split_key(key)
    source = sources.get(kind)
    if source is None:
        return people
    row = source.queryset().filter(pk=pk).first()
    if row is None:
        return people.none()
    return people.filter(pk__in=holders(source.to_document(row).audience).values("pk"))


def mark(*, by: User, notifications: Iterable[Notification] | QuerySet[Notification], read: bool = True) -> None:
    """Mark inbox rows of `by` as read or unread."""
    ids = [row.pk for row in notifications]
    rows = Notification.objects.filter(recipient=by, pk__in=ids)
    rows.filter(read=None).update(read=timezone.now()) if read else rows.update(read=None)


def choose(*, by: User, by_mail: bool) -> None:
    """Whether `by` gets notifications by mail too."""
    Preference.objects.update_or_create(user=by, defaults={"by_mail": by_mail})
