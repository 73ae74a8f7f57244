"""What the tests of chat share."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts import visitors
from accounts.audiences import Person, viewer_for
from chat import actions
from chat.models import Conversation
from live import executor
from tests.people import People


@pytest.fixture(autouse=True)
def _end_threads() -> Iterator[None]:
    """Connections of the sockets' threads do not outlive the database of a test."""
    yield
    executor.close()


@pytest.fixture
def visitor() -> Person:
    """An anonymous visitor with a token of their own."""
    return viewer_for(AnonymousUser(), visitors.new_token())


@pytest.fixture
def conversation(people: People) -> Conversation:
    """The owner's question to HR, waiting."""
    return actions.start_conversation(
        by=people.viewer("owner"), team=people.hr, question="Hoeveel verlofdagen heb ik nog?", language="nl"
    )


@pytest.fixture
def anonymous_conversation(people: People, visitor: Person) -> Conversation:
    """A visitor's question to HR, with an address for the answer."""
    return actions.start_conversation(
        by=visitor,
        team=people.hr,
        question="Hoe kom ik aan mijn oude jaaropgave?",
        language="nl",
        name="Wim",
        email="wim@thuis.example",
    )
