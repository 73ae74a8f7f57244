"""Synonyms and best bets on plain data: any analysis will do."""

from datetime import date
from typing import Any, NamedTuple

import pytest

from search import ranking
from search.curation.best_bets import Bet, Bets, Placed
from search.curation.synonyms import MOST_ALTERNATIVES, Rule, Synonyms
from search.language.analysis import Analysis

TODAY = date(2026, 11, 22)


class Word(NamedTuple):
    """As the analysis has it."""

    stem: str
    stop: bool


class Reader:
    """Words are between spaces, plurals end in s, two words say nothing unless they are shouted."""

    def words(self, text: str, language: str) -> list[tuple[Any, Word]]:
        return [
            (word, Word(word.lower().removesuffix("s"), word in ("de", "from", "it") and language != "xx"))
            for word in text.split()
        ]


READER = Reader()


def expanded(query: str, *rules: Rule, language: str = "nl") -> list[tuple[int, int, str]]:
    """Start, end and stems of each alternative."""
    words = [word for _, word in READER.words(query, language) if not word.stop]
    found = Synonyms(rules).expand(words, language, READER)
    return [(a.start, a.end, " ".join(word.stem for word in a.words)) for a in found]


CAO = Rule("", ("cao", "collectieve arbeidsovereenkomst"))
MAIL = Rule("nl", ("mailprobleem",), ("outlook",))


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
    rules = [Rule("", ("a", "b")), Rule("", ("b", "c")), Rule("", ("c", "a")), Rule("", ("a", "b"))]
    assert expanded("a", *rules) == [(0, 1, "b"), (0, 1, "c")]
    assert expanded("a", Rule("", ("a", "as"))) == []


def test_a_term_of_stop_words_is_a_name() -> None:
    assert expanded("it", Rule("", ("IT", "ict"))) == []
    assert expanded("IT", Rule("", ("IT", "ict"))) == [(0, 1, "ict")]
    assert expanded("ict", Rule("", ("it", "ict"))) == [(0, 1, "it")]


def test_long_terms_come_first_and_there_is_an_end() -> None:
    rules = [Rule("", ("b",), ("x",)), Rule("", ("a b",), ("y",))]
    assert expanded("a b", *rules) == [(0, 2, "y"), (1, 2, "x")]
    many = [Rule("", ("a",), tuple(f"x{i}" for i in range(20))), Rule("", ("b",), tuple(f"y{i}" for i in range(20)))]
    assert len(expanded("a b", *many)) == MOST_ALTERNATIVES


def placed(query: str, *bets: Bet) -> Placed:
    return Bets(bets).place(query, READER, TODAY)


def test_a_bet_is_for_the_same_stems_in_any_order() -> None:
    bet = Bet("faq:1", ("verlof aanvragen", "vrij"))
    for query in ("aanvragen verlof", "de verlofs aanvragen", "VRIJ", "verlof verlof aanvragen"):
        assert placed(query, bet).pinned == ("faq:1",)
    for query in ("verlof", "verlof aanvragen ziek", "", "?"):
        assert placed(query, bet).pinned == ()


def test_bets_stand_in_their_order_until_their_last_day() -> None:
    first, second = Bet("faq:1", ("a",), order=2), Bet("faq:2", ("a",), order=1, until=TODAY)
    over = Bet("faq:3", ("a",), until=date(2026, 11, 21))
    assert placed("a", first, second, over).pinned == ("faq:2", "faq:1")


def test_demotions_for_a_query_and_for_all() -> None:
    here, always = Bet("faq:1", ("a",), demotion=True), Bet("faq:2", (), demotion=True)
    assert placed("a", here, always) == Placed((), frozenset({"faq:1", "faq:2"}))
    assert placed("b", here, always) == Placed((), frozenset({"faq:2"}))
    assert placed("b", always, Bet("faq:2", ("b",))) == Placed(("faq:2",), frozenset())
    assert placed("a", here, Bet("faq:1", ("a",))) == Placed((), frozenset({"faq:1"}))


def test_a_bet_of_one_language_is_read_in_that_language() -> None:
    bet = Bet("faq:1", ("de it a",), language="nl")
    assert placed("a", bet).pinned == ("faq:1",)


def test_a_word_that_the_site_says_otherwise_needs_no_meaning() -> None:
    analysis = Analysis.learn([("Waar vind ik mijn salarisspecificatie?", "nl")])
    rules = Synonyms([Rule("nl", ("loonbriefje", "salarisspecificatie")), Rule("nl", ("x", "y"))])

    def weight(text: str, synonyms: Synonyms) -> float:
        return ranking.meaning_weight(ranking.read(text, "nl", analysis, synonyms), analysis.vocabulary)

    assert weight("loonbriefje", Synonyms()) == 1
    assert weight("loonbriefje", rules) == 0
    assert weight("loonbriefje x", rules) == 0.5
