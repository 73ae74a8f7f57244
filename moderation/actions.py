"""Actions: flag, hide, restore and dismiss."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audiences import Person
from accounts.audit import record
from accounts.backends import people_with
from accounts.permissions import require
from moderation.hideables import Hideable, sees, split
from moderation.models import Flag
from moderation.permissions import can_flag, can_review
from notifications.actions import notify


class NotHideable(Exception):
    """The key names nothing that this moderator may decide about.

    Either its kind is unknown, or there is no such row, or they cannot see it and no flag on it is open.
    """


@transaction.atomic
def flag(*, by: Person, key: str, reason: str, url: str = "", text: str = "") -> Flag:
    """Ask moderators to look at the row `key`. Flagging it again changes the open flag. Raise PermissionDenied."""
    require(can_flag(by, key))
    row, created = Flag.objects.update_or_create(
        key=key, by=by.account, state=Flag.State.OPEN, defaults={"reason": reason, "text": text, "url": url}
    )
    record("moderation.flagged", by=by.account, target=key, reason=reason, flag=row.pk)
    if created:
        notify(
            recipients=people_with("moderation.review"),
            event="moderation.flagged",
            title=_("Somebody flagged something for you to look at"),
            url=reverse_lazy("moderation:queue"),
            key="moderation:queue",
            actor=by.account,
            by_mail=False,
        )
    return row


@transaction.atomic
def hide(*, by: Person, key: str, reason: str = "") -> None:
    """Hide the row `key` and close its flags. Raise PermissionDenied, NotHideable."""
    kind, pk = _checked(by, key)
    kind.hide(by=by, pk=pk, reason=reason)
    closed = _close(by, key, Flag.State.HIDDEN)
    if not (closed or Flag.objects.hidden_by(by.account).filter(key=key).exists()):
        # Hidden without a flag: create one, so that it is listed and can be restored.
        now = timezone.now()
        Flag.objects.create(
            key=key,
            by=by.account,
            reason=Flag.Reason.OTHER,
            text=reason,
            state=Flag.State.HIDDEN,
            handled_by=by.account,
            handled=now,
        )
    record("moderation.hidden", by=by.account, target=key, reason=reason)
    _thank(closed, by, _("What you flagged has been hidden. Thank you."))


@transaction.atomic
def restore(*, by: Person, key: str) -> None:
    """Show a hidden row again. Raise PermissionDenied, NotHideable.

    If the row is not in their audience and no flag is open, moderators may restore it only if they hid it themselves.
    """
    kind, pk = _checked(by, key, Flag.objects.hidden_by(by.account))
    kind.restore(by=by, pk=pk)
    hidden = Flag.objects.filter(key=key, state=Flag.State.HIDDEN)
    hidden.update(state=Flag.State.RESTORED, handled_by=by.account, handled=timezone.now())
    record("moderation.restored", by=by.account, target=key)


@transaction.atomic
def dismiss(*, by: Person, key: str) -> None:
    """Close the flags of a row without hiding it. Raise PermissionDenied, NotHideable."""
    _checked(by, key)
    closed = _close(by, key, Flag.State.DISMISSED)
    record("moderation.dismissed", by=by.account, target=key)
    _thank(closed, by, _("We looked at what you flagged and left it as it is. Thank you."))


@transaction.atomic
def look(*, by: Person, key: str) -> str:
    """Return the text of a flagged row that is not in the moderator's audience, and record that they read it.

    Raise PermissionDenied, and NotHideable if no flag is open or there is no text.
    """
    kind, pk = _checked(by, key)
    text = kind.text(pk) if Flag.objects.waiting().filter(key=key).exists() else ""
    if not text:
        raise NotHideable(key)
    record("moderation.looked", by=by.account, target=key)
    return text


def _checked(by: Person, key: str, also: QuerySet[Flag] | None = None) -> tuple[Hideable, int]:
    """Return the kind and pk of a key that may be decided about: an open flag, one of `also`, or in their audience."""
    require(can_review(by))
    flags = Flag.objects.waiting() if also is None else Flag.objects.waiting() | also
    found = split(key)
    if found is None or not (flags.filter(key=key).exists() or sees(by, *found)):
        raise NotHideable(key)
    return found


def _close(by: Person, key: str, state: str) -> list[Flag]:
    rows: QuerySet[Flag] = Flag.objects.select_for_update(of=("self",)).filter(key=key, state=Flag.State.OPEN)
    closed = list(rows.select_related("by"))
    Flag.objects.filter(pk__in=[row.pk for row in closed]).update(
        state=state, handled_by=by.account, handled=timezone.now()
    )
    return closed


def _thank(flags: list[Flag], by: Person, title: Any) -> None:
    for row in flags:
        if row.by is not None:
            notify(
                recipients=[row.by],
                event="moderation.handled",
                title=title,
                url=row.url,
                key=f"flag:{row.pk}",
                actor=by.account,
                by_mail=False,
            )
