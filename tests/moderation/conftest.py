"""A kind of rows to flag and hide: people themselves, by the first letter of their name."""

from collections.abc import Iterator

import pytest

from accounts.audiences import Person
from tests.described import described
from web.descriptions import Hideable


class Notes:
    """Rows of an imaginary package. `secret` has the pks that only their owner can see."""

    def __init__(self) -> None:
        self.hidden: dict[int, str] = {}
        self.secret: set[int] = set()
        self.text = ""

    def hide(self, *, by: Person, pk: int, reason: str) -> None:
        self.hidden[pk] = reason

    def restore(self, *, by: Person, pk: int) -> None:
        del self.hidden[pk]

    def visible(self, viewer, pk: int) -> bool:
        return pk not in self.hidden and pk not in self.secret


@pytest.fixture
def notes() -> Iterator[Notes]:
    notes = Notes()
    kind = Hideable(
        kind="note",
        label="note",
        hide=notes.hide,
        restore=notes.restore,
        visible=notes.visible,
        text=lambda _pk: notes.text,
    )
    with described(hideable=(kind,)):
        yield notes
