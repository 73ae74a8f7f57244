"""Every filter of the query parser is known to the page."""

from collections.abc import Callable, Iterator
from unittest.mock import patch

import pytest
from django.test import Client

from search import engines, filters, vocabulary
from search.engines import EngineError
from search.filters import FixedFilter
from search.indexing import indexer
from tests.people import People
from tests.search import shelf

PAGES = {"nl": "/nl/zoeken/", "en": "/en/search/"}


@pytest.fixture
def books(people: People, indexed: Callable[[], int], a_shelf: None) -> Iterator[None]:
    """Index a note about a topic."""
    shelf.note("Jaarlijks verlof aanvragen", "Verlof vraag je aan in Mijn HR.", topic="t1")
    indexer.rebuild()
    with patch(
        "search.sources.topic_titles", lambda keys, code, viewer: {key: "Verlof" for key in keys if key == "t1"}
    ):
        yield
    vocabulary.clear()


def queries() -> Iterator[str]:
    """Return each field name of the parser, in lower and upper case, with each existing value and with none."""
    for word, each in filters.by_word().items():
        values = list(each.options()) if isinstance(each, FixedFilter) else ["t1", '"Verlof"']
        for value in [*values, "nietbekend", '"niet bekend"', '"']:
            yield f"verlof {word}:{value}"
            yield f"{word.upper()}:{value}"
    yield from ('"jaarlijks verlof"', "verlof -ziek", '-"jaarlijks verlof"')


def test_the_page_answers_every_filter(books: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(step: int = 1) -> dict[str, str]:
        found = {}
        for number, text in enumerate(list(queries())[::step]):
            headers = {"HX-Request": "true", "HX-Trigger": "search-form"} if number % 2 else {}
            try:
                status = client.get(PAGES[("nl", "en")[number % 3 == 0]], {"q": text}, headers=headers).status_code
            except Exception as error:  # noqa: BLE001 - every filter that fails is listed
                found[text] = repr(error)
            else:
                if status != 200:
                    found[text] = str(status)
        return found

    assert failing() == {}

    def away(*_args: object, **_kwargs: object) -> None:
        raise EngineError("away")

    monkeypatch.setattr(type(engines.get()), "search", away)
    assert failing(step=7) == {}, "without an engine"
