"""Writing the audit log."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone

from accounts import audit_catalogue

_actor: ContextVar[Callable[[], Any]] = ContextVar("actor", default=lambda: None)


@contextmanager
def acting(find: Callable[[], Any]) -> Iterator[None]:
    """Use the result of `find` as the actor inside the block.

    For changes made by Wagtail, which does not pass the user on to models.
    """
    token = _actor.set(find)
    try:
        yield
    finally:
        _actor.reset(token)


def actor() -> Any:
    """Return the person of the current request or action; None for commands and scheduled work."""
    return _actor.get()()


def record(event: str, *, by: Any, target: models.Model | str | None = None, **details: Any) -> None:
    """Write an audit row in the caller's transaction. `event` is "<package>.<event>"; `details` must be JSON values.

    Raise ValueError for an event or a detail that no package describes.
    """
    from accounts.models import AuditEvent

    if event not in audit_catalogue.events():
        raise ValueError(f"an act without a name: {event!r}")
    if unnamed := [name for name in details if audit_catalogue.detail(event, name) is None]:
        raise ValueError(f"details of {event!r} without a name: {unnamed}")
    if isinstance(target, models.Model):
        target = f"{target._meta.label_lower}:{target.pk}"
    actor = None if by is None or isinstance(by, AnonymousUser) or by.pk is None else by
    AuditEvent.objects.create(event=event, by=actor, target=target or "", details=details)


COUNTED_FOR = timedelta(hours=1)


def record_counted(event: str, target: models.Model | None) -> None:
    """Record an event that anybody can repeat, signed in or not: one row an hour for each target, with `times`.

    Events without a target share one row an hour. So repeated attempts all night add one row an hour for each existing
    account, and one more for all accounts that do not exist.
    """
    from accounts.models import AuditEvent

    label = f"{target._meta.label_lower}:{target.pk}" if target is not None else ""
    with transaction.atomic():
        recent = AuditEvent.objects.filter(event=event, target=label, at__gt=timezone.now() - COUNTED_FOR)
        if row := recent.select_for_update().order_by("at").first():
            row.details = {**row.details, "times": int(row.details.get("times", 0)) + 1}
            row.save(update_fields=["details"])
        else:
            record(event, by=None, target=label, times=1)
