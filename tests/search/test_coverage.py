"""The words of a query that no hit has."""

import pytest

from search import coverage
from search.language.analysis import BY_DICTIONARY
from tests.search.shelf import document

INVOICES = document("Mag ik twee facturen sturen?", "Dat mag. Zet het ordernummer op allebei, ook in de mail.")
BIKES = document("Mag ik mijn bakfiets in de parkeergarage zetten?", "Ja, op niveau -1 van de garage.")


@pytest.mark.parametrize("text", ["Mag ik mijn bakfiets in de parkeergarage zetten?", "bakfiets parkeergarage"])
def test_what_is_asked_is_not_there(text: str) -> None:
    assert coverage.missing_words(text, [INVOICES], BY_DICTIONARY) == ["bakfiets", "parkeergarage"]


@pytest.mark.parametrize("text", ["bakfietsen in de garage", "Mogen bakfietsen in een parkeergar", "factuur", "", "de"])
def test_what_is_asked_is_there(text: str) -> None:
    assert coverage.missing_words(text, [INVOICES, BIKES], BY_DICTIONARY) == []
