"""A findable model of the tests: notes, registered during a test."""

from collections.abc import Iterator

import pytest

from search import sources
from tests.search import shelf


@pytest.fixture
def a_shelf(db: None) -> Iterator[None]:
    """Create the table of notes, and register their source."""
    shelf.make_table()
    sources.register(shelf.NoteSource())
    yield
    sources.unregister("note")
