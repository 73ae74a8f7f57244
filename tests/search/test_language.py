"""Text analysis, by everyday words of a service desk."""

import json
import random

import pytest

from benchmarks import corpus
from search.highlight import Highlighter
from search.language.analysis import BOUNDARY, Analysis
from search.language.compounds import Compounds, Vocabulary
from search.language.detect import detect
from search.language.lexicon import is_word
from search.language.stems import stems_of
from search.language.tokens import tokenise

HR = [
    ("Vakantiedagen aanvragen. Je vakantie en elke vrije dag staan in het portaal.", "nl"),
    ("Een aanvraag voor een dag verlof. Vraag de dag op tijd aan.", "nl"),
    ("Elke dag op de fiets naar het werk.", "nl"),
    ("Reset your password and your account.", "en"),
]


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return Analysis.learn(HR)


def stems(analysis: Analysis, text: str, language: str = "nl") -> list[str]:
    return [word.stem for _, word in analysis.words(text, language)]


@pytest.mark.parametrize(
    "forms",
    [
        "salarisspecificatie salarisspecificaties",
        "fiets fietsen fietst gefietst",
        "huis huizen huisje",
        "mogelijkheid mogelijkheden",
        "aanvraag aanvragen aangevraagd",
        "lopen loopt gelopen liep",
        "brief brieven",
        "boeking boekingen boeken geboekt",
        "lid leden",
        "foto foto's",
        "café cafe",
        "goedkeuren goedkeuring goedgekeurd",
        "thuiswerkplek thuiswerkplekken",
        "I.C.T. ICT ict",
        "e-mail email",
        # the dictionary files the first one under another word, which would not match the others
        "werkgever werkgevers",
        "boete boetes",
        "update updates updaten",
        "reden redenen",
        "zieken zieke ziek",
        "ouder ouders",
        "rijden rijdt gereden",
        "bijdragen bijdrage bijgedragen",
        "kasten kast",
        "heet hete",
        "toegevoegde toegevoegd toevoegen",
        "pasjes pasje",
        # verbs match their nouns, with or without a suffix
        "tekenen teken getekend tekening",
        "openen open geopend",
        "typen type",
        "zetten gezet zet",
    ],
)
def test_dutch_forms_share_a_stem(analysis: Analysis, forms: str) -> None:
    assert len({tuple(stems(analysis, form)) for form in forms.split()}) == 1


@pytest.mark.parametrize("forms", ["child children", "buy bought buying", "invoice invoices", "policy policies"])
def test_english_forms_share_a_stem(analysis: Analysis, forms: str) -> None:
    assert len(set(stems(analysis, forms, "en"))) == 1


@pytest.mark.parametrize(
    "pair",
    [
        "bed bad", "huur huis", "werken wennen", "verlof verlies", "contact contract",
        # a long and a short vowel
        "gestolen gesteld", "weten wetten", "lezen lessen", "zaken zakken", "kopen koppen", "ouder oud",
    ],
)  # fmt: skip
def test_different_words_keep_apart(analysis: Analysis, pair: str) -> None:
    assert len(set(stems(analysis, pair))) == 2


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("vakantiedagenaanvraag", "vakantiedagen aanvraag vakantie dag"),
        ("arbeidsovereenkomst", "overeenkomst arbeid"),
        ("salarisspecificaties", "salaris specificatie"),
        ("reiskostenvergoeding", "reiskosten vergoeding"),
        ("werkplekondersteuning", "werkplek ondersteuning"),
        ("OLE-objecten", "oleobjecten"),
        ("SharePoint", "share point"),
        ("ORA-00942", "ora 00942"),
    ],
)
def test_compounds_and_names_are_found_by_their_parts(analysis: Analysis, word: str, parts: str) -> None:
    found = {part for _, known in analysis.words(word, "nl") for part in known.parts}
    assert set(stems(analysis, parts)) <= found


@pytest.mark.parametrize("word", ["potato", "overeenkomst", "aanvraag", "wachtwoord", "medewerker", "aardappel", "iOS"])
def test_no_false_parts(analysis: Analysis, word: str) -> None:
    assert all(not known.parts for _, known in analysis.words(word, "nl"))


ABBREVIATED = [("VPN, ICT en HR. De OR en WIA.", "nl"), ("Vul NIET in. Let op: een vpn, een zon.", "nl")] * 3


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("vpnverbinding", "vpn verbinding"),
        ("ictstoring", "ict storing"),
        ("hrafdeling", "hr afdeling"),
        ("wiaaanvraag", "wia aanvraag"),
        ("hrmafdeling", ""),  # the site does not use HRM
        ("orgaan", ""),  # a word of the dictionary, no compound
        ("ordermelding", "order melding"),
        ("potato", ""),
        ("zonverbinding", "zon verbinding"),  # a word of the dictionary
        ("vpnen", ""),
    ],
)
def test_abbreviations_of_the_site_begin_compounds(word: str, parts: str) -> None:
    analysis = Analysis.learn(ABBREVIATED)
    [(_, known)] = analysis.words(word, "nl")
    assert list(known.parts) == stems(analysis, parts)


def test_an_abbreviation_stands_in_capitals_in_several_documents() -> None:
    learnt = Analysis.learn([*ABBREVIATED, ("De BTW. HET gaat om een tip: TIP", "nl"), ("een tip", "nl")])
    assert learnt.vocabulary.abbreviations == {"vpn", "ict", "hr", "or", "wia"}
    stored = Vocabulary.from_json(json.loads(json.dumps(learnt.vocabulary.as_json())))
    assert stored.abbreviations == learnt.vocabulary.abbreviations


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_fragment_is_common_just_when_its_stem_is(language: str) -> None:
    texts = [(text, language) for text in corpus.sentences()[language]]  # the demo's
    vocabulary, stems = Analysis.learn(texts).vocabulary, stems_of(language)
    compounds = Compounds(language, stems, vocabulary)
    words = [word for word in vocabulary.words[language] if word.isalpha()]
    ends = {end for word in words for at in range(1, len(word) - 3) for end in (word[at:], word[:-at])}
    ends = {end for end in ends if not is_word(end, language)}  # others cannot be last parts
    wrong = {end for end in ends if compounds._is_common(end) != (vocabulary.count(stems.stem(end), language) >= 3)}
    assert ends and not wrong


def test_protected_words_stay_whole() -> None:
    analysis = Analysis.learn(HR, protected=frozenset({"fietsplannen"}))
    (_, word), *_ = analysis.words("fietsplannen", "nl")
    assert word.stem == "fietsplannen" and word.parts == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ORA-00942 op formulier 12b", ["ora-00942", "op", "formulier", "12b"]),
        ("mail jan.vries@ssc.example", ["mail", "jan.vries@ssc.example"]),
        ("C++ en R&D", ["c++", "en", "rd"]),
        ("Coördinatie à la carte", ["coordinatie", "a", "la", "carte"]),
        ("zin.Volgende 1.2.3", ["zin", "volgende", "1-2-3"]),
        ("\x00 ☃ 'n", ["n"]),
    ],
)
def test_words_survive(text: str, words: list[str]) -> None:
    tokens = list(tokenise(text))
    assert [token.text for token in tokens] == words
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)


def test_indexed_text_keeps_parts_behind_a_boundary(analysis: Analysis) -> None:
    indexed = analysis.indexed("De vakantiedagenaanvraag van Jan", "nl")
    assert indexed.surface == ["de", "vakantiedagenaanvraag", "van", "jan"]
    boundary = indexed.stems.index(BOUNDARY)
    assert indexed.stems[boundary - 1] == "jan" and "vakantie" in indexed.stems[boundary:]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hoe vraag ik verlof aan", "nl"),
        ("how do I reset my password", "en"),
        ("vergaderruimte reserveren", "nl"),
        ("meeting room booking", "en"),
        ("ORA-00942", "nl"),
        ("", "nl"),
    ],
)
def test_detect(text: str, language: str) -> None:
    assert detect(text) == language


def test_marks_compounds_and_escapes(analysis: Analysis) -> None:
    marker = Highlighter("aanvraag vakantiedagen", analysis)
    html = marker.whole("<b>De vakantiedagenaanvraag</b> & meer", "nl")
    assert html == "&lt;b&gt;De <mark>vakantiedagenaanvraag</mark>&lt;/b&gt; &amp; meer"


@pytest.mark.parametrize("unit", ["a", "a.", "a-", "a@", "a@a.", "aB", "a'", "a+", "-._", "werk", "é_"])
def test_long_nonsense_costs_no_more_than_its_length(analysis: Analysis, unit: str) -> None:
    words = analysis.indexed(unit * 20_000, "nl")
    assert all(len(word) <= 300 for word in words.stems)


def test_a_text_is_indexed_as_its_words_are_read(analysis: Analysis) -> None:
    chance = random.Random(4)
    signs = "abeEYZ019   .-_/@'’‑+#&|,\n\x1f\xa0éßİıĲ·²中🙂\u200b\u0301"
    for _ in range(3000):
        text = "".join(chance.choice(signs) for _ in range(chance.randrange(50)))
        words = analysis.words(text, "nl")
        indexed = analysis.indexed(text, "nl")
        assert indexed.surface == [token.text for token, _ in words], text
        read = [word for _, word in words if not word.stop]
        parts = [part for word in read for part in word.parts]
        assert indexed.stems == [*(word.stem for word in read), *([BOUNDARY, *parts] if parts else [])], text
