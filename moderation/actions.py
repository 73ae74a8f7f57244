"""Flagging, hiding, restoring and dismissing."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audiences import viewer_for
from accounts.audit import record
from accounts.backends import people_with
from moderation.hideables import Hideable, sees, split
from moderation.models import Flag
from moderation.permissions import can_flag, can_review
from notifications.actions import notify


class NotHideable(Exception):
    """There is nothing of this key for this moderator: of no kind, absent, or neither theirs to see nor with a flag
    that waits for a decision."""


@transaction.atomic
def flag(*, by: Any, key: str, reason: str, url: str = "", text: str = "") -> Flag:
    """Ask moderators to look at what `key` names. Flagging again changes the open flag. Raises PermissionDenied."""
    if not can_flag(viewer_for(by), key):
        raise PermissionDenied
    row, created = Flag.objects.update_or_create(
        key=key, by=by, state=Flag.State.OPEN, defaults={"reason": reason, "text": text, "url": url}
    )
    record("moderation.flagged", by=by, target=key, reason=reason, flag=row.pk)
    if created:
        notify(
            recipients=people_with("moderation.review"),
            event="moderation.flagged",
            title=_("Somebody flagged something for you to look at"),
            url=reverse_lazy("moderation:queue"),
            key="moderation:queue",
            actor=by,
            by_mail=False,
        )
    return row


@transaction.atomic
def hide(*, by: Any, key: str, reason: str = "") -> None:
    """Hide what `key` names and close its flags. Raises PermissionDenied, NotHideable."""
    kind, pk = _checked(by, key)
    kind.hide(by=by, pk=pk, reason=reason)
    closed = _close(by, key, Flag.State.HIDDEN)
    if not (closed or Flag.objects.hidden_by(by).filter(key=key).exists()):
        # Hidden without a flag: one is made, so that it stands in the list and can be restored.
        now = timezone.now()
        Flag.objects.create(
            key=key, by=by, reason=Flag.Reason.OTHER, text=reason, state=Flag.State.HIDDEN, handled_by=by, handled=now
        )
    record("moderation.hidden", by=by, target=key, reason=reason)
    _thank(closed, by, _("What you flagged has been hidden. Thank you."))


@transaction.atomic
def restore(*, by: Any, key: str) -> None:
    """Show again what was hidden. What they do not see by their own audience and is not flagged any more, moderators
    show again only when they hid it themselves. Raises PermissionDenied, NotHideable."""
    kind, pk = _checked(by, key, Flag.objects.hidden_by(by))
    kind.restore(by=by, pk=pk)
    hidden = Flag.objects.filter(key=key, state=Flag.State.HIDDEN)
    hidden.update(state=Flag.State.RESTORED, handled_by=by, handled=timezone.now())
    record("moderation.restored", by=by, target=key)


@transaction.atomic
def dismiss(*, by: Any, key: str) -> None:
    """Leave it as it is and close its flags. Raises PermissionDenied, NotHideable."""
    _checked(by, key)
    closed = _close(by, key, Flag.State.DISMISSED)
    record("moderation.dismissed", by=by, target=key)
    _thank(closed, by, _("We looked at what you flagged and left it as it is. Thank you."))


@transaction.atomic
def look(*, by: Any, key: str) -> str:
    """What is written at a flagged `key` that the moderator does not see by their own audience; the record says that
    they looked. Raises PermissionDenied, NotHideable when no flag waits, or nothing is written there."""
    kind, pk = _checked(by, key)
    text = kind.text(pk) if Flag.objects.waiting().filter(key=key).exists() else ""
    if not text:
        raise NotHideable(key)
    record("moderation.looked", by=by, target=key)
    return text


def _checked(by: Any, key: str, also: QuerySet[Flag] | None = None) -> tuple[Hideable, int]:
    """What `key` names, when a flag waits for a decision, or is one of `also`, or they see it by their own audience."""
    if not can_review(by):
        raise PermissionDenied
    flags = Flag.objects.waiting() if also is None else Flag.objects.waiting() | also
    found = split(key)
    if found is None or not (flags.filter(key=key).exists() or sees(viewer_for(by), *found)):
        raise NotHideable(key)
    return found


def _close(by: Any, key: str, state: str) -> list[Flag]:
    rows: QuerySet[Flag] = Flag.objects.select_for_update(of=("self",)).filter(key=key, state=Flag.State.OPEN)
    closed = list(rows.select_related("by"))
    Flag.objects.filter(pk__in=[row.pk for row in closed]).update(state=state, handled_by=by, handled=timezone.now())
    return closed


def _thank(flags: list[Flag], by: Any, title: Any) -> None:
    for row in flags:
        if row.by is not None:
            notify(
                recipients=[row.by],
                event="moderation.handled",
                title=title,
                url=row.url,
                key=f"flag:{row.pk}",
                actor=by,
                by_mail=False,
            )
