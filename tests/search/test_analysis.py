"""Terms, trees and marked words."""

import pytest

from search import analysis, ranking
from search.highlight import Marker
from search.tree import Everything, Sum, Term


@pytest.mark.parametrize(
    "forms",
    [
        "bakfiets bakfietsen",
        "parkeren parkeer parkeert geparkeerd",
        "vakantiedag vakantiedagen",
        "salarisspecificatie salarisspecificaties",
        "huis huizen",
        "aanvraag aanvragen aangevraagd",
        "Café cafe CAFÉ",
        "I.C.T. ict",
        "collega's collega",
    ],
)
def test_forms_of_a_dutch_word_are_one_term(forms: str) -> None:
    assert len({analysis.term(word, "nl") for word in forms.split()}) == 1


def test_forms_of_an_english_word_are_one_term() -> None:
    assert analysis.terms("parking parked parks the", "en") == ["park", "park", "park"]


@pytest.mark.parametrize("text", ["", "   ", "***", "?!", "' ’ .", "\0"])
def test_a_text_without_words_asks_for_everything(text: str) -> None:
    assert ranking.tree(text) == Everything()


def test_stop_words_alone_look_in_titles() -> None:
    tree = ranking.tree("of de het", "nl")
    assert "plain" in str(tree)


def test_a_very_long_text_makes_a_bounded_tree() -> None:
    text = " ".join(f"woord{number}x" for number in range(5000))
    assert str(ranking.tree(text, "nl")).count("Term(") < 2 * 3 * ranking.MOST_TERMS + 200


def test_the_tree_says_what_the_formula_says() -> None:
    best, whole = ranking.tree("garage", "nl").parts  # type: ignore[union-attr]  # a Sum
    fields = Sum((Term("title_nl", "garag", 1.25), Term("tags_nl", "garag", 1.0), Term("body_nl", "garag", 1.0)))
    assert best.parts[0] == Sum((fields,))
    assert whole == Term("plain", analysis.whole(" GARAGE "), 3.0)


def test_words_are_marked_and_everything_else_is_escaped() -> None:
    marker = Marker("bakfietsen <script>")
    assert marker.whole("Een bakfiets & <script>", "nl") == (
        "Een <mark>bakfiets</mark> &amp; &lt;<mark>script</mark>&gt;"
    )


def test_a_snippet_is_where_the_words_are() -> None:
    text = "Lorem ipsum dolor sit amet. " * 40 + "Zet je bakfiets in de garage. " + "Dolor sit amet. " * 40
    snippet = Marker("bakfiets garage").snippet(text, "nl")
    assert snippet.startswith("… Zet je <mark>bakfiets</mark> in de <mark>garage</mark>.")
    assert len(snippet) < 320
    assert Marker("iets anders").snippet(text, "nl").startswith("Lorem")
