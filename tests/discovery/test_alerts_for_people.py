"""Synonyms and recommended pages on the results page and beside forms, for named people."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from discovery.curation import actions
from search import engines, query
from search.indexing import indexer
from search.models import BestBet, ProtectedWord, Synonym
from tests.people import People
from tests.search import shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def notes(people: People, indexed: Callable[[], int], a_shelf: None) -> dict[str, str]:
    """Create notes. Return their keys by name; `closed` is for HR alone."""
    rows = {
        "pay": shelf.note("Salarisspecificatie bekijken", "In Mijn Brug."),
        "pay2": shelf.note("Salarisspecificatie van vorig jaar", "In Mijn Brug."),
        "closed": shelf.note("Salarisschalen van de directie", "Geheim.", audience=f"team:{people.hr.pk}"),
        "other": shelf.note("Openingstijden", "Van acht tot acht."),
    }
    indexed()
    return {name: f"note:{row.pk}" for name, row in rows.items()}


def keys(people: People, who: str, text: str, **rest: Any) -> list[str]:
    """Return the keys that somebody finds."""
    return [hit.key for hit in query.search(text, viewer=people.viewer(who), language="nl", **rest).hits]


def test_a_synonym_works_at_once_and_stops_at_once(people: People, notes: dict[str, str]) -> None:
    assert keys(people, "outsider", "loonbriefje") == []
    row = actions.save(
        by=people.viewer("curator"), row=Synonym(terms="loonbriefje\nsalarisspecificatie", language="nl")
    )
    assert set(keys(people, "outsider", "loonbriefje")) == {notes["pay"], notes["pay2"]}
    found = query.search("loonbriefje", viewer=people.viewer("outsider"), language="nl")
    assert "<mark>Salarisspecificatie</mark>" in found.hits[0].title
    assert found.missing_words == ()
    assert query.suggest_answers("mijn loonbriefje", viewer=people.viewer("outsider"), language="nl")
    actions.delete(by=people.viewer("curator"), row=row)
    assert keys(people, "outsider", "loonbriefje") == []


def test_a_recommended_page_is_for_those_who_may_see_it(people: People, notes: dict[str, str], client: Client) -> None:
    BestBet.objects.create(document=notes["closed"], queries="salarisspecificatie")
    BestBet.objects.create(document=notes["other"], queries="salarisspecificatie", order=2)
    for who in ("outsider", "owner", "ict_agent", "anonymous"):
        assert keys(people, who, "salarisspecificaties")[0] == notes["other"]
        assert notes["closed"] not in keys(people, who, "salarisspecificaties")
        found = query.search("salarisspecificatie", viewer=people.viewer(who), language="nl")
        assert found.total == len(found.hits) == 3
        assert [hit.recommended for hit in found.hits] == [True, False, False]
    for who in ("agent", "curator"):
        assert keys(people, who, "salarisspecificatie")[:2] == [notes["closed"], notes["other"]]
    page = client.get("/nl/zoeken/", {"q": "salarisspecificatie"}).text
    assert page.count("Aanbevolen") == 1
    assert "directie" not in page
    client.force_login(people.agent)
    assert client.get("/en/search/", {"q": "salarisspecificatie"}).text.count("Recommended") == 2


def test_a_page_narrowed_after_indexing_is_not_recommended(people: People, notes: dict[str, str]) -> None:
    BestBet.objects.create(document=notes["other"], queries="salarisspecificatie")
    shelf.Note.objects.filter(title="Openingstijden").update(audience="staff")
    assert notes["other"] not in keys(people, "outsider", "salarisspecificatie")


def test_pages_hold_each_hit_once(people: People, notes: dict[str, str]) -> None:
    BestBet.objects.create(document=notes["pay2"], queries="salarisspecificatie")
    BestBet.objects.create(document="note:999999", queries="salarisspecificatie")
    pages = [keys(people, "owner", "salarisspecificatie", page=page, size=1) for page in (1, 2, 3)]
    assert pages == [[notes["pay2"]], [notes["pay"]], []]
    # What is recommended obeys the filters.
    assert keys(people, "owner", "salarisspecificatie", filters={"topic": ("t9",)}) == []


def test_demotions_for_one_search_and_for_all(people: People, notes: dict[str, str]) -> None:
    first, second = keys(people, "owner", "salarisspecificatie")
    BestBet.objects.create(document=first, kind="demotion", queries="Salarisspecificaties")
    assert keys(people, "owner", "salarisspecificatie") == [second, first]
    assert keys(people, "owner", "salarisspecificatie brug")[0] in (first, second)
    BestBet.objects.all().delete()
    BestBet.objects.create(document=first, kind="demotion")
    assert keys(people, "owner", "salarisspecificatie brug") == [second, first]


def test_what_is_stopped_or_over_does_nothing(people: People, notes: dict[str, str]) -> None:
    BestBet.objects.create(document=notes["other"], queries="salarisspecificatie", active=False)
    BestBet.objects.create(document=notes["other"], queries="salarisspecificatie", until="2026-01-01")
    Synonym.objects.create(terms="openingstijden\nloonbriefje", active=False)
    assert notes["other"] not in keys(people, "owner", "salarisspecificatie")
    assert keys(people, "owner", "loonbriefje") == []


def test_queries_stay_constant(
    client: Client, people: People, notes: dict[str, str], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        Synonym.objects.create(terms=f"salarisspecificatie\nwoord{number}")
        BestBet.objects.create(document=notes["other"], queries=f"salarisspecificatie\nvraag {number}")
    client.get("/nl/zoeken/", {"q": "salarisspecificatie"})
    with django_assert_max_num_queries(6):
        assert "Openingstijden" in client.get("/nl/zoeken/", {"q": "salarisspecificatie"}).text


def test_a_protected_word_is_whole_after_a_rebuild(people: People, notes: dict[str, str]) -> None:
    shelf.note("Vakantiedagen", "Een naam.")
    assert keys(people, "owner", "vakantie") == []
    actions.save(by=people.viewer("curator"), row=ProtectedWord(word="Vakantiedagen"))
    engine = engines.get()
    indexer.run_round(engine)
    assert len(keys(people, "owner", "vakantiedagen")) == 1
    assert keys(people, "owner", "vakantiedag") == []
    ProtectedWord.objects.all().delete()
    indexer.rebuild(engine)
    assert len(keys(people, "owner", "vakantiedag")) == 1
    assert len(keys(people, "owner", "vakantie")) == 1


def test_a_recommended_page_takes_the_place_of_an_instant_answer(
    client: Client, people: People, notes: dict[str, str]
) -> None:
    BestBet.objects.create(document=notes["other"], queries="salarisspecificatie bekijken")
    page = client.get("/nl/zoeken/", {"q": "salarisspecificatie bekijken"}).text
    assert "h-instant" not in page
    assert page.index("Openingstijden") < page.index(">Salarisspecificatie<")
