"""Recording what was done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.registry import acts

_actor: ContextVar[Callable[[], Any]] = ContextVar("actor", default=lambda: None)


@contextmanager
def acting(find: Callable[[], Any]) -> Iterator[None]:
    """Whoever `find` returns is the one who acts: for acts that Wagtail carries out, which tells models of nobody."""
    token = _actor.set(find)
    try:
        yield
    finally:
        _actor.reset(token)


def actor() -> Any:
    """The person of the request or action under way; None for commands and scheduled work."""
    return _actor.get()()


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
