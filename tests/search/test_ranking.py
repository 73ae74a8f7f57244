"""Query trees, fusion of two lists, and highlighting."""

import pytest

from search import fusion, ranking
from search.engines import Hit
from search.fusion import fuse
from search.highlight import Highlighter
from search.language.analysis import BY_DICTIONARY, Analysis, whole
from search.query_tree import MatchAll, Phrase, Prefix, Sum, Term
from tests.search.shelf import document

ANALYSIS = Analysis.learn(
    [(f"De printer en het scherm nummer {n} staan klaar voor de afdeling", "nl") for n in range(30)]
    + [("Een toner vervangen", "nl"), ("Replace the toner", "en")]
)


def weights(text: str, language: str = "nl") -> dict[tuple[str, str], float]:
    """Return the boost of each clause by field and words."""
    tree = ranking.query_tree(text, language, analysis=ANALYSIS)
    assert isinstance(tree, Sum)
    found = {}
    for part in tree.parts:
        assert isinstance(part, Term | Phrase)
        words = part.term if isinstance(part, Term) else " ".join(part.terms)
        found[part.field, words] = part.boost
    return found


@pytest.mark.parametrize("text", ["", "   ", "***", "?!", "' ’ .", "\0"])
def test_a_text_without_words_asks_for_everything(text: str) -> None:
    assert ranking.query_tree(text, analysis=BY_DICTIONARY) == MatchAll()


def test_a_query_is_asked_in_both_languages_its_own_first() -> None:
    asked = weights("toner vervangen")
    assert asked["title_nl", "toner"] == asked["body_nl", "toner"] == 1.0
    assert asked["body_en", "toner"] == ranking.OTHER_LANGUAGE
    assert asked["title_nl", "toner vervang"] == ranking.PHRASE
    assert asked["plain", whole(" TONER  vervangen ")] == ranking.WHOLE


def test_a_stop_word_of_the_language_that_is_spoken_is_no_subject_in_the_other() -> None:
    asked = weights("hoe vervang ik de toner")
    assert ("body_en", "hoe") not in asked and ("body_en", "ik") not in asked
    assert ("body_en", "door") in weights("the door is locked", "en")


def test_a_compound_asks_for_its_parts_at_half_the_weight() -> None:
    assert (
        weights("arbeidsovereenkomst")["body_nl", BY_DICTIONARY.words("overeenkomst", "nl")[0][1].stem] == ranking.PART
    )


def test_prose_counts_words_by_rarity() -> None:
    asked = weights("toner printer scherm nummer afdeling klaar rood blauw groen geel")
    assert asked["body_nl", "toner"] > 5 * asked["body_nl", "afdeel"]


def test_a_common_word_loses_more_in_a_story_than_in_a_sentence_and_nothing_among_keywords() -> None:
    def rarity(text: str) -> float:
        return ranking.analyse_query(text, "nl", BY_DICTIONARY).rarity_exponent("nl")

    assert rarity("toner van de printer vervangen") == 0
    assert rarity("Wat moet ik doen als de toner van de printer op is?") == ranking.RARITY_IN_SENTENCE
    assert rarity("What should I do when the toner is empty?") == ranking.RARITY_IN_SENTENCE
    assert rarity("toner printer scherm nummer afdeling klaar rood blauw groen geel") == ranking.RARITY


def test_stop_words_alone_are_a_phrase_and_look_in_titles() -> None:
    asked = weights("waar is het")
    assert asked["surface", "waar is het"] == 1.0
    assert ("plain", "waar") in asked


def test_a_half_typed_word_is_looked_for_in_titles() -> None:
    tree = ranking.query_tree("toner verv", "nl", analysis=BY_DICTIONARY, typing=True)
    assert isinstance(tree, Sum) and tree.parts[-1] == Prefix("plain", "verv", ranking.PREFIX)
    assert "Prefix" not in str(ranking.query_tree("toner verv ", "nl", analysis=BY_DICTIONARY, typing=True))


def test_a_very_long_text_makes_a_bounded_tree() -> None:
    text = " ".join(f"woord{number}x" for number in range(5000))
    assert (
        str(ranking.query_tree(text, "nl", analysis=BY_DICTIONARY)).count("boost=")
        < 2 * 3 * 3 * ranking.MAX_QUERY_WORDS + 10
    )


def hits(*keys: str, language: str = "nl", scores: tuple[float, ...] = (1, 1, 1)) -> list[Hit]:
    return [Hit(key, score, language) for key, score in zip(keys, scores, strict=False)]


def test_a_rank_counts_less_the_further_its_score_is_below_the_best() -> None:
    near = hits("b", "c", scores=(0.9, 0.3))
    (first, _), (second, _), (third, _) = fuse(hits("a", "b", scores=(9, 1)), near, meaning=1, language="nl")
    assert (first, second, third) == ("b", "a", "c")
    by = fusion.fusion_scores(hits("a", "b", scores=(16, 4)), near, meaning=1, language="nl")
    assert by["a"] == (1 / 61, 0)
    assert by["b"] == pytest.approx((0.5 / 62, 1 / 61))
    assert by["c"] == pytest.approx((0, 1 / 3 / 62))


def test_meaning_counts_as_much_as_it_is_given() -> None:
    assert [key for key, _ in fuse(hits("a", "b"), hits("b", "c"), meaning=0, language="nl")] == ["a", "b"]
    assert [key for key, _ in fuse(hits("a", "b"), hits("b", "c"), meaning=0.6, language="nl")] == ["b", "a", "c"]


def test_meaning_carries_a_query_into_the_other_language() -> None:
    words, meaning = hits("accident", "other", language="en"), hits("right", "other", language="en")
    assert [key for key, _ in fuse(words, meaning, meaning=0, language="nl")] == ["other", "right", "accident"]


def meaning_of(text: str) -> float:
    return ranking.meaning_weight(ranking.analyse_query(text, "nl", ANALYSIS), ANALYSIS.vocabulary)


def test_meaning_counts_for_long_queries_and_for_words_that_the_site_never_says() -> None:
    assert meaning_of("toner") == meaning_of("toner in de printer") == 0
    assert 0 < meaning_of("de toner in de printer van de afdeling") < ranking.MAX_MEANING_WEIGHT
    assert meaning_of("de toner " * 9) == ranking.MAX_MEANING_WEIGHT
    assert meaning_of("inktpatroon") == 1
    assert meaning_of("toner inktpatroon") == 0.5
    assert (
        ranking.meaning_weight(ranking.analyse_query("inktpatroon", "nl", BY_DICTIONARY), BY_DICTIONARY.vocabulary) == 0
    )


def test_merits_are_bounded() -> None:
    assert ranking.merit(document("a")) == 1
    assert ranking.merit(document("a", solved=True, verified=True, helpful=10_000)) == pytest.approx(1.14)


def test_only_kinds_that_age_gain_by_being_new() -> None:
    assert ranking.freshness("question", 0) == ranking.FRESH
    assert ranking.freshness("question", 365) == pytest.approx(ranking.FRESH / 2)
    assert ranking.freshness("faq", 0) == 0


def test_words_are_marked_and_everything_else_is_escaped() -> None:
    marker = Highlighter("bakfietsen <script>", BY_DICTIONARY)
    assert marker.whole("Een bakfiets & <script>", "nl") == (
        "Een <mark>bakfiets</mark> &amp; &lt;<mark>script</mark>&gt;"
    )


def test_a_snippet_begins_with_a_whole_word_also_behind_a_new_line() -> None:
    text = "Lorem ipsum dolor sit amet, consectetur adipiscing elit.\n" * 8 + "Bakfietsen staan in de garage.\n" * 2
    snippet = Highlighter("bakfiets garage", BY_DICTIONARY).snippet(text, "nl")
    assert snippet.startswith("…\u00a0<mark>Bakfietsen</mark> staan")


def test_a_snippet_is_where_the_words_are() -> None:
    text = "Lorem ipsum dolor sit amet. " * 40 + "Zet je bakfiets in de garage. " + "Dolor sit amet. " * 40
    snippet = Highlighter("bakfiets garage", BY_DICTIONARY).snippet(text, "nl")
    assert snippet.startswith("…\u00a0Zet je <mark>bakfiets</mark> in de <mark>garage</mark>.")
    assert len(snippet) < 320
    assert Highlighter("iets anders", BY_DICTIONARY).snippet(text, "nl").startswith("Lorem")
