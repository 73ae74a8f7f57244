"""The results page and the fragment with existing answers."""

import re
from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from chat import actions
from discovery.duplicates import find_duplicates
from search import engines, query
from search.engines import EngineError
from tests.people import People
from tests.search import shelf

HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def books(people: People, indexed: Callable[[], int], a_shelf: None) -> None:
    """Create a few public notes and one for HR."""
    shelf.note("Kan ik mijn bakfiets parkeren in de garage?", "Ja, <b>naast</b> de ingang.", topic="t1")
    shelf.note("Parkeerplaats aanvragen", "Met het formulier.", topic="t2")
    shelf.note("Where can I park my cargo bike?", "In the garage.", language="en")
    shelf.note("Salarisschalen van de directie", "Geheim.", audience=f"team:{people.hr.pk}")
    indexed()


@pytest.mark.parametrize(("address", "word"), [("/nl/zoeken/", "resultaten"), ("/en/search/", "results")])
def test_results_are_found_marked_and_escaped(client: Client, books: None, address: str, word: str) -> None:
    response = client.get(address, {"q": "bakfietsen parkeerplaats"})
    assert response.status_code == 200
    assert "<mark>bakfiets</mark>" in response.text
    assert "&lt;b&gt;naast" in response.text
    assert f"2 {word}" in response.text
    assert "HX-Request" in response["Vary"]


def test_nobody_sees_what_is_not_theirs(client: Client, books: None, people: People) -> None:
    assert "directie</mark>" not in client.get("/nl/zoeken/", {"q": "salarisschalen directie"}).text
    client.force_login(people.agent)
    assert "<mark>Salarisschalen</mark>" in client.get("/nl/zoeken/", {"q": "salarisschalen directie"}).text


def test_a_row_that_was_narrowed_after_indexing_is_not_shown(client: Client, books: None) -> None:
    shelf.Note.objects.filter(title__startswith="Kan ik").update(audience="staff")
    assert "bakfiets</mark>" not in client.get("/nl/zoeken/", {"q": "bakfiets"}).text


def test_htmx_gets_a_fragment_and_the_address(client: Client, books: None) -> None:
    response = client.get("/nl/zoeken/?q=bakf", headers=HTMX | {"HX-Trigger": "search-form"})
    assert "<html" not in response.text
    assert "<mark>" not in response.text  # half a word is not marked
    assert "Kan ik mijn bakfiets" in response.text
    assert response["HX-Replace-Url"] == "/nl/zoeken/?q=bakf"
    assert client.get("/nl/zoeken/?q=fiets&page=1", headers=HTMX)["HX-Push-Url"] == "/nl/zoeken/?q=fiets&page=1"
    restored = client.get("/nl/zoeken/?q=fiets", headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in restored.text


def test_filters_narrow_and_can_be_taken_away(client: Client, books: None) -> None:
    text = client.get("/nl/zoeken/", {"q": "parkeren garage bike", "language": "en"}).text
    assert "Where can I" in text
    assert "Kan ik mijn" not in text
    assert re.search(r'href="\?q=parkeren\+garage\+bike"\s+aria-current="true"', text)
    assert '<input type="hidden" form="search-form" name="language" value="en">' in text


def test_nothing_found_offers_people(client: Client, books: None) -> None:
    text = client.get("/nl/zoeken/", {"q": "xylofoon & co"}).text
    assert "Niets gevonden voor “xylofoon &amp; co”" in text
    assert "?q=xylofoon%20%26%20co" in text
    assert "Vraag het de community" in text
    assert "Chat met een mens" in text


def test_without_a_question_there_are_topics(client: Client, books: None) -> None:
    with patch("discovery.results_page.sources.topic_titles", return_value={"t1": "Fietsen", "t2": "Auto"}):
        text = client.get("/nl/zoeken/").text
    assert 'href="/nl/zoeken/?topic=t1">Fietsen' in text
    assert "Kan ik mijn" not in text
    assert "Kan ik mijn" in client.get("/nl/zoeken/?topic=t1").text


def test_an_engine_that_is_down_is_said_and_the_rest_works(client: Client, books: None, people: People) -> None:
    with patch.object(engines.get(), "search", side_effect=EngineError("down")):
        text = client.get("/nl/zoeken/", {"q": "bakfiets salarisschalen"}).text
        assert "De zoekmachine is er even niet" in text
        assert "Kan ik mijn <mark>bakfiets</mark>" in text
        assert "directie" not in text
        assert client.get("/nl/zoeken/").status_code == 200
        assert client.get("/nl/zoeken/lijkt-op/", {"q": "bakfiets"}).status_code == 200


@pytest.mark.parametrize(
    "parameters",
    [
        {"q": "x" * 20_000},
        {"q": "bak*"},
        {"q": "\ud7ff ☃ %00"},
        {"q": "a", "page": "99999"},
        {"q": "a", "page": "-1"},
        {"q": "a", "page": "²"},
        {"q": "a", "kind": "nothing", "topic": "' or 1=1", "language": "xx"},
    ],
)
def test_odd_questions_are_answered(client: Client, books: None, parameters: dict[str, str]) -> None:
    assert client.get("/nl/zoeken/", parameters).status_code == 200


def test_a_long_text_is_cut_and_said(client: Client, books: None) -> None:
    assert "alleen het eerste deel" in client.get("/nl/zoeken/", {"q": "bakfiets " * 300}).text


def test_pages_have_as_many_queries_for_many_results_as_for_few(
    client: Client, books: None, indexed: Callable[[], int], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        shelf.note(f"Fiets {number}", "Parkeren.")
    indexed()
    client.get("/nl/zoeken/")  # fills caches
    with django_assert_max_num_queries(6):
        text = client.get("/nl/zoeken/", {"q": "fiets parkeren", "page": 2}).text
    assert text.count('class="search-hit"') == 10


def test_existing_answers_beside_a_form(client: Client, books: None) -> None:
    response = client.get("/nl/zoeken/lijkt-op/", {"q": "mag mijn bakfiets in de garage"})
    assert "<html" not in response.text
    assert "Kan ik mijn" in response.text
    key = shelf.Note.objects.get(title__startswith="Kan ik").pk
    left_out = client.get("/nl/zoeken/lijkt-op/", {"q": "mijn bakfiets in de garage", "exclude": f"note:{key}"})
    assert "Kan ik mijn" not in left_out.text
    assert "Nog geen antwoord" in client.get("/nl/zoeken/lijkt-op/", {"q": "de"}).text


def test_results_end_and_the_page_says_so(client: Client, books: None) -> None:
    first = engines.Hit(f"note:{shelf.Note.objects.earliest('pk').pk}", 1.0)
    none, one = (engines.SearchResponse(hits, engines.MAX_RESULTS + 1) for hits in ([], [first]))
    with patch.object(engines.get(), "search", return_value=none):
        assert "Hier houden de resultaten op" not in client.get("/nl/zoeken/", {"q": "fiets"}).text
    with patch.object(engines.get(), "search", return_value=one):
        last = {"q": "fiets", "page": 50, "language": "nl"}
        assert "Hier houden de resultaten op, na 500" in client.get("/nl/zoeken/", last).text


def test_health_says_whether_the_engine_is_asked(client: Client, db: None) -> None:
    assert client.get("/health/").json() == {"status": "ok", "search": {"state": "closed"}, "jobs": "ok"}
    with patch.object(engines.get(), "health", return_value={"state": "open", "seconds": 4}):
        response = client.get("/health/")
    assert response.status_code == 200
    assert response.json()["search"]["state"] == "open"


def test_behind_the_last_page_is_the_last_page(client: Client, books: None) -> None:
    text = client.get("/nl/zoeken/", {"q": "bakfiets", "page": "99"}).text
    assert "Kan ik mijn" in text
    assert "nog geen antwoord" not in text


def test_operators_that_leave_nothing_are_named_as_the_reason(client: Client, books: None) -> None:
    text = client.get("/nl/zoeken/", {"q": "bakfiets -garage -mijn"}).text
    assert "Niet met deze filters" in text
    assert 'href="?q=bakfiets"' in text


def test_a_conversation_is_found_only_when_its_kind_is_asked_for(people: People, indexed: Callable[[], int]) -> None:
    actions.start_conversation(
        by=people.viewer("owner"), team=people.hr, question="Waar staat de zoemer?", language="nl"
    )
    indexed()
    viewer = people.viewer("owner")
    assert query.search("zoemer", viewer=viewer, language="nl").hits == []
    assert len(query.search("zoemer", viewer=viewer, language="nl", filters={"kind": ("conversation",)}).hits) == 1
    assert find_duplicates("Waar staat de zoemer?", viewer=viewer, language="nl").hits == []
