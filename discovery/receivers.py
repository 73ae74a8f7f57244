"""What discovery does when something happens elsewhere."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import person_gone
from discovery import search_alerts


@receiver(person_gone)
def forget_alerts(person: User, **_signal: Any) -> None:
    """Delete the search alerts of a deleted person and of their address."""
    search_alerts.forget_person(owner=f"user:{person.pk}", email=person.email)
