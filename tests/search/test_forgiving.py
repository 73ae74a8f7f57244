"""Operators, spelling correction and other wordings, by `query.search` and on the results page."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from unittest.mock import patch

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.audiences import viewer_for
from search import engines, query, vocabulary
from search.curation.snapshot import CurationSnapshot
from search.curation.synonyms import SynonymRule, Synonyms
from search.engines import EngineError
from search.indexing import indexer
from tests.people import People
from tests.search import shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(people: People, indexed: Callable[[], int], a_shelf: None) -> Iterator[None]:
    """Public notes and one for HR, in an index with their vocabulary."""
    shelf.note("Jaarlijks verlof aanvragen", "Verlof vraag je aan in Mijn HR, ook jaarlijks.")
    shelf.note("Verlof bij een jaarlijks feest", "Het jaarlijkse verlof is iets anders. Zwangerschap ook.")
    shelf.note("Waar vind ik mijn salarisspecificatie?", "In Mijn HR, onder privé.", topic="t1")
    shelf.note("Parkeerplaats aanvragen", "Een parkeerplaats kost niets.", topic="t2")
    shelf.note("Requesting annual leave", "Ask for it in My HR.", language="en")
    shelf.note("Overzicht van bezoldiging", "Bezoldigingsmaximum van de directie.", audience=f"team:{people.hr.pk}")
    indexer.rebuild()
    yield
    vocabulary.clear()


def titles(text: str, people: People, **rest: object) -> list[str]:
    """Return what the outsider finds."""
    found = query.search(text, viewer=viewer_for(people.outsider), language="nl", **rest)
    return [hit.document.title for hit in found.hits]


def page(client: Client, text: str, **rest: str) -> str:
    """Return the text of the results page."""
    return unescape(client.get("/nl/zoeken/", {"q": text} | rest).text)


def test_a_quoted_phrase_is_in_every_result(books: None, people: People) -> None:
    assert titles('"jaarlijks verlof"', people) == ["Jaarlijks verlof aanvragen"]
    assert titles("„vind ik mijn”", people) == ["Waar vind ik mijn salarisspecificatie?"]
    assert titles('aanvragen "aan in mijn hr"', people) == ["Jaarlijks verlof aanvragen"]
    assert len(titles("jaarlijks verlof", people)) == 2
    assert titles('"verlof jaarlijks"', people) == []


def test_a_word_is_left_out_in_every_inflection(books: None, people: People) -> None:
    assert titles("verlof -zwangerschappen", people) == ["Jaarlijks verlof aanvragen"]
    assert titles('verlof -"mijn hr"', people) == ["Verlof bij een jaarlijks feest"]
    assert titles("-verlof -parkeerplaats", people) == [  # only exclusions: everything without those words
        "Waar vind ik mijn salarisspecificatie?",
        "Requesting annual leave",
    ]


def test_filters_narrow_and_unknown_ones_are_words(books: None, people: People) -> None:
    assert titles("taal:en leave verlof", people) == ["Requesting annual leave"]
    assert titles("taal:Engels kind:note", people) == ["Requesting annual leave"]
    called = {"t1": "Pay", "t2": "Parkeren"}
    with patch("search.sources.topic_titles", lambda keys, code, viewer: {k: called[k] for k in keys}):
        assert titles("onderwerp:pay -verlof", people) == ["Waar vind ik mijn salarisspecificatie?"]
        assert titles("onderwerp:park", people) == ["Parkeerplaats aanvragen"]
    assert titles("onderwerp:aanvragen", people) == titles("onderwerp aanvragen", people)


def test_a_topic_is_named_only_to_those_who_may_see_something_of_it(books: None, people: People) -> None:
    shelf.note("Voor HR alleen", topic="t9", audience=f"team:{people.hr.pk}")
    indexer.drain()
    called = {"t1": "Pay", "t2": "Parkeren", "t9": "Paleisgeheimen"}
    with patch("search.sources.topic_titles", lambda keys, code, viewer: {k: called[k] for k in keys}):
        assert query.search("topic:pal", viewer=viewer_for(people.outsider)).parsed.filters == {}


def test_the_operators_are_shown_and_can_be_taken_away(client: Client, books: None) -> None:
    text = page(client, '"jaarlijks verlof" -feest taal:nl', kind="note")
    assert "Precies: jaarlijks verlof" in text
    assert "Zonder: feest" in text
    assert "Taal: Nederlands" in text
    assert '?q="jaarlijks+verlof"+taal:nl&kind=note'.replace('"', "%22").replace(":", "%3A") in text
    assert "<mark>Jaarlijks</mark> <mark>verlof</mark>" in text
    # The facet's link removes the filter from the text.
    assert re.search(r'href="\?q=%22jaarlijks\+verlof%22\+-feest&kind=note"\s+hx-boost="false"', text)
    assert '<input type="hidden" form="search-form" name="language"' not in text


def test_small_words_of_a_phrase_are_marked(client: Client, books: None) -> None:
    assert "<mark>in</mark> <mark>Mijn</mark> <mark>HR</mark>" in page(client, '"in mijn hr"')
    assert "<mark>in</mark>" not in page(client, "in mijn hr")


def test_what_finds_nothing_is_corrected_at_once(client: Client, books: None) -> None:
    text = page(client, "salarisspecifcatie")
    assert "Resultaten voor <strong>salarisspecificatie</strong>" in text
    assert "1 resultaat voor “salarisspecificatie”" in text
    assert 'href="?q=salarisspecifcatie&exact=1">Toch zoeken naar salarisspecifcatie' in text
    assert 'value="salarisspecifcatie"' in text
    text = page(client, "salarisspecifcatie", exact="1")
    assert "Niets gevonden voor “salarisspecifcatie”" in text
    assert "Bedoelde je" not in text


def test_what_finds_little_gets_a_suggestion(client: Client, books: None) -> None:
    text = page(client, "verlof parkeerplats")
    assert 'Bedoelde je <a href="?q=verlof+parkeerplaats"><strong>verlof parkeerplaats</strong></a>' in text
    assert "Toch zoeken" not in text
    assert "Bedoelde je" not in page(client, "verlof parkeerplaats")
    assert "Bedoelde je" not in page(client, "verlof xqzvbn")


def test_a_suggestion_is_spelt_as_the_documents_do(books: None, people: People) -> None:
    found = query.search("prieve", viewer=viewer_for(people.outsider), language="nl")
    assert found.corrected == "privé"


def test_a_name_that_the_site_never_says_can_be_meant(books: None, people: People) -> None:
    synonyms = Synonyms(
        [SynonymRule("nl", ("loonbriefje", "salarisspecificatie")), SynonymRule("nl", ("loonzakje", "winstdeling"))]
    )
    ask = partial(query.search, viewer=viewer_for(people.owner), language="nl", curation=CurationSnapshot(synonyms))
    found = ask("loonbreifje")
    assert (found.corrected, [hit.row.title for hit in found.hits]) == (
        "loonbriefje",
        ["Waar vind ik mijn salarisspecificatie?"],
    )
    assert not ask("loonzakkje").corrected, "what it stands for is not there either"


def test_operators_stay_in_a_correction(books: None, people: People) -> None:
    found = query.search('verlof "mijn hr" salarisspecifcatie -feest', viewer=viewer_for(people.outsider))
    assert found.did_you_mean in ("", 'verlof "mijn hr" salarisspecificatie -feest')
    assert query.search("parkeeerplaats taal:nl", viewer=viewer_for(people.outsider)).corrected == (
        "parkeerplaats taal:nl"
    )


def test_words_written_apart_or_together(books: None, people: People) -> None:
    found = query.search("parkeerplaatsaanvragen", viewer=viewer_for(people.outsider), language="nl")
    assert [hit.document.title for hit in found.hits][:1] == ["Parkeerplaats aanvragen"]
    found = query.search("salaris specificatie", viewer=viewer_for(people.outsider), language="nl")
    assert [hit.document.title for hit in found.hits][:1] == ["Waar vind ik mijn salarisspecificatie?"]


def test_nobody_is_given_a_word_that_only_others_may_read(books: None, people: People, client: Client) -> None:
    for text in ("bezoldigin", "bezoldigging", "bezoldigingsmaximun", "bezoldigings maximum"):
        found = query.search(text, viewer=viewer_for(people.outsider), language="nl")
        assert (found.total, found.did_you_mean, found.corrected) == (0, "", "")
        assert "bezoldiging<" not in page(client, text).lower()
    client.force_login(people.agent)  # a member of HR
    assert query.search("bezoldigging", viewer=viewer_for(people.agent), language="nl").corrected == "bezoldiging"


def test_a_word_that_was_taken_back_after_indexing_is_not_given(books: None, people: People) -> None:
    shelf.Note.objects.filter(title__startswith="Waar vind").update(audience="staff")
    found = query.search("salarisspecifcatie", viewer=viewer_for(people.outsider), language="nl")
    assert (found.did_you_mean, found.corrected) == ("", "")


def test_numbers_codes_and_right_words_are_left_alone(books: None, people: People) -> None:
    shelf.note("Foutmelding ORA-00942 bij formulier 12b", "Zie verlof 2026 en de koffie.")
    indexer.rebuild()
    for text in ("ORA-00943", "12c", "verlof 2062", "verlog@example.org", "koffer", "C:\\verlog"):
        found = query.search(text, viewer=viewer_for(people.outsider), language="nl")
        assert (found.did_you_mean, found.corrected) == ("", ""), text


def test_a_word_that_is_still_being_typed_is_left_alone(books: None, people: People) -> None:
    viewer = viewer_for(people.outsider)
    assert query.search("salarisspecif", viewer=viewer, language="nl", typing=True).corrected == ""
    assert (
        query.search("salarisspecifcati", viewer=viewer, language="nl", typing=True).corrected == "salarisspecificatie"
    )


def test_words_that_are_found_cost_no_second_look(books: None, people: People) -> None:
    engine = engines.get()
    with patch.object(engine, "count_matches", side_effect=AssertionError):
        assert titles("verlof aanvragen", people)
        assert titles("parkeerplaatsen", people)
    with patch.object(engine, "count_matches", side_effect=EngineError("slow")):
        found = query.search("verlof parkeerplats", viewer=viewer_for(people.outsider), language="nl")
    assert found.hits
    assert not found.degraded
    assert found.did_you_mean == ""


def test_without_an_engine_operators_hold(books: None, people: People) -> None:
    with patch.object(engines.get(), "search", side_effect=EngineError("down")):
        assert titles('"jaarlijks verlof" aanvragen', people) == ["Jaarlijks verlof aanvragen"]
        assert titles("verlof -feest", people) == ["Jaarlijks verlof aanvragen"]
        assert titles("verlof taal:en", people) == []


def test_a_correction_costs_a_constant_number_of_queries(
    client: Client, books: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(25):
        shelf.note(f"Reiskosten {number}", "Vergoeding.")
    indexer.rebuild()
    client.get("/nl/zoeken/")  # fill caches
    with django_assert_max_num_queries(8):
        text = page(client, "reiskostn", page="2")
    assert text.count('class="search-hit"') == 10
    assert "Resultaten voor <strong>reiskosten</strong>" in text


def test_tips_explain_what_can_be_typed_in_both_languages(client: Client) -> None:
    text = client.get("/nl/zoeken/").text
    assert "Zoektips" in text
    assert "<code>soort:artikel</code>" in text
    assert "<code>lang:en</code>" in client.get("/en/search/").text


def test_existing_answers_forgive_too(books: None, people: People) -> None:
    viewer = viewer_for(people.outsider)
    found = query.suggest_answers("hoe vraag ik een parkeeerplaats", viewer=viewer, language="nl")
    assert [hit.row.title for hit in found][:1] == ["Parkeerplaats aanvragen"]
    assert query.suggest_answers("xylofoon", viewer=viewer, language="nl") == []
    without = query.suggest_answers("hoe vraag ik een parkeeerplaats", viewer=viewer, exclude=(found[0].key,))
    assert found[0].key not in [hit.key for hit in without]
