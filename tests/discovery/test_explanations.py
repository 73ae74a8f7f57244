"""Explanations of ranks: what they say, and to whom."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from discovery import explanations
from discovery.explanations import Explanation
from search import query, vocabulary
from search.curation import snapshot
from search.indexing import indexer
from search.models import BestBet, Synonym
from search.query_tree import Boosted, DisMax, Phrase, Prefix, Sum, Term
from tests.people import People
from tests.search import shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def notes(people: People, indexed: Callable[[], int], a_shelf: None) -> None:
    """Create notes, a synonym and a recommended page."""
    shelf.note("Vakantiedagen aanvragen", "Vakantiedagen vraag je aan in Mijn Brug. Aanvragen doe je op tijd.")
    shelf.note("Collectieve arbeidsovereenkomst", "De afspraken over verlof.")
    shelf.note("Request holidays", "In Mijn Brug.", language="en")
    other = shelf.note("Openingstijden", "Van acht tot acht.")
    Synonym.objects.create(terms="cao\ncollectieve arbeidsovereenkomst")
    BestBet.objects.create(document=f"note:{other.pk}", queries="cao")
    indexed()


def explained(people: People, text: str) -> dict[str, Explanation]:
    """Return explanations by title."""
    synonyms = snapshot.current().synonyms
    found = query.search(text, viewer=people.viewer("curator"), language="nl")
    analysis = vocabulary.current()
    return {hit.document.title: explanations.explain(hit, found.trace, analysis, synonyms) for hit in found.hits}


def said(why: Explanation) -> set[tuple[str, str]]:
    """Return what matched, and how."""
    return {(match.words, match.what) for match in why.matches}


def test_words_parts_phrases_and_places(people: People, notes: None) -> None:
    why = explained(people, "vakantiedagen aanvragen")["Vakantiedagen aanvragen"]
    assert {("vakantiedagen", "word"), ("aanvragen", "word"), ("vakantiedagen aanvragen", "phrase")} <= said(why)
    assert ("vakantiedagen aanvragen", "whole") in said(why)
    word = next(match for match in why.matches if (match.words, match.what) == ("vakantiedagen", "word"))
    assert word.fields["titel"] == 1
    assert word.weight == 1.0
    assert why.word_rank == 1
    assert why.word_score > 0
    assert why.fused == pytest.approx(sum(why.shares))
    part = explained(people, "vakantie")["Vakantiedagen aanvragen"]
    assert ("vakantie", "word") in said(part)


def test_synonyms_and_curators(people: People, notes: None) -> None:
    why = explained(people, "cao")
    assert list(why) == ["Openingstijden", "Collectieve arbeidsovereenkomst"]
    assert why["Openingstijden"].recommended
    assert why["Openingstijden"].matches == []
    matches = why["Collectieve arbeidsovereenkomst"].matches
    assert {(match.words, match.what, match.instead) for match in matches} == {
        ("collectieve arbeidsovereenkomst", "synonym", "cao")
    }
    assert len(matches) == 1
    assert matches[0].weight == pytest.approx(3 * 0.8 * 0.5 / 2)  # two words, and both together
    demoted = shelf.Note.objects.get(title="Collectieve arbeidsovereenkomst")
    BestBet.objects.create(document=f"note:{demoted.pk}", kind="demotion")
    assert explained(people, "cao")["Collectieve arbeidsovereenkomst"].demoted


def test_how_a_query_was_read(people: People, notes: None) -> None:
    trace = query.search("hoe zit het met de cao", viewer=people.viewer("curator"), language="nl").trace
    dutch, english = explanations.query_readings(trace, vocabulary.current(), snapshot.current().synonyms)
    assert (dutch.language, dutch.factor, english.language) == ("nl", 1.0, "en")
    assert [(word.text, word.synonyms) for word in dutch.words][-1] == ("cao", ("collectieve arbeidsovereenkomst",))
    assert "de" in dutch.left_out


def test_phrases_and_corrections_are_said(client: Client, people: People, notes: None) -> None:
    client.force_login(people.curator)
    page = client.get("/nl/zoeken/", {"q": '"mijn brug" -acht vakantiedagen', "explain": "1"}).text
    assert "“mijn brug”" in page
    assert "Mag er niet in staan: acht" in " ".join(page.split())
    indexer.rebuild()  # learns the words that there are
    found = query.search("opennigstijden", viewer=people.viewer("curator"), language="nl")
    assert (found.corrected, found.trace.text) == ("openingstijden", "openingstijden")
    why = explanations.explain(found.hits[0], found.trace, vocabulary.current(), snapshot.current().synonyms)
    assert said(why) >= {("openingstijden", "word")}


def test_groups_that_do_not_match_say_nothing() -> None:
    fields = {"a": ["x", "y", "z", "x"]}
    x, y, no = Term("a", "x"), Term("a", "y"), Term("a", "no")
    leaves = explanations._leaves
    assert leaves(x, fields) == [(x, 2)]
    assert leaves(Sum((x, no), 2), fields) == []
    assert leaves(Boosted(no, (x,)), fields) == []
    assert leaves(DisMax((no, Boosted(x, (y, no)))), fields) == [(x, 2), (y, 1)]
    near, far = Phrase("a", ("y", "z")), Phrase("a", ("x", "z"))
    assert leaves(near, fields) == [(near, 1)]
    assert leaves(far, fields) == []
    assert leaves(Phrase("a", ("x", "z"), 1), fields) == [(Phrase("a", ("x", "z"), 1), 1)]
    assert leaves(Prefix("a", "x"), fields) == [(Prefix("a", "x"), 2)]
    assert leaves(Term("b", "x"), fields) == []


def test_only_curators_are_told(client: Client, people: People, notes: None) -> None:
    address = {"q": "cao verlof", "explain": "1"}
    for who in ("anonymous", "outsider", "agent", "curator", "administrator"):
        if who != "anonymous":
            client.force_login(getattr(people, who))
        page = client.get("/nl/zoeken/", address).text
        told = who in ("curator", "administrator")
        assert ("Waarom hier?" in page) == told
        assert ("Hoe deze zoekopdracht is gelezen" in page) == told
        plain = client.get("/nl/zoeken/", {"q": "cao verlof"}).text
        assert ("Leg deze volgorde uit" in plain) == told
        assert "Waarom hier?" not in plain


@pytest.mark.parametrize("text", ["", "de het een", "x" * 3000, '"cao" -verlof', "\ud7ff", "a b c d e f g h i j k l m"])
def test_any_search_can_be_explained(client: Client, people: People, notes: None, text: str) -> None:
    client.force_login(people.curator)
    assert client.get("/nl/zoeken/", {"q": text, "explain": "1"}).status_code == 200
    assert client.get("/en/search/", {"q": text, "explain": "2"}).status_code == 200


def test_explaining_takes_no_query_more(client: Client, people: People, notes: None) -> None:
    client.force_login(people.curator)
    client.get("/nl/zoeken/", {"q": "verlof"})
    counts = []
    for address in ({"q": "verlof"}, {"q": "verlof", "explain": "1"}):
        with CaptureQueriesContext(connection) as counted:
            client.get("/nl/zoeken/", address)
        counts.append(len(counted))
    assert counts[1] <= counts[0]
