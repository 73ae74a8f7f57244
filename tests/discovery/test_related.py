"""Related documents."""

from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import audiences
from accounts.audiences import Person
from community import actions
from search import engines
from search.engines import EngineError
from tests.community.conftest import make_space
from tests.kb.conftest import Shelf, make_faq, make_topic, shelf  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(shelf: Shelf, indexed: Callable[[], int]) -> Shelf:  # noqa: F811
    """Index the shelf, with documents about parking."""
    parking = make_topic("Parkeren", {audiences.PUBLIC})
    shelf.faqs["bike"] = make_faq("Kan ik mijn bakfiets parkeren in de garage?", {audiences.PUBLIC}, parking)
    shelf.faqs["car"] = make_faq("Mag mijn auto in de garage?", {audiences.PUBLIC}, parking, "Ja, parkeren mag.")
    secret = {audiences.team(shelf.people.hr.pk)}
    shelf.faqs["secret"] = make_faq("Wie mag er gratis parkeren in de garage?", secret, parking)
    shelf.faqs["alone"] = make_faq("Waar vind ik de xylofoon?", {audiences.PUBLIC}, make_topic("Muziek", {"public"}))
    space = make_space("t-open", audiences.PUBLIC)
    actions.ask(
        by=Person(shelf.people.owner), space=space, title="Bakfiets parkeren bij de buren?", body="", language="nl"
    )
    indexed()
    return shelf


def near(client: Client, key: str, language: str = "nl") -> str:
    """Return the fragment, "" without any."""
    address = {"nl": "/nl/zoeken/zie-ook/", "en": "/en/search/related/"}[language]
    response = client.get(address, {"key": key})
    assert response.status_code in {200, 204}
    assert "no-store" in response["Cache-Control"]
    return response.text


def test_what_is_about_the_same_and_nothing_else(client: Client, known: Shelf) -> None:
    text = near(client, f"faq:{known.faqs['bike'].pk}")
    assert "Mag mijn auto in de garage?" in text
    assert "Bakfiets parkeren bij de buren?" in text
    assert "Vraag" in text
    assert "Kan ik mijn bakfiets" not in text
    assert "verlof" not in text
    assert near(client, f"faq:{known.faqs['alone'].pk}") == ""


def test_nobody_is_told_of_what_is_not_theirs(client: Client, known: Shelf) -> None:
    key = f"faq:{known.faqs['bike'].pk}"
    client.force_login(known.people.agent)
    assert "gratis parkeren" in near(client, key)
    for name, person in known.people.persons().items():
        other = Client()
        if person.is_authenticated:
            other.force_login(person)
        assert ("gratis parkeren" in near(other, key)) == (name in {"agent", "curator"}), name
    assert near(Client(), f"faq:{known.faqs['secret'].pk}") == ""


def test_odd_keys_have_nothing(client: Client, known: Shelf) -> None:
    keys = ["", "faq:", "faq:999999", "faq:x", "nothing:1", "conversation:1", "faq:²", "x" * 500]
    assert {key: text for key in keys if (text := near(client, key))} == {}


def test_its_own_translation_is_left_out(client: Client, known: Shelf, indexed: Callable[[], int]) -> None:
    english = make_faq(
        "Where is my auto safe in the garage?",
        {audiences.PUBLIC},
        make_topic("Parking", {audiences.PUBLIC}, "en"),
        translation_key=known.faqs["bike"].translation_key,
    )
    indexed()
    assert english.question not in near(client, f"faq:{known.faqs['bike'].pk}")
    assert english.question in near(client, f"faq:{known.faqs['car'].pk}")


def test_what_was_narrowed_since_is_not_shown_though_kept(client: Client, known: Shelf) -> None:
    key = f"faq:{known.faqs['bike'].pk}"
    assert "Mag mijn auto" in near(client, key)
    known.faqs["car"].own_audience = known.faqs["secret"].own_audience
    known.faqs["car"].save()
    with patch.object(engines.get(), "search", side_effect=AssertionError("kept")):
        assert "Mag mijn auto" not in near(client, key)


def test_no_engine_nothing_related(client: Client, known: Shelf) -> None:
    with patch.object(engines.get(), "search", side_effect=EngineError("down")):
        assert near(client, f"faq:{known.faqs['bike'].pk}") == ""


def test_few_queries_however_much_is_related(
    client: Client,
    known: Shelf,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("search.vocabulary._live_key.seconds", 3600.0)
    key = f"faq:{known.faqs['bike'].pk}"
    near(client, key)
    with django_assert_num_queries(3):  # the FAQ, then titles: FAQs, questions
        near(client, key)


def test_pages_ask_for_it_and_offer_a_search_without_javascript(client: Client, known: Shelf) -> None:
    from community.models import Question

    question = Question.objects.get(title__startswith="Bakfiets")
    text = client.get(question.get_absolute_url()).text
    assert f'hx-get="/nl/zoeken/zie-ook/?key=question%3A{question.pk}"' in text
    assert "/nl/zoeken/?q=Bakfiets%20parkeren%20bij%20de%20buren%3F" in text
    faq = known.faqs["bike"]
    assert f'hx-get="/nl/zoeken/zie-ook/?key=faq:{faq.pk}"' in client.get(faq.get_absolute_url()).text
    article = known.articles["public"]
    assert f"key=article:{article.pk}" in client.get(article.get_url()).text
