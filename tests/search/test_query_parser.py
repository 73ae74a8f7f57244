"""The query parser."""

from typing import Any
from unittest.mock import patch

import pytest

from search.reading import query_parser as reading
from search.reading.query_parser import ParsedQuery, parse
from search.viewers import EVERYBODY

TITLES = {"t-pay": {"nl": "Salaris en verlof", "en": "Pay and leave"}, "t-pc": {"nl": "Werkplek", "en": "Pay phones"}}


def read(text: str) -> ParsedQuery:
    """Parse a text on a site with two topics."""
    with patch("search.sources.topic_titles", lambda keys, code, viewer: {key: TITLES[key][code] for key in keys}):
        return parse(text, lambda each, name: each.named(name, EVERYBODY, lambda field: TITLES))


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ('"jaarlijks verlof" aanvragen', ("jaarlijks verlof",)),
        ("“jaarlijks verlof”", ("jaarlijks verlof",)),
        ("„jaarlijks verlof” en „nog iets“", ("jaarlijks verlof", "nog iets")),
        ("«a b» »c d«", ("a b", "c d")),
        ('("tussen haakjes")', ("tussen haakjes",)),
        ('scherm van 15" of 27"', ()),
        ('"open', ()),
        ('"" "!?" " "', ()),
        ('"a" "b', ("a",)),
        ("'enkele aanhalingstekens'", ()),
    ],
)
def test_quotes_make_phrases(text: str, phrases: tuple[str, ...]) -> None:
    assert read(text).phrases == phrases


@pytest.mark.parametrize(
    ("text", "excluded", "plain"),
    [
        ("verlof -zwangerschap", ("zwangerschap",), "verlof"),
        ('verlof -"in het buitenland" -ziek,', ("in het buitenland", "ziek"), "verlof"),
        ("e-mail niet-roker a - b", (), "e-mail niet-roker a - b"),
        ("temperatuur -5 en -12,50", (), "temperatuur -5 en -12,50"),
        ("git commit -m --force", (), "git commit -m --force"),
        ("ls -a -l", (), "ls -a -l"),
        ("alles -https://example.org -C:\\map -a@b.nl", (), "alles -https://example.org -C:\\map -a@b.nl"),
        ("-alleen", ("alleen",), ""),
        ("-alleen -dit", ("alleen", "dit"), ""),
        ("fout -ORA-00942", ("ORA-00942",), "fout"),
        ("verlof -", (), "verlof -"),
    ],
)
def test_a_minus_before_a_word_leaves_it_out(text: str, excluded: tuple[str, ...], plain: str) -> None:
    asked = read(text)
    assert (asked.excluded, asked.plain) == (excluded, plain)


@pytest.mark.parametrize(
    ("text", "kinds", "topics", "languages"),
    [
        ("kind:faq pas", ("faq",), (), ()),
        ("pas Soort:Artikelen", ("article",), (), ()),
        ("soort:vraag kind:questions kind:article", ("question", "article"), (), ()),
        ('kind:"FAQ"', ("faq",), (), ()),
        ("taal:nl lang:English", (), (), ("nl", "en")),
        ("taal:Engels, language:Nederlands.", (), (), ("en", "nl")),
        ("taal:Engelse", (), (), ("en",)),
        ("onderwerp:werk topic:t-pay", (), ("t-pc", "t-pay"), ()),
        ("topic:pay", (), ("t-pay", "t-pc"), ()),
        ('topic:"pay and leave"', (), ("t-pay",), ()),
    ],
)
def test_filters_have_names_and_values_in_both_languages(
    text: str, kinds: tuple[str, ...], topics: tuple[str, ...], languages: tuple[str, ...]
) -> None:
    asked = read(text)
    expected = {"kind": kinds, "topic": topics, "language": languages}
    assert asked.filters == {field: values for field, values in expected.items() if values}
    assert asked.plain in ("", "pas")


@pytest.mark.parametrize(
    "text",
    [
        "kind:",
        "kind: faq",
        "soort:auto",
        "taal:klingon",
        "topic:zonnebloem",
        "-kind:faq",
        "http://vraagbaak.example/?kind:faq",
        "12:30",
        "ORA-00942",
        "C:\\dir",
        "bak* b?kfiets *",
        "a AND (b OR c)",
        "titel:x^2~",
        "+a",
        "wie ben ik?",
    ],
)
def test_the_rest_is_plain(text: str) -> None:
    asked = read(text)
    assert (asked.plain, asked.words, asked.operators) == (text, text, ())


def test_filters_that_nothing_is_called_are_remembered() -> None:
    asked = read('verlof soort:onzin, taal:klingon onderwerp:"geen idee" topic:pay')
    assert [(operator.type, operator.text) for operator in asked.unknown_filters] == [
        ("kind", "onzin"),
        ("language", "klingon"),
        ("topic", "geen idee"),
    ]
    assert asked.plain == 'verlof soort:onzin, taal:klingon onderwerp:"geen idee"'
    assert asked.with_filter_value(asked.unknown_filters[0], "FAQ").startswith("verlof soort:FAQ taal:")
    assert 'onderwerp:"Salaris en verlof"' in asked.with_filter_value(asked.unknown_filters[2], "Salaris en verlof")
    assert len(read("soort:x " * 30).unknown_filters) == 10


def test_only_words_to_leave_out_ask_for_everything_else() -> None:
    assert read("-verlof").only_excludes
    assert read("-verlof -ziek").only_excludes
    assert not read("-verlof taal:nl").only_excludes
    assert not read("-verlof ziek").only_excludes
    assert not read('-verlof "in de"').only_excludes


def test_another_wording_means_the_same_topics() -> None:
    asked = read("verlog onderwerp:werk taal:nl")
    other = parse("verlog onderwerp:werk").reworded("verlof onderwerp:werk")
    assert other.filters == {}
    other = asked.reworded("verlof onderwerp:werk taal:nl")
    assert (other.filters, other.bare_text) == ({"topic": ("t-pc",), "language": ("nl",)}, "verlof")


def test_in_a_story_quotes_quote_and_dashes_dash_and_filters_filter() -> None:
    story = (
        "toen ik vanmorgen mijn computer aanzette kreeg ik de melding "
        '"toegang geweigerd" en daarna niets meer -help kind:faq'
    )
    asked = read(story)
    assert asked.phrases == asked.excluded == ()
    assert asked.filters == {"kind": ("faq",)}
    assert asked.words == story.removesuffix(" kind:faq")


def test_what_is_ranked_by_keeps_phrases_and_an_operator_can_be_lifted() -> None:
    asked = read('nieuwe "mobiele telefoon" -lader soort:faq')
    assert asked.plain == "nieuwe"
    assert asked.words == 'nieuwe "mobiele telefoon"'
    assert asked.bare_text == "nieuwe mobiele telefoon"
    assert [asked.without_operator(operator) for operator in asked.operators] == [
        "nieuwe mobiele telefoon -lader soort:faq",
        'nieuwe "mobiele telefoon" soort:faq',
        'nieuwe "mobiele telefoon" -lader',
    ]


def test_operators_are_bounded() -> None:
    asked = read('"ab" ' * 14 + "-cd " * 14)
    assert (len(asked.phrases), len(asked.excluded)) == (10, 10)
    assert asked.plain == '"ab" "ab" "ab" "ab" -cd -cd -cd -cd'


class Counted:
    """A pattern, or patterns by name, that counts the characters it reads."""

    read = 0

    def __init__(self, pattern: Any) -> None:
        self.pattern = pattern

    def __getitem__(self, closers: str) -> "Counted":
        return Counted(self.pattern[closers])

    def search(self, text: str, start: int = 0) -> Any:
        found = self.pattern.search(text, start)
        Counted.read += (found.end() if found else len(text)) - start + 1
        return found

    def match(self, text: str, start: int = 0) -> Any:
        found = self.pattern.match(text, start)
        Counted.read += found.end() - start + 1 if found else 1
        return found


def test_reading_takes_work_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_FILTER", "_RUN", "_UP_TO_QUOTE", "_START", "_EXCLUDABLE", "_TELLING", "_CLOSING"):
        monkeypatch.setattr(reading, name, Counted(getattr(reading, name)))

    def work(text: str) -> int:
        Counted.read = 0
        parse(text)
        return Counted.read

    units = ['"', '-"', "„", 'kind:"', '"a ', "« ", "-a", '" ', "-aa ", "kind:faq ", "("]
    seen = {unit: (work(unit * 250), work(unit * 1_000)) for unit in units}
    assert {unit: counts for unit, counts in seen.items() if counts[1] > 4.5 * counts[0] + 100} == {}
    assert min(counts[1] for counts in seen.values()) >= 1_000, "the characters are no longer counted"


def test_in_a_question_a_dash_dashes() -> None:
    assert read("Wat is de Super -toets?").excluded == ()
    assert read("wat is de super -toets").excluded == ("toets",)
    assert read('wat is "de super" -toets?').phrases == ("de super",)


def test_so_many_names_are_looked_up_at_most() -> None:
    asked: list[str] = []

    def named(each: Any, name: str) -> list[str]:
        asked.append(name)
        return []

    text = " ".join(f"topic:x{n}" for n in range(200))
    assert len(parse(text, named).unknown_filters) == reading.MAX_OPERATORS
    assert len(asked) == reading.MAX_NAMED
