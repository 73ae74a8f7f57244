"""Suggestions while somebody types."""

from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import audiences
from discovery import suggestions
from discovery.suggestions import Marker
from search import engines
from search.engines import EngineError
from search.language.analysis import BY_DICTIONARY, Analysis
from tests.kb.conftest import Shelf, make_faq, shelf  # noqa: F401  # a fixture
from tests.people import People

ADDRESS = "/nl/zoeken/suggesties/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def known(shelf: Shelf, indexed: Callable[[], int]) -> Shelf:  # noqa: F811
    """Index the shelf, with titles of several kinds that begin alike."""
    make_faq("Verlof aanvragen: hoe doe ik dat?", {audiences.PUBLIC}, shelf.topic)
    make_faq("Salarisschalen van de directie", {audiences.team(shelf.people.hr.pk)}, shelf.topic)
    indexed()
    return shelf


def titles(client: Client, text: str) -> list[str]:
    """Return the suggested texts in order, without marks."""
    parts = client.get(ADDRESS, {"q": text}).text.split('role="option"')[1:]
    texts = [part.split('class="vb-suggestion-text"')[1].split(">", 1)[1].split("</span>")[0] for part in parts]
    return [text.replace("<mark>", "").replace("</mark>", "") for text in texts]


def test_titles_with_where_they_lead_and_what_they_are(client: Client, known: Shelf) -> None:
    text = client.get(ADDRESS, {"q": "verlof aanv"}).text
    assert "<html" not in text
    assert "<mark>Verlof</mark> <mark>aanv</mark>ragen: hoe doe ik dat?" in text
    assert "-verlof-aanvragen-hoe-doe-ik-dat/" in text
    assert "<span>FAQ</span>" in text
    assert "<span>Verlof</span>" in text


def test_what_begins_as_typed_comes_first(client: Client, known: Shelf) -> None:
    assert titles(client, "verlof a")[0] == "Verlof aanvragen: hoe doe ik dat?"
    assert titles(client, "hoe werkt verlof v")[0].startswith("Hoe werkt verlof voor")


def test_an_outsider_is_never_told_of_what_is_not_theirs(client: Client, known: Shelf) -> None:
    client.force_login(known.people.outsider)
    for typed in ("salarisschalen", "directie", "sala", "hoe werkt verlof", "verlof voor"):
        found = titles(client, typed)
        assert not [title for title in found if "directie" in title or "voor staff" in title], typed
    assert "public" in " ".join(titles(client, "hoe werkt verlof"))


def test_everybody_gets_what_they_may_see(known: Shelf) -> None:
    for name, person in known.people.persons().items():
        client = Client()
        if person.is_authenticated:
            client.force_login(person)
        assert bool(titles(client, "salarisschalen")) == (name in {"agent", "curator"}), name


def test_a_row_that_was_narrowed_after_indexing_is_not_suggested(client: Client, known: Shelf) -> None:
    secret = known.faqs["staff"].audience
    type(known.faqs["public"]).objects.filter(question__startswith="Verlof aanvragen").update(audience=secret)
    assert "Verlof aanvragen: hoe doe ik dat?" not in titles(client, "verlof aanv")


def test_odd_beginnings_are_answered(client: Client, known: Shelf) -> None:
    texts = ["", "v", "  ", "?", "de ", "x" * 5000, "\ud7ff ☃", "a*b ??", "xylofoon"]
    answers = {text: client.get(ADDRESS, {"q": text}).status_code for text in texts}
    assert answers == dict.fromkeys(texts, 200)


def test_no_engine_no_suggestions(client: Client, known: Shelf) -> None:
    with patch.object(engines.get(), "search", side_effect=EngineError("down")):
        response = client.get(ADDRESS, {"q": "verlof"})
    assert (response.status_code, response.text) == (200, "")


def test_only_the_browser_that_asked_keeps_them_and_for_a_moment(client: Client, known: Shelf) -> None:
    response = client.get(ADDRESS, {"q": "verlof"})
    assert response["Cache-Control"] == "private, max-age=30"
    assert "Cookie" in response["Vary"]


def test_the_engine_is_asked_once_for_little(client: Client, known: Shelf) -> None:
    with patch.object(engines.get(), "search", wraps=engines.get().search) as asked:
        client.get(ADDRESS, {"q": "verlof aanv"})
    (request,) = asked.call_args.args
    assert asked.call_count == 1
    assert not request.facets
    assert not request.count
    assert request.size <= 12


def test_as_many_queries_for_many_titles_as_for_few(
    client: Client,
    known: Shelf,
    indexed: Callable[[], int],
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("search.vocabulary._live_key.seconds", 3600.0)
    client.get(ADDRESS, {"q": "verlof"})
    with django_assert_num_queries(2):  # FAQs, articles
        client.get(ADDRESS, {"q": "verlof"})
    for number in range(20):
        make_faq(f"Verlof in week {number}?", {audiences.PUBLIC}, known.topic)
    indexed()
    with django_assert_num_queries(1):  # nothing but FAQs among the best
        assert len(titles(client, "verlof in week")) == 8
    client.force_login(known.people.owner)
    client.get(ADDRESS, {"q": "verlof"})
    with django_assert_num_queries(5):  # session, person, two for their keys, FAQs
        client.get(ADDRESS, {"q": "verlof in week"})


def test_they_are_limited(client: Client, known: Shelf, settings: object) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "suggest": (1, 3600)}
    settings.ADDRESS_LIMITS = {}
    assert [client.get(ADDRESS, {"q": "verlof"}).status_code for _ in range(2)] == [200, 429]


def test_past_queries_come_after_titles(client: Client, known: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    past = ["verlof", "verlof kopen", "verlof & ziekte"]
    monkeypatch.setattr("discovery.analytics.query_log.suggested_queries", lambda prefix, language: past)
    found = titles(client, "verlof")
    assert found[-2:] == ["verlof kopen", "verlof &amp; ziekte"]  # not what is typed already
    assert len(found) <= 8
    assert 'href="/nl/zoeken/?q=verlof+%26+ziekte"' in client.get(ADDRESS, {"q": "verlof"}).text


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("bakf", "Mijn <mark>bakf</mark>iets &amp; ik"),
        ("mijn ba", "<mark>Mijn</mark> <mark>ba</mark>kfiets &amp; ik"),
        ("bakfietsen ", "Mijn <mark>bakfiets</mark> &amp; ik"),
        ("<b>", "Mijn <mark>b</mark>akfiets &amp; ik"),
    ],
)
def test_what_was_typed_is_marked(typed: str, marked: str) -> None:
    assert Marker(typed.rstrip(">"), BY_DICTIONARY).mark("Mijn bakfiets & ik", "nl") == marked


def test_the_search_fields_know_where_to_ask(client: Client, people: People) -> None:
    assert 'src="/nl/zoeken/suggesties/"' in client.get("/nl/").text
    assert 'src="/en/search/suggestions/"' in client.get("/en/topics/").text
    assert "search-suggest for" not in client.get("/nl/zoeken/").text  # results come there while typing


def test_a_mistyped_word_is_tried_as_the_site_writes_it(known: Shelf) -> None:
    analysis = Analysis.learn([("Verlof aanvragen, hoe doe ik dat", "nl")] * 3)
    everybody = frozenset({audiences.PUBLIC})
    assert suggestions.respelled("verlfo aan", "nl", analysis, everybody) == "verlof aan"
    assert suggestions.respelled("verlof aanv", "nl", analysis, everybody) == ""
    assert suggestions.respelled("xylofoon", "nl", analysis, everybody) == ""
    with patch("search.vocabulary.current", return_value=analysis):
        found = suggestions.suggest("verlfo aanvr", viewer=known.people.viewer("outsider"), language="nl")
    assert [each.text for each in found] == ["<mark>Verlof</mark> <mark>aanvr</mark>agen: hoe doe ik dat?"]
