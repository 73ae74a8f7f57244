"""What open sockets hear of sessions that end and rights that change."""

from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone

from live import hub
from live.rights import session_hash


def session_ended(sender: Any, instance: Session, **kwargs: Any) -> None:
    """Close the sockets of a session everywhere: somebody signed out, or got a new session with a new password."""
    if instance.expire_date > timezone.now():  # deleting expired sessions is no news
        hub.doubt_on_commit(session=session_hash(instance.pk))


def rights_changed(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Have the sockets of a person check their rights, who joined or left a team, role, circle or organisation."""
    hub.doubt_on_commit(user=getattr(instance, "user_id", None) or instance.pk)
