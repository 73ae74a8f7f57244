"""The demo's conversations load, twice without doubling."""

from pathlib import Path

import pytest
from django.utils import timezone

from accounts import demo as people_demo
from chat import demo
from chat.models import Conversation, Event

ROOT = Path(__file__).resolve().parents[2] / "demo"


@pytest.mark.django_db
def test_demo_loads_once() -> None:
    people_demo.load(ROOT, "wachtwoord")
    demo.load(ROOT)
    rows, events = Conversation.objects.count(), Event.objects.count()
    assert rows >= 10
    assert set(Conversation.objects.values_list("state", flat=True)) == {"waiting", "active", "closed"}
    assert not Event.objects.filter(at__gt=timezone.now()).exists()
    demo.load(ROOT)
    assert (Conversation.objects.count(), Event.objects.count()) == (rows, events)
