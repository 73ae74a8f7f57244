"""A findable model of the tests: notes, described during a test."""

from collections.abc import Iterator

import pytest

from tests.described import described
from tests.search import shelf


@pytest.fixture
def a_shelf(db: None) -> Iterator[None]:
    """Create the table of notes, and describe their source."""
    shelf.make_table()
    with described(sources=(shelf.NoteSource(),)):
        yield
