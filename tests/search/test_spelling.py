"""Spelling correction."""

from typing import Any

import pytest

from search.reading import spelling
from search.reading.spelling import SpellingDictionary

SITE = SpellingDictionary(
    {
        "salarisspecificatie": 12, "parkeerplaats": 9, "parkeren": 20, "vakantie": 30, "verlof": 40, "reiskosten": 15,
        "contract": 8, "wachtwoord": 25, "arbeidsovereenkomst": 4, "beleid": 6, "cadeau": 1, "bureau": 3, "pas": 50,
        "verlies": 2, "verlofs": 1, "laptop": 9, "koffie": 3, "stoep": 2, "leidinggevende": 7, "aanvragen": 60,
        "ora": 3, "b2b": 4, "printer": 5, "kapot": 5, "telefoon": 6, "gebouwen": 2,
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("salarisspecifcatie", "salarisspecificatie"),
        ("parkeeren", "parkeren"),
        ("vakansie", "vakantie"),
        ("verlogf", "verlof"),
        ("reiskostn", "reiskosten"),
        ("kontrakt", "contract"),
        ("wachtwoort", "wachtwoord"),
        ("beleit", "beleid"),
        ("buro", "bureau"),
        ("lijdinggevende", "leidinggevende"),
        ("teleffoon", "telefoon"),
        ("aanvrgaen", "aanvragen"),
        ("gebauwen", "gebouwen"),
        ("pritner", "printer"),
    ],
)
def test_typos_and_what_sounds_alike(typed: str, meant: str) -> None:
    assert SITE.corrections(typed)[0].words == (meant,)


@pytest.mark.parametrize("word", ["pas", "pes", "ict", "xylofoon", "b2c", "00942", "quotum", "", "é", "x" * 80])
def test_what_is_too_short_too_far_or_no_word_is_left_alone(word: str) -> None:
    assert SITE.corrections(word) == []


def test_the_more_frequent_comes_first_of_two_as_near() -> None:
    words = SpellingDictionary({"verlof": 40, "verlog": 1})
    assert [candidate.words for candidate in words.corrections("verlod")] == [("verlof",), ("verlog",)]


def test_codes_are_not_words() -> None:
    assert set(SpellingDictionary({"b2b": 4, "ora-00942": 2, "x" * 50: 1, "verlof": 1}).counts) == {"verlof"}


def test_what_was_written_apart_or_together() -> None:
    assert SITE.joined("parkeer", "plaats")[0].words == ("parkeerplaats",)
    assert SITE.joined("arbeid", "overeenkomst")[0].words == ("arbeidsovereenkomst",)
    assert SITE.split("laptopkapot")[0].words == ("laptop", "kapot")
    assert SITE.split("parkeerplaats") == []


def test_confusions_cost_less_than_other_letters() -> None:
    assert spelling.edit_distance("beleit", "beleid") < spelling.edit_distance("beleif", "beleid")
    assert spelling.edit_distance("lijden", "leiden") < spelling.edit_distance("loeden", "leiden")
    assert spelling.edit_distance("passpoort", "paspoort") < spelling.edit_distance("pasnpoort", "paspoort")
    assert spelling.edit_distance("diets", "fiets") > spelling.edit_distance("fieta", "fiets")  # a first letter
    assert spelling.edit_distance("verlof", "verlof") == 0


def test_of_a_large_vocabulary_few_words_are_compared_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    words = SpellingDictionary(
        {f"{a}{b}{c}{d}": 1 for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES for d in _SYLLABLES}
    )
    compared: list[str] = []
    distance: Any = spelling.edit_distance

    def counting(word: str, other: str) -> float:
        compared.append(other)
        return float(distance(word, other))

    monkeypatch.setattr(spelling, "edit_distance", counting)
    words.corrections("tavelomiks")
    assert 0 < len(compared) <= spelling.MOST_COMPARED


_SYLLABLES = (
    "ta",
    "ve",
    "lo",
    "mi",
    "kus",
    "ra",
    "den",
    "pof",
    "sing",
    "wel",
    "haar",
    "boe",
    "lij",
    "gor",
    "sta",
    "ni",
)


def test_dictionary_words_are_right_in_their_language() -> None:
    assert spelling.in_dictionary("stoel", "nl")
    assert not spelling.in_dictionary("stoel", "en")
    assert spelling.in_dictionary("chair", "")
    assert not spelling.in_dictionary("stoell", "")
