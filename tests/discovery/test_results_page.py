"""How the results page explains its reading of a query, and what it offers without results."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from unittest.mock import patch

import pytest
from django.http import QueryDict
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.audiences import viewer_for
from search import engines, facets, filters, highlight, query, ranking, vocabulary
from search.engines import EngineError
from search.indexing import indexer
from search.language.analysis import BY_DICTIONARY
from search.viewers import EVERYBODY
from tests.people import People
from tests.search import shelf

HTMX = {"HX-Request": "true"}
TYPED = HTMX | {"HX-Trigger": "search-form"}
PAGES = {"nl": "/nl/zoeken/", "en": "/en/search/"}
TITLES = {"t1": {"nl": "Salaris en belasting", "en": "Pay and tax"}, "t2": {"nl": "Parkeren", "en": "Parking"}}
pytestmark = pytest.mark.django_db


def titles_of(keys: object, code: str, viewer: object) -> dict[str, str]:
    """Return the titles of the two topics."""
    return {key: TITLES[key][code] for key in keys if key in TITLES}


@pytest.fixture(autouse=True)
def books(people: People, indexed: Callable[[], int], a_shelf: None) -> Iterator[None]:
    """Create notes in both languages about two topics, and an index with their vocabulary."""
    shelf.note("Jaarlijks verlof aanvragen", "Verlof vraag je aan in Mijn HR.", topic="t1")
    shelf.note("Ziek tijdens je verlof", "Meld je ziek, ook met verlof.", topic="t1")
    shelf.note("Parkeerplaats aanvragen", "Een parkeerplaats kost niets.", topic="t2")
    shelf.note("Requesting annual leave", "Ask for it in My HR, at Leave.", language="en", topic="t1")
    shelf.note("Overzicht van bezoldiging", "Bezoldiging van de directie.", audience=f"team:{people.hr.pk}", topic="t1")
    indexer.rebuild()
    with patch("search.sources.topic_titles", titles_of):
        yield
    vocabulary.clear()


def page(client: Client, text: str, language: str = "nl", headers: dict[str, str] | None = None, **rest: str) -> str:
    """Return the results page with its white space collapsed."""
    text = unescape(client.get(PAGES[language], {"q": text} | rest, headers=headers).text)
    return re.sub(r"\s+", " ", text)


def title(text: str) -> str:
    """Return the tab's title."""
    return text.partition("<title>")[2].partition("</title>")[0]


def chips(text: str) -> list[str]:
    """Return the texts of the chips."""
    found = text.partition("search-chips")[2].partition("</ul>")[0]
    return [re.sub(r"<.*", "", each.partition(">")[2]).strip() for each in found.split('aria-current="true"')[1:]]


@pytest.mark.parametrize(
    ("language", "said", "there"),
    [("nl", "bestaat hier niet", "Wel:"), ("en", "is not known here", "There is:")],
)
@pytest.mark.parametrize(
    ("typed", "other"),
    [("soort:onzin", "soort:note"), ("taal:klingon", "taal:"), ("onderwerp:bestaatniet", "onderwerp:")],
)
def test_an_unknown_filter_is_said_with_what_there_is(
    client: Client, language: str, said: str, there: str, typed: str, other: str
) -> None:
    text = page(client, f"verlof {typed}", language)
    assert f"<code>{typed}</code> {said}" in text
    assert there in text
    assert re.search(rf'href="\?q=verlof\+{other.replace(":", "%3A")}', text)
    assert "search-chips" not in text
    assert "Jaarlijks" in text  # it is searched all the same


def test_what_is_proposed_for_a_topic_is_nearest_first_and_works(client: Client) -> None:
    text = page(client, "onderwerp:parkere verlof")
    assert "bestaat hier niet" not in text  # it begins so
    text = page(client, "onderwerp:salaries verlof")
    links = re.findall(r'href="(\?q=onderwerp%3A[^"]*)">([^<]*)', text)
    assert [name for _, name in links] == ["Salaris en belasting", "Parkeren"]
    assert "Onderwerp: Salaris en belasting" in unescape(client.get(PAGES["nl"] + links[0][0]).text)


def test_nobody_is_offered_a_topic_of_others(client: Client, people: People) -> None:
    shelf.Note.objects.filter(topic="t2").update(audience=f"team:{people.hr.pk}")
    indexer.rebuild()
    assert "Parkeren" not in page(client, "onderwerp:bestaatniet")
    client.force_login(people.agent)
    assert "Parkeren" in page(client, "onderwerp:bestaatniet")


def test_unknown_filters_are_quiet_while_typed_and_without_an_engine(client: Client) -> None:
    assert "bestaat hier niet" not in page(client, "verlof soort:on", headers=TYPED)
    assert "bestaat hier niet" in page(client, "soort:onzin verlof", headers=TYPED)
    with patch.object(engines.get(), "search", side_effect=EngineError("down")):
        assert "bestaat hier niet" not in page(client, "verlof onderwerp:parkeren")
        assert "bestaat hier niet" in page(client, "verlof soort:onzin")


def test_an_unknown_filter_is_said_once_and_no_more_than_three(client: Client) -> None:
    text = page(client, "soort:a1 soort:a1 soort:b2 soort:c3 soort:d4 verlof")
    assert text.count("bestaat hier niet") == 3


@pytest.mark.parametrize(("language", "said"), [("nl", "Dit is alles zonder “verlof”"), ("en", "everything without")])
def test_only_a_word_to_leave_out_gives_everything_else(
    client: Client, people: People, language: str, said: str
) -> None:
    text = page(client, "-verlof", language)
    assert said in text
    assert "Parkeerplaats aanvragen" in text
    assert "Jaarlijks verlof" not in text
    assert 'href="?q=verlof"' in text
    assert "bezoldiging" not in text.lower()
    found = query.search("-verlof -parkeerplaats", viewer=viewer_for(people.outsider), language="nl")
    assert [hit.document.title for hit in found.hits] == ["Requesting annual leave"]
    assert said not in page(client, "-verlof taal:nl", language)
    assert said not in page(client, "-verlof aanvragen", language)


@pytest.mark.parametrize(
    ("language", "heading", "tab"),
    [("nl", "1 resultaat voor “verlof mijn hr”", "Zoeken"), ("en", "1 result for “verlof mijn hr”", "Search")],
)
def test_heading_and_tab_name_the_words_and_chips_the_rest(
    client: Client, language: str, heading: str, tab: str
) -> None:
    text = page(client, 'taal:nl verlof "mijn hr" -ziek', language, kind="note")
    assert heading in text
    assert title(text) == f"verlof mijn hr · {tab} · Vraagbaak"
    expected = {
        "nl": ["Taal: Nederlands", "Precies: mijn hr", "Zonder: ziek", "Soort: note"],
        "en": ["Language: Dutch", "Exactly: mijn hr", "Without: ziek", "Kind: note"],
    }
    assert chips(text) == expected[language]
    assert 'class="search-clear" href="?q=verlof%20mijn%20hr"' in text


def test_without_words_chips_name_the_tab(client: Client) -> None:
    text = page(client, "taal:nl", topic="t1")
    assert title(text) == "Taal: Nederlands, Onderwerp: Salaris en belasting · Zoeken · Vraagbaak"
    assert "2 resultaten </h2>" in text
    assert title(client.get(PAGES["nl"]).text) == "Zoeken · Vraagbaak"


def test_a_correction_is_read_without_its_operators(client: Client) -> None:
    text = page(client, "parkeeerplaats taal:nl onderwerp:parkeren")
    assert "Resultaten voor <strong>parkeerplaats</strong>" in text
    assert "Toch zoeken naar parkeeerplaats<" in text
    assert "1 resultaat voor “parkeerplaats”" in text
    assert "exact=1" in text


def test_results_while_typing_bring_the_tabs_title_and_a_count_to_say(client: Client) -> None:
    text = page(client, "verlof", headers=TYPED)
    assert title(text) == "verlof · Zoeken · Vraagbaak"
    assert "<p data-said hidden>2 resultaten</p>" in text
    assert "hx-swap-oob" not in text
    assert "data-said" not in page(client, "verlof")
    assert "<p data-said hidden>Niets gevonden</p>" in page(client, "-leave -verlof -parkeerplaats", headers=TYPED)


def test_what_was_chosen_is_shown_when_it_has_no_results_or_name(client: Client) -> None:
    text = page(client, "verlof", topic="nowhere")
    assert chips(text) == ["Onderwerp: onbekend"]
    for number in range(14):
        TITLES[f"x{number}"] = {"nl": f"Onderwerp {number}", "en": f"Topic {number}"}
        shelf.note(f"Verlof {number}", "Verlof.", topic=f"x{number}")
    indexer.drain()
    try:
        text = page(client, "verlof", topic="t2")
    finally:
        for number in range(14):
            del TITLES[f"x{number}"]
    assert chips(text) == ["Onderwerp: Parkeren"]
    assert re.search(r'data-option="topic:t2" aria-current="true">Parkeren <span class="vb-number">0<', text)


def test_filters_come_before_the_results_with_counts(client: Client) -> None:
    text = page(client, "verlof leave")
    assert text.index("<summary") < text.index("search-hit")
    assert re.search(r'data-option="language:nl" >Nederlands <span class="vb-number">2<span', text)
    assert "gekozen" not in text
    text = page(client, "verlof leave taal:nl", topic="t1")
    assert '<span class="vb-count">2<span class="visually-hidden"> gekozen</span></span>' in text
    assert '2<span class="visually-hidden"> chosen</span>' in page(client, "verlof lang:nl", "en", topic="t1")


@pytest.mark.parametrize(
    ("language", "said", "link"),
    [
        ("nl", "Niet met deze filters", "Zoek in alles: 2 resultaten"),
        ("en", "Not with these filters", "Search everything: 2 results"),
    ],
)
def test_nothing_with_filters_says_how_much_without(client: Client, language: str, said: str, link: str) -> None:
    text = page(client, "verlof -aanvragen -ziek -leave", language)
    assert said in text
    assert re.search(rf'href="\?q=verlof">{link}', text)
    assert "Tell me" not in text


def test_nothing_anywhere_offers_spelling_people_and_news(client: Client, people: People) -> None:
    for person in (None, people.outsider, people.agent):
        if person:
            client.force_login(person)
        for language, said in (("nl", "Kijk of elk woord"), ("en", "See if every word")):
            text = page(client, "xqzvb taal:nl" if language == "nl" else "xqzvb -leave", language)
            assert said in text
            assert "?q=xqzvb&search=" in text or '?q=xqzvb"' in text  # the words go along, operators do not
            assert text.count('name="search"') == 1  # tell me when there is an answer
            assert text.count("Ben je een collega") + text.count("Are you a colleague") == (person is None)
            if person is None:  # colleagues come first: most of what is known is for them
                assert text.index("/account/login/", text.index(said)) < text.index('name="search"')
            assert ("Hier is nog geen antwoord op" in text or "Nobody has answered" in text) == (person is not None)


@pytest.mark.parametrize(
    ("language", "typed", "badge"),
    [("nl", "leave", "Engels"), ("en", "ziek", "Dutch"), ("en", "parkeerplaats", "Dutch")],
)
def test_hits_in_another_language_say_so(client: Client, language: str, typed: str, badge: str) -> None:
    text = page(client, typed, language)
    assert re.search(rf'class="vb-badge">.{{0,900}}</svg>{badge}</span>', text)
    other = {"nl": "en", "en": "nl"}[language]
    assert re.search(rf'lang="{other}" hreflang="{other}"', text)
    assert (
        f'class="vb-row-text" lang="{other}"' in text or f'class="vb-reading vb-reading-small" lang="{other}"' in text
    )


@pytest.mark.parametrize(
    ("language", "typed", "said"),
    [
        ("nl", "annual leave aanvragen", "Wat het beste past, is in het Engels; verderop"),
        ("en", "jaarlijks verlof requesting", "What fits best is in Dutch; there is something in English"),
    ],
)
def test_among_mixed_results_the_first_may_be_in_another_language(
    client: Client, language: str, typed: str, said: str
) -> None:
    shelf.note("Annual report", "Once a year.", language="en")
    indexer.drain()
    text = page(client, typed, language)
    hits = re.findall(r'class="search-hit"[^>]* lang="(..)"', text)
    assert len(set(hits)) == 2
    assert hits[0] != language
    assert said in text
    assert said not in page(client, {"nl": "verlof", "en": "leave"}[language], language)


@pytest.mark.parametrize(
    ("typed", "rest", "queries"),
    [
        ("verlof", {}, 6),
        ("verlof taal:nl onderwerp:salaris -ziek", {"kind": "note", "topic": "t1"}, 6),
        ("verlof onderwerp:bestaatniet soort:onzin", {}, 6),
        ("verlof -aanvragen -ziek -leave", {}, 6),
    ],
)
def test_as_many_queries_for_few_results_as_for_many(
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    typed: str,
    rest: dict[str, str],
    queries: int,
) -> None:
    client.get(PAGES["nl"])  # fills caches
    with django_assert_max_num_queries(queries):
        page(client, typed, **rest)
    for number in range(30):
        shelf.note(f"Verlof aanvragen {number}", "Verlof.", topic="t1")
    indexer.drain()
    with django_assert_max_num_queries(queries):
        page(client, typed, **rest)


@pytest.mark.parametrize(
    ("language", "said", "not_said"),
    [
        ("nl", "Niets met deze filters gaat over: <strong>parkeerplaats</strong>", "Hier is nog geen antwoord op"),
        ("en", "Nothing with these filters is about: <strong>parkeerplaats</strong>", "Nobody has answered this yet"),
    ],
)
def test_words_that_filters_keep_away_are_not_called_unanswered(
    client: Client, language: str, said: str, not_said: str
) -> None:
    text = page(client, "parkeerplaats verlof", language, topic="t1")
    assert said in text
    assert not_said not in text
    assert 'href="?q=parkeerplaats%20verlof"' in text


def test_an_unknown_filter_does_not_make_a_search_unanswered(client: Client) -> None:
    text = page(client, "ziek soort:nonsens taal:klingonisch")
    assert text.count("bestaat hier niet") == 2
    assert "Hier is nog geen antwoord op" not in text
    assert "gaat over" not in text
    text = page(client, "xqzvbnm ziek soort:nonsens")
    assert "Niets hier gaat over: <strong>xqzvbnm</strong>." in text


@pytest.mark.parametrize(
    ("language", "said"), [("nl", "De eenvoudige zoekopdracht"), ("en", "The simpler search found")]
)
def test_without_an_engine_nothing_found_is_not_nobody_answered(client: Client, language: str, said: str) -> None:
    with patch.object(engines.get(), "search", side_effect=EngineError("down")):
        text = page(client, "xqzvb", language, kind="note")
    assert said in text
    assert 'href="?q=xqzvb&kind=note"' in text
    assert 'href="/nl/vraag-stellen/?q=xqzvb' in text or "/en/ask" in text


@pytest.mark.parametrize("typed", ["😀", "???", "x" * 900])
def test_signs_without_words_show_everything_and_say_so(client: Client, typed: str) -> None:
    text = page(client, typed)
    assert "heeft geen woord om naar te zoeken, dus je ziet alles" in text
    assert "4 resultaten </h2>" in text
    assert "dus je ziet alles" not in page(client, "verlof")


def test_who_chose_a_language_is_not_told_that_there_is_nothing_in_another(client: Client) -> None:
    chosen = client.get(PAGES["nl"], {"q": "leave", "language": "en"}).text
    for text in (page(client, "taal:en leave"), chosen):
        assert "Requesting annual" in text
        assert "in het Nederlands" not in text


def test_visitors_are_not_told_that_nobody_answered(client: Client, people: People) -> None:
    assert "There is nothing public about this" not in page(client, "verlof", "en")
    text = page(client, "bakfiets stallen aanvragen")
    assert "Hierover is niets openbaar" in text
    assert "Hier is nog geen antwoord op" not in text
    client.force_login(people.outsider)
    assert "Hier is nog geen antwoord op" in page(client, "bakfiets stallen aanvragen")


def test_both_search_fields_take_as_much_as_is_read(client: Client, db: None) -> None:
    for address in ("/nl/zoeken/", "/nl/account/login/"):
        page = client.get(address).text
        assert f'data-longest="{ranking.MAX_QUERY_LENGTH}"' in page
        field = page[page.index('type="search"') :]
        assert "maxlength" not in field[: field.index(">")]
    text = "fiets " * 400
    page = client.get("/nl/zoeken/", {"q": text}).text
    assert "alleen het eerste deel is gezocht" in page
    assert text.strip() in page


def test_a_snippet_keeps_lines_and_cells_apart() -> None:
    marker = highlight.Highlighter("verlof", BY_DICTIONARY)
    text = "Soorten\nSoort\tLoon\nverlof\t70%\nMeer weten?\n\nVraag HR.\n" + "x " * 200
    assert marker.snippet(text, "nl").startswith(
        "Soorten · Soort · Loon · <mark>verlof</mark> · 70% · Meer weten?\n\nVraag HR.\nx"
    )
    assert marker.snippet(text, "nl").endswith("x\u00a0…")


def test_the_readers_language_comes_first_of_as_many() -> None:
    counts = {"language": {"en": 3, "nl": 3}}
    nothing: dict[str, tuple[str, ...]] = {"kind": (), "topic": (), "language": ()}
    for language, other in (("nl", "en"), ("en", "nl")):
        (facet,) = facets.build(counts, nothing, QueryDict(), language, {}, EVERYBODY)
        assert [option.value for option in facet.options] == [language, other]


@pytest.mark.parametrize(
    ("language", "own", "other", "topic"),
    [
        ("nl", "soort:artikel", "kind:", 'onderwerp:"Salaris en belasting"'),
        ("en", "kind:article", "soort:", 'topic:"Pay and tax"'),
    ],
)
def test_search_tips_name_each_filter_in_the_readers_language(
    client: Client, language: str, own: str, other: str, topic: str
) -> None:
    """The topic is one in which the reader finds something."""
    tips = page(client, "aanvragen leave", language).partition("search-tips-list")[2].partition("</dl>")[0]
    for typed in (own, other, topic):
        assert f"<code>{typed}</code>" in tips, tips
    assert tips.count("<dt>") == 2 + len(filters.all())


def test_links_keep_nothing_that_the_page_does_not_know(client: Client) -> None:
    """A page has dozens of links: what somebody adds to the address does not stand in each of them."""
    known = {"q": "aanvragen soort:note -parkeren", "topic": ["t1"], "exact": "1"}
    bare = client.get(PAGES["nl"], known).content.decode()
    more = client.get(PAGES["nl"], known | {f"zz{n}": "y" for n in range(150)}).content.decode()
    assert "zz1" not in bare
    links = [link for link in re.findall(r'class="vb-pill"[^>]*href="([^"]*)"', more) if link.startswith("?")]
    assert links
    assert [link for link in links if "zz1" in link] == []


def test_a_filter_has_so_many_values_at_most_and_none_that_cannot_exist(client: Client) -> None:
    given = QueryDict("&".join([f"kind=x{n}" for n in range(40)] + ["kind=faq"] + [f"topic=t{n}" for n in range(40)]))
    selected = facets.selected_filters(given)
    assert selected["kind"] == ("faq",)
    assert len(selected["topic"]) == 20
