"""What a word is at heart: its dictionary form (simplemma's word lists), reduced to a stem (Snowball).

The dictionary knows what no rule does (gelopen → lopen, huizen → huis, children → child); the stemmer then brings
noun and verb together (aanvraag, aanvragen) and handles every word that no dictionary has.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock

import Stemmer
from simplemma.strategies.dictionaries import DefaultDictionaryFactory

from search.language import LANGUAGES
from search.language.tokens import fold

_ALGORITHMS = {"nl": "dutch_porter", "en": "english"}

_OPEN_SYLLABLE = re.compile(r"(?<![aeiou])([aeou])([^aeiou])$")  # stel(en), against stell(en)
_TWO_ALIKE = re.compile(r"([bdfgklmnprst])\1$")
_CONSONANTS = re.compile(r"[^aeiouy]+")
_PARTICIPLE = re.compile(r"^(?:..{1,8})?ge..")
_SOFTENED = str.maketrans("vz", "fs")  # brieven, huizen: brief, huis

# Forms for which the dictionary prefers the rarer reading.
_READINGS = {"nl": {"leden": "lid", "fietsen": "fiets", "pas": "pas", "ouder": "ouder"}, "en": {}}

_factory = DefaultDictionaryFactory()


@lru_cache(maxsize=8)
def dictionary(language: str) -> Mapping[str, str]:
    """Each word form of a language and its dictionary form, as simplemma ships them (not folded, about 370,000 for
    Dutch)."""
    return _factory.get_dictionary(language)


@lru_cache(maxsize=8)
def folded_exceptions(language: str) -> dict[str, str]:
    """Word forms with accents or capitals, folded, and their dictionary forms: what `dictionary` cannot be asked by a
    folded word."""
    return {
        fold(form): lemma for form, lemma in dictionary(language).items() if not (form.isascii() and form.islower())
    }


def load() -> None:
    """Read every language's dictionary, which else the first word does: about a second each."""
    for language in LANGUAGES:
        folded_exceptions(language)


@lru_cache(maxsize=30_000)
def lemma(word: str, language: str) -> str | None:
    """The dictionary form of a folded word, folded; None when the dictionary does not have the word."""
    found = _READINGS[language].get(word) or dictionary(language).get(word) or folded_exceptions(language).get(word)
    if not found:
        return None
    base = fold(found).replace("_", "")
    return _dutch_reading(word, base) if language == "nl" and base != word else base


def is_word(word: str, language: str) -> bool:
    """Whether the dictionary has this folded word form."""
    return lemma(word, language) is not None


class Stems:
    """The stems of one language, remembered. Threads share an instance."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._snowball = Stemmer.Stemmer(_ALGORITHMS[language], 0)
        self._lock = Lock()  # a Snowball stemmer serves one thread at a time
        self.stem = lru_cache(maxsize=60_000)(self._stem)

    def _stem(self, word: str) -> str:
        """The stem of a folded word. Numbers and codes are their own stems."""
        if not word.isalpha() or len(word) < 3:
            return word
        base = lemma(word, self.language)
        if self.language != "nl":
            return self._snowball_stem(base or word)
        if base:
            return _dutch_root(base)
        return _dutch_compound_root(word) or self._snowball_stem(word)

    def _snowball_stem(self, word: str) -> str:
        with self._lock:
            return self._snowball.stemWord(word)


@lru_cache(maxsize=8)
def stems_of(language: str) -> Stems:
    """The stems of a language, shared by all: they do not depend on a site's vocabulary."""
    return Stems(language)


def _dutch_reading(word: str, base: str) -> str:
    """The dictionary form of a word that the dictionary files under `base`.

    It files some words under another one that have forms of their own, so that these would not find each other:
    werkgever under werkgeefster but werkgevers under werkgever, rijden under rijen but gereden under rijden.
    """
    forms = dictionary("nl")
    if _is_headword(word, base, forms):
        return word
    if not base.endswith(("je", "e", "d", "t")) or (word.endswith("s") and not base.endswith("je")):
        return base
    above = fold(forms.get(base, base)).replace("_", "")
    return base if above == base or _is_headword(base, above, forms) else above  # toegevoegde, toegevoegd, toevoegen


def _is_headword(word: str, base: str, forms: Mapping[str, str]) -> bool:
    """Whether a word that is filed under another is a dictionary form itself: a noun with a plural, an adjective with
    a form in -e, or a verb with one in -t. What follows from the other by rule is not: betaald, belt, zieke, groter."""
    if word.endswith("en"):
        if word in (base + "en", base + base[-1] + "en") or not base.endswith(("e", "en")):
            return False
        changed = base.endswith("en") and _CONSONANTS.findall(word.removeprefix("ge")) == _CONSONANTS.findall(base)
        return not changed and any(forms.get(stem + "t") == word for stem in _verb_stems(word) if stem[-1] != "t")
    if base.endswith("n") and _is_verb_form(word, base):
        return False
    if word.endswith(("je", "ke")):
        return False
    shorter = next((word[: -len(end)] for end in ("er", "e") if word.endswith(end)), "")
    if shorter and _closed(shorter) == _closed(base):
        return False
    ends = ["en", "e"] if word.endswith(("d", "t")) else ["en", "e", "s"]
    stems = (word, word + word[-1], _open(word))
    return any(forms.get(stem + end) == word for end in ends for stem in stems)


def _is_verb_form(word: str, verb: str) -> bool:
    """Whether a word is a verb's stem with -t or -d, a participle (toegevoegd, gedaan) or tells what is happening
    (lopend)."""
    if word == verb + "d" or (_PARTICIPLE.search(word) and word.endswith(("d", "t", "n"))):
        return True
    return any(word.endswith((stem + "t", stem + "d")) for stem in _verb_stems(verb))


def _verb_stems(verb: str) -> list[str]:
    """What a verb's stem may be, its likeliest spelling first: steel of stelen, stel of stellen, regel of regelen."""
    bare = verb[:-2]
    if _TWO_ALIKE.search(bare):
        return [bare[:-1], bare]
    stem = bare[:-1] + bare[-1:].translate(_SOFTENED)
    return [_OPEN_SYLLABLE.sub(r"\1\1\2", stem), stem]


def _verb_root(verb: str) -> str | None:
    """The stem of a verb that the dictionary has: the form that it has with -t as well."""
    if not verb.endswith("en") or len(verb) < 5:
        return None
    for stem in _verb_stems(verb):
        ends = ("de", "te", "ten") if stem.endswith("t") else ("t", "de", "te")
        if any(lemma(stem + end, "nl") == verb for end in ends) or (stem.endswith("t") and is_word(stem, "nl")):
            return stem
    return None


def _closed(text: str) -> str:
    """A stem by its sound at the end: gaav and gaaf, groot and grot (of groter)."""
    text = _TWO_ALIKE.sub(r"\1", text)
    return re.sub(r"([aeou])\1(?=[^aeiou]$)", r"\1", text[:-1] + text[-1:].translate(_SOFTENED))


def _open(word: str) -> str:
    """A word as it is written before -en or -e: het(e) of heet, brev(en)."""
    short = re.sub(r"([aeou])\1(?=[^aeiou]$)", r"\1", word)
    return short[:-1] + {"f": "v", "s": "z"}.get(short[-1], short[-1])


def _dutch_compound_root(word: str) -> str | None:
    """The stem of a word that the dictionary lacks: a plural in -s, or a compound by its end (salarisspecificaties by
    specificaties)."""
    if word.endswith("s") and (singular := lemma(word[:-1], "nl")):
        return _dutch_root(singular)
    for at in range(3, len(word) - 4):
        if head := lemma(word[at:], "nl"):
            return word[:at] + _dutch_root(head)
    return None


def _dutch_root(base: str) -> str:
    """What a noun and a verb have in common: aanvraag and aanvragen, boeking and boeken, bijdrage and bijdragen."""
    forms = dictionary("nl")
    if base.endswith("ing") and len(base) > 5 and is_word(base[:-3] + "en", "nl"):
        base = base[:-3] + "en"
    elif base.endswith("heid") and len(base) > 7:
        return base[:-4]
    elif base.endswith("e") and (forms.get(base) == base + "n" or forms.get(base + "n") == base):
        return _verb_root(base + "n") or base
    if not base.endswith("en") or len(base) < 5:
        return base
    return _verb_root(base) or (base[:-1] if forms.get(base[:-1] + "s") == base[:-1] else base)
