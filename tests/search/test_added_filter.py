"""A filter is defined in one place: the recipe "Add a filter" of CONTRIBUTING.md."""

from pathlib import Path
from typing import Any

import pytest

from tests import apart

FIRST, SECOND = "Waar is de koffie?", "Waar is de koffie van gisteren?"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> dict[str, Any]:
    """What the results page makes of a filter that is only in `search.filters`."""
    folder: Path = tmp_path_factory.mktemp("filter")
    return apart.said_by("tests.added_filter", folder)


def test_it_is_counted_beside_the_results(seen: dict[str, Any]) -> None:
    assert seen["all"]["hits"] == [SECOND, FIRST]
    assert seen["all"]["facet"] == [["nee", 1, False], ["ja", 1, False]]


def test_it_is_chosen_in_the_address_and_typed_in_the_text(seen: dict[str, Any]) -> None:
    assert seen["chosen"]["hits"] == [FIRST]
    assert seen["chosen"]["facet"] == [["nee", 1, False], ["ja", 1, True]], "counted without itself"
    assert seen["chosen"]["chips"] == [["Opgelost?", "ja"]]
    assert seen["typed"]["hits"] == [SECOND]
    assert seen["typed"]["chips"] == [["Opgelost?", "nee"]]


def test_a_value_that_does_not_exist(seen: dict[str, Any]) -> None:
    assert seen["strange"]["hits"] == [SECOND, FIRST]
    assert seen["unknown"]["advice"] == [["ja", "nee"]]


def test_it_filters_without_an_engine(seen: dict[str, Any]) -> None:
    assert seen["without an engine"]["degraded"]
    assert seen["without an engine"]["hits"] == [SECOND]
