"""Notes to find, registered for the length of a test."""

from collections.abc import Iterator

import pytest

from search import sources
from tests.search import shelf


@pytest.fixture
def a_shelf(db: None) -> Iterator[None]:
    """The table of notes, and notes as a source."""
    shelf.make_table()
    sources.register(shelf.NoteSource())
    yield
    sources.unregister("note")
