"""The page says honestly when what was found is about something else."""

from datetime import UTC, datetime

import pytest

from search import fitting
from search.sources import Document

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def document(title: str, body: str, language: str = "nl") -> Document:
    return Document(
        key="faq:1", kind="faq", title=title, body=body, url="/", audience=frozenset({"public"}),
        language=language, created=NOW, updated=NOW,
    )  # fmt: skip


INVOICES = document("Mag ik twee facturen sturen?", "Dat mag. Zet het ordernummer op allebei, ook in de mail.")
BIKES = document("Mag ik mijn bakfiets in de parkeergarage zetten?", "Ja, op niveau -1 van de garage.")


@pytest.mark.parametrize("text", ["Mag ik mijn bakfiets in de parkeergarage zetten?", "bakfiets parkeergarage"])
def test_what_is_asked_is_not_there(text: str) -> None:
    assert fitting.missing(text, [INVOICES]) == ["bakfiets", "parkeergarage"]


@pytest.mark.parametrize("text", ["bakfietsen in de garage", "Mogen bakfietsen in een parkeergar", "factuur", "", "de"])
def test_what_is_asked_is_there(text: str) -> None:
    assert fitting.missing(text, [INVOICES, BIKES]) == []
