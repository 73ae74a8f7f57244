"""Notes to find, for the length of a test."""

from collections.abc import Iterator

import pytest

from tests.described import described
from tests.search import shelf


@pytest.fixture
def a_shelf(db: None) -> Iterator[None]:
    """The table of notes, and notes as a source."""
    shelf.make_table()
    with described(sources=(shelf.NoteSource(),)):
        yield
