"""Receivers of other packages' signals."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import person_gone
from discovery import search_alerts


@receiver(person_gone)
def delete_alerts(person: User, **_signal: Any) -> None:
    """Delete the search alerts of a deleted person and of their mail address."""
    search_alerts.delete_for_person(owner=f"user:{person.pk}", email=person.email)
