"""Telling an asker later, when they left."""

import time_machine
from django.conf import LazySettings
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from chat import notices
from chat.models import Conversation
from live.presence import FADES
from tests.tasks import queue_in_database


def test_when_it_is_looked_again_is_said_by_the_databases_clock(
    conversation: Conversation, settings: LazySettings
) -> None:
    queue_in_database(settings)
    with time_machine.travel("2036-01-01 00:00:00Z"), transaction.atomic():
        notices._look_later(conversation)
    wait = DBTaskResult.objects.get().run_after - timezone.now()
    assert FADES < wait.total_seconds() <= FADES + 5
