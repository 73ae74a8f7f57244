"""Search without an engine, in the database."""

import pytest

from search import engines, fallback, query, time_budget
from search.engines import EngineError
from search.viewers import EVERYBODY
from tests.search import shelf

pytestmark = pytest.mark.usefixtures("a_shelf")


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine does not answer."""

    def away(*_args: object, **_kwargs: object) -> None:
        raise EngineError("away")

    monkeypatch.setattr(type(engines.get()), "search", away)


def titles(text: str, **filters: tuple[str, ...]) -> set[str]:
    """Return the titles of what is found."""
    found = query.search(text, viewer=EVERYBODY, language="nl", filters=filters, size=100)
    assert found.degraded
    return {hit.document.title for hit in found.hits}


def test_it_filters_before_it_cuts() -> None:
    """What passes may be older than the newest rows that do not."""
    shelf.note("Lamp een", topic="t1")
    shelf.note("Lamp two", topic="t2", language="en")
    shelf.note("Lamp drie", "van messing", topic="t2")
    for n in range(2 * fallback.MAX_ROWS):
        shelf.note(f"Lamp {n}", topic="t2")
    assert titles("lamp", topic=("t1",)) == {"Lamp een"}
    assert titles("lamp", language=("en",)) == {"Lamp two"}
    assert titles('lamp "van messing"') == {"Lamp drie"}
    assert len(titles("lamp", topic=("t2",))) == fallback.MAX_ROWS


@pytest.mark.parametrize("bound", ["rows", "time"])
def test_what_is_read_is_bounded(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    """So many rows of each kind, and one piece of them once the time of the page is up."""
    monkeypatch.setattr(fallback, "MAX_ROWS", 5)
    monkeypatch.setattr(fallback, "MAX_READ", 10 if bound == "rows" else 1000)
    if bound == "time":
        monkeypatch.setattr(time_budget, "SECONDS", 0)
    shelf.note("Lamp een", topic="t1")
    for n in range(10):
        shelf.note(f"Lamp {n}", topic="t2")
    assert titles("lamp", topic=("t1",)) == set()
    shelf.note("Lamp twee", topic="t1")
    assert titles("lamp", topic=("t1",)) == {"Lamp twee"}
