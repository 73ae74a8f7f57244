"""Synonyms and best bets without a database, by a simple analysis."""

from datetime import date
from typing import Any, NamedTuple

import pytest

from search import ranking
from search.curation.best_bets import BestBetRule, BestBets, Placement
from search.curation.synonyms import MAX_ALTERNATIVES, SynonymRule, Synonyms
from search.language.analysis import Analysis

TODAY = date(2026, 11, 22)


class Word(NamedTuple):
    """A word of that analysis."""

    stem: str
    stop: bool


class Reader:
    """Words are between spaces, plurals end in s, and two words are stop words unless in capitals."""

    def words(self, text: str, language: str) -> list[tuple[Any, Word]]:
        return [
            (word, Word(word.lower().removesuffix("s"), word in ("de", "from", "it") and language != "xx"))
            for word in text.split()
        ]


READER = Reader()


def expanded(query: str, *rules: SynonymRule, language: str = "nl") -> list[tuple[int, int, str]]:
    """Return start, end and stems of each synonym."""
    words = [word for _, word in READER.words(query, language) if not word.stop]
    found = Synonyms(rules).expand(words, language, READER)
    return [(a.start, a.end, " ".join(word.stem for word in a.words)) for a in found]


CAO = SynonymRule("", ("cao", "collectieve arbeidsovereenkomst"))
MAIL = SynonymRule("nl", ("mailprobleem",), ("outlook",))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cao", [(0, 1, "collectieve arbeidsovereenkomst")]),
        ("caos", [(0, 1, "collectieve arbeidsovereenkomst")]),
        ("de nieuwe cao", [(1, 2, "collectieve arbeidsovereenkomst")]),
        ("mijn collectieve de arbeidsovereenkomst lezen", [(1, 3, "cao")]),
        ("arbeidsovereenkomst collectieve", []),
        ("mailprobleem", [(0, 1, "outlook")]),
        ("outlook", []),
        ("", []),
    ],
)
def test_alternatives(query: str, found: list[Any]) -> None:
    assert expanded(query, CAO, MAIL) == found


def test_a_rule_holds_in_its_language() -> None:
    assert expanded("mailprobleem", MAIL, language="en") == []
    assert expanded("cao", CAO, language="en") == [(0, 1, "collectieve arbeidsovereenkomst")]


def test_loops_end_and_nothing_comes_twice() -> None:
    rules = [
        SynonymRule("", ("a", "b")),
        SynonymRule("", ("b", "c")),
        SynonymRule("", ("c", "a")),
        SynonymRule("", ("a", "b")),
    ]
    assert expanded("a", *rules) == [(0, 1, "b"), (0, 1, "c")]
    assert expanded("a", SynonymRule("", ("a", "as"))) == []


def test_a_term_of_stop_words_is_a_name() -> None:
    assert expanded("it", SynonymRule("", ("IT", "ict"))) == []
    assert expanded("IT", SynonymRule("", ("IT", "ict"))) == [(0, 1, "ict")]
    assert expanded("ict", SynonymRule("", ("it", "ict"))) == [(0, 1, "it")]


def test_long_terms_come_first_and_there_is_an_end() -> None:
    rules = [SynonymRule("", ("b",), ("x",)), SynonymRule("", ("a b",), ("y",))]
    assert expanded("a b", *rules) == [(0, 2, "y"), (1, 2, "x")]
    many = [
        SynonymRule("", ("a",), tuple(f"x{i}" for i in range(20))),
        SynonymRule("", ("b",), tuple(f"y{i}" for i in range(20))),
    ]
    assert len(expanded("a b", *many)) == MAX_ALTERNATIVES


def placement(query: str, *bets: BestBetRule) -> Placement:
    return BestBets(bets).placement(query, READER, TODAY)


def test_a_bet_is_for_the_same_stems_in_any_order() -> None:
    bet = BestBetRule("faq:1", ("verlof aanvragen", "vrij"))
    for query in ("aanvragen verlof", "de verlofs aanvragen", "VRIJ", "verlof verlof aanvragen"):
        assert placement(query, bet).pinned == ("faq:1",)
    for query in ("verlof", "verlof aanvragen ziek", "", "?"):
        assert placement(query, bet).pinned == ()


def test_bets_stand_in_their_order_until_their_last_day() -> None:
    first, second = BestBetRule("faq:1", ("a",), order=2), BestBetRule("faq:2", ("a",), order=1, until=TODAY)
    over = BestBetRule("faq:3", ("a",), until=date(2026, 11, 21))
    assert placement("a", first, second, over).pinned == ("faq:2", "faq:1")


def test_demotions_for_a_query_and_for_all() -> None:
    here, always = BestBetRule("faq:1", ("a",), demotion=True), BestBetRule("faq:2", (), demotion=True)
    assert placement("a", here, always) == Placement((), frozenset({"faq:1", "faq:2"}))
    assert placement("b", here, always) == Placement((), frozenset({"faq:2"}))
    assert placement("b", always, BestBetRule("faq:2", ("b",))) == Placement(("faq:2",), frozenset())
    assert placement("a", here, BestBetRule("faq:1", ("a",))) == Placement((), frozenset({"faq:1"}))


def test_a_bet_of_one_language_is_read_in_that_language() -> None:
    bet = BestBetRule("faq:1", ("de it a",), language="nl")
    assert placement("a", bet).pinned == ("faq:1",)


def test_a_word_that_the_site_says_otherwise_needs_no_meaning() -> None:
    analysis = Analysis.learn([("Waar vind ik mijn salarisspecificatie?", "nl")])
    rules = Synonyms([SynonymRule("nl", ("loonbriefje", "salarisspecificatie")), SynonymRule("nl", ("x", "y"))])

    def weight(text: str, synonyms: Synonyms) -> float:
        return ranking.meaning_weight(ranking.analyse_query(text, "nl", analysis, synonyms), analysis.vocabulary)

    assert weight("loonbriefje", Synonyms()) == 1
    assert weight("loonbriefje", rules) == 0
    assert weight("loonbriefje x", rules) == 0.5
