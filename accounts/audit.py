"""Recording what was done."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.registry import acts


def record(event: str, *, by: Any, target: models.Model | str | None = None, **details: Any) -> None:
    """Write an audit row in the caller's transaction. `event` is "<package>.<act>"; `details` must be JSON values.

    Raises ValueError for an act that nobody has named (`accounts.registry.register_acts`).
    """
    from accounts.models import AuditEvent

    if event not in acts:
        raise ValueError(f"an act without a name: {event!r}")
    if isinstance(target, models.Model):
        target = f"{target._meta.label_lower}:{target.pk}"
    actor = None if by is None or isinstance(by, AnonymousUser) or by.pk is None else by
    AuditEvent.objects.create(event=event, by=actor, target=target or "", details=details)
