"""Instant answers."""

from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience
from community import actions
from discovery import instant_answers
from kb.models import ArticlePage
from search import engines, query
from search.engines import EngineError
from tests.community.conftest import make_space
from tests.kb.conftest import Shelf, make_faq, make_topic, shelf  # noqa: F401  # a fixture

CARD = "vb-answer-title"
pytestmark = pytest.mark.django_db


@pytest.fixture
def known(shelf: Shelf, indexed: Callable[[], int]) -> Shelf:  # noqa: F811
    """Create answers about parking, one of them closed; a solved and an open question; an article in parts."""
    everybody = {audiences.PUBLIC}
    parking = make_topic("Parkeren", everybody)
    answer = "Ja, naast de *ingang*. <script>alert(1)</script>\n\n" + "Meer hierover lees je daar. " * 40
    shelf.faqs["bike"] = make_faq("Kan ik mijn bakfiets parkeren in de garage?", everybody, parking, answer)
    make_faq("Hoe vraag ik een parkeerkaart aan?", everybody, parking, "Met het formulier.")
    make_faq("Hoe verleng ik een parkeerkaart?", everybody, parking, "Met hetzelfde formulier.")
    hr = {audiences.team(shelf.people.hr.pk)}
    make_faq("Wat verdient de directie van het bedrijf?", hr, parking, "Te veel.")
    space = make_space("t-open", audiences.PUBLIC)
    for title in ("Waar staat de koffiemachine van Waterland?", "Waar hangt de kapstok van Waterland?"):
        question = actions.ask(by=Person(shelf.people.owner), space=space, title=title, body="", language="nl")
        given = actions.answer(by=Person(shelf.people.agent), question=question, body="In de **hal**, links.")
        if "koffie" in title:
            actions.accept(by=Person(shelf.people.owner), answer=given)
    page = ArticlePage(
        title="Printer gebruiken",
        locale=parking.locale,
        own_audience=Audience.objects.of(everybody),
        summary="Kort gezegd.",
        body=[("markdown", "Met je pas."), ("markdown", "Bij storing van de printer bel je Facilitair.")],
    )
    parking.add_child(instance=page)
    indexed()
    return shelf


def card(client: Client, text: str, **more: str) -> str:
    """Return the card's HTML, "" without one."""
    page = client.get("/nl/zoeken/", {"q": text, **more}).text
    return page.partition(CARD)[2].partition("</section>")[0]


def test_a_clear_answer_stands_above_with_its_source(client: Client, known: Shelf) -> None:
    text = card(client, "bakfiets parkeren in garage")
    assert "Kan ik mijn bakfiets parkeren in de garage?" in text
    assert "naast de <em>ingang</em>" in text
    assert "<script" not in text
    assert text.count("Meer hierover") < 20
    assert "<span>Parkeren</span>" in text
    assert "Lees verder" in text
    assert f'hx-post="/nl/kennis/oordeel/faq/{known.faqs["bike"].pk}/"' in text


def test_the_first_hit_is_not_listed_again(client: Client, known: Shelf) -> None:
    page = client.get("/nl/zoeken/", {"q": "bakfiets parkeren in garage"}).text
    assert page.count("bakfiets</mark> <mark>parkeren</mark> in de") == 0
    assert page.count('class="search-hit"') >= 3


def test_nothing_when_in_doubt(client: Client, known: Shelf) -> None:
    texts = [
        "parkeerkaart",  # two answers are as good
        "verlof",  # many are about it
        "parkeren",  # one word of a longer question
        "bakfiets stallen bij de directeur thuis",  # about something else too
        "waar hangt de kapstok van waterland",  # not solved
        "xylofoon",
        "",
    ]
    assert {text: shown for text in texts if (shown := card(client, text))} == {}


def test_a_solved_question_answers_with_what_was_accepted(client: Client, known: Shelf) -> None:
    text = card(client, "waar staat de koffiemachine van waterland")
    assert "In de <strong>hal</strong>, links." in text
    assert f"door {known.people.agent} (Servicecentrum)" in text  # as on its own page
    assert "oordeel" not in text


def test_of_an_article_the_part_that_is_asked_about(client: Client, known: Shelf) -> None:
    assert "Met je pas" in card(client, "printer gebruiken")
    assert "bel je Facilitair" in card(client, "printer gebruiken storing")


def test_nobody_gets_an_answer_that_is_not_theirs(known: Shelf) -> None:
    for name, person in known.people.persons().items():
        client = Client()
        if person.is_authenticated:
            client.force_login(person)
        shown = "Te veel." in card(client, "wat verdient de directie van het bedrijf")
        assert shown == (name in {"agent", "curator"}), name


def test_not_on_later_pages_and_not_when_degraded(client: Client, known: Shelf) -> None:
    later = query.search(
        "bakfiets parkeren in garage", viewer=known.people.viewer("anonymous"), language="nl", size=1, page=2
    )
    assert later.page == 2
    assert instant_answers.find_instant_answer(later, later.text) is None
    with patch.object(engines.get(), "search", side_effect=EngineError("down")):
        assert card(client, "bakfiets parkeren in garage") == ""


def test_it_costs_hardly_a_query(
    client: Client,
    known: Shelf,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("search.vocabulary._live_key.seconds", 3600.0)
    client.get("/nl/zoeken/", {"q": "bakfiets"})
    with django_assert_max_num_queries(7):
        assert card(client, "bakfiets parkeren in garage")
