"""Random queries: by an engine, by `query.search`, and on the page.

With FULL=1 ten times as many.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.audiences import viewer_for
from search import fallback, query, vocabulary
from search.engines import SearchRequest
from search.engines.embedded import EmbeddedEngine
from search.indexing import indexer
from search.language.analysis import BY_DICTIONARY
from search.query_tree import MatchAll
from search.reading import did_you_mean, spelling
from search.reading.query_parser import parse
from tests.contract.engine_contract import DOCUMENTS, ask
from tests.people import People
from tests.questions import questions
from tests.search import shelf
from web.requests import LONGEST_QUERY

pytestmark = pytest.mark.django_db
TIMES = 10 if os.environ.get("FULL") else 1


@pytest.fixture
def books(people: People, indexed: Callable[[], int], a_shelf: None) -> Iterator[None]:
    """A few notes, in an index with their vocabulary."""
    shelf.note("Kan ik mijn bakfiets parkeren in de garage?", "Ja, naast de ingang.", topic="t1")
    shelf.note("Waar vind ik mijn salarisspecificatie?", "In Mijn HR.")
    shelf.note("Where can I park my cargo bike?", "In the garage.", language="en")
    indexer.rebuild()
    yield
    vocabulary.clear()


def test_a_thousand_questions_to_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "current", lambda: BY_DICTIONARY)
    engine = EmbeddedEngine(tmp_path / "index", BY_DICTIONARY)
    engine.prepare()
    engine.write(DOCUMENTS, [])
    engine.commit()
    for text in questions(1_000 * TIMES):
        ask(engine, text, facets=False)


def test_some_by_all_that_a_search_goes_through(books: None, people: People) -> None:
    viewer = viewer_for(people.outsider)
    for text in questions(50 * TIMES, seed=8):
        results = query.search(text, viewer=viewer, language="nl", facets=False, size=5)
        assert not results.degraded, ascii(text)[:300]
        query.suggest_answers(text, viewer=viewer, language="en")


def test_some_on_the_page(books: None, client: Client) -> None:
    for number, text in enumerate(questions(30 * TIMES, seed=5)):
        parameters = {"q": text.encode("utf-8", "surrogatepass")}
        address = ("/nl/zoeken/", "/en/search/")[number % 3 == 0]
        headers = {"HX-Request": "true", "HX-Trigger": "search-form"} if number % 2 else {}
        # No browser sends NUL in an address, nor so many characters.
        expected = 400 if "\0" in text or len(urlencode(parameters)) > LONGEST_QUERY else 200
        assert client.get(address, parameters, headers=headers).status_code == expected, ascii(text)[:300]


def test_some_without_an_engine(books: None, people: People) -> None:
    nothing = SearchRequest(tree=MatchAll(), audience=frozenset({"public"}))
    for text in questions(20 * TIMES, seed=6):
        asked = parse(text.encode("utf-8", "ignore").decode().replace("\0", " "))
        fallback.search(asked, nothing, viewer_for(people.outsider))


def test_some_as_misspelt_words(books: None) -> None:
    words = spelling.site_dictionary(vocabulary.current())
    for text in questions(50 * TIMES, seed=7):
        for word in text.split()[:20]:
            words.corrections(word)
            words.split(word)
            assert did_you_mean.QueryRewrite(word, (word,), False).spelled_as_in([]) is None
