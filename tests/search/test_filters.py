"""Every filter of the query parser is known to the page."""

from collections.abc import Callable, Iterator
from unittest.mock import patch

import pytest
from django.conf import settings
from django.test import Client

from discovery import chips
from search import engines, facets, sources, vocabulary
from search.engines import EngineError
from search.indexing import indexer
from search.reading import query_parser
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
    values = {
        "kind": [source.kind for source in sources.all()],
        "language": [code for code, _ in settings.LANGUAGES],
        "topic": ["t1", '"Verlof"'],
    }
    for word, field in query_parser._FIELDS.items():
        assert field in values, f"{word}: filters on {field}; say here which values it has"
        for value in [*values[field], "nietbekend", '"niet bekend"', '"']:
            yield f"verlof {word}:{value}"
            yield f"{word.upper()}:{value}"
    yield from ('"jaarlijks verlof"', "verlof -ziek", '-"jaarlijks verlof"')


def test_every_filter_has_its_words_and_its_facet() -> None:
    typed = set(query_parser._FIELDS.values())
    assert typed == set(facets.FIELDS), "what can be typed, and what can be chosen beside the results"
    assert typed | {"phrase", "exclude"} == set(chips.OPERATOR_LABELS), "what a chip has a word for"


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
