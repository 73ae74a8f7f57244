"""What a query asks for, and how two lists become one."""

from datetime import UTC, datetime, timedelta

from search.formula import Signals, clauses, signals
from search.fusion import Hit, fuse, meaning_weight
from search.language.analysis import Analysis

ANALYSIS = Analysis.learn(
    [(f"De printer en het scherm nummer {n} staan klaar voor de afdeling", "nl") for n in range(30)]
    + [("Een toner vervangen", "nl"), ("Replace the toner", "en")]
)


def test_a_query_is_asked_in_both_languages_its_own_first() -> None:
    asked = clauses("toner vervangen", "nl", ANALYSIS)
    weights = {(clause.field, clause.tokens): clause.weight for clause in asked}
    assert weights[("title_nl", ("toner",))] == 1.0
    assert weights[("body_en", ("toner",))] == 0.7
    assert weights[("title_nl", ("toner", "vervang"))] == 0.4


def test_prose_counts_words_by_rarity() -> None:
    asked = clauses("toner printer scherm nummer afdeling klaar rood blauw groen geel", "nl", ANALYSIS)
    weights = {clause.tokens: clause.weight for clause in asked if clause.field == "body_nl"}
    assert weights[("toner",)] > 5 * weights[("afdel",)]


def test_stop_words_alone_are_a_phrase_and_nothing_is_nothing() -> None:
    (only,) = clauses("waar is het", "nl", ANALYSIS)
    assert only.field == "surface" and only.tokens == ("waar", "is", "het")
    assert clauses("!? …", "nl", ANALYSIS) == []


def test_a_short_query_is_ranked_by_words_alone() -> None:
    words, meaning = [Hit("a", "nl"), Hit("b", "nl")], [Hit("b", "nl"), Hit("c", "nl")]
    assert [key for key, _ in fuse(words, meaning, words=2, language="nl")] == ["a", "b"]
    assert [key for key, _ in fuse(words, meaning, words=12, language="nl")] == ["b", "a", "c"]
    assert meaning_weight(4) == 0 and meaning_weight(10) == meaning_weight(99) == 0.6


def test_meaning_carries_a_query_into_the_other_language() -> None:
    words = [Hit("accident", "en"), Hit("other", "en")]
    meaning = [Hit("right", "en"), Hit("other", "en")]
    assert fuse(words, meaning, words=2, language="nl")[0][0] == "other"
    assert fuse(words, meaning, words=2, language="nl")[1][0] == "right"


def test_signals_move_a_hit_a_few_places() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert signals(Signals(), now=now) == 1
    best = Signals(verified=True, solved=True, helpful=10_000, updated=now)
    assert 1.1 < signals(best, now=now, fresh_days=30) < 1.2
    old = Signals(updated=now - timedelta(days=3000))
    assert signals(old, now=now, fresh_days=30) < 1.001
