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

_VERB_OR_PLURAL = re.compile(r"(?<=..)en$")
_DOUBLE_CONSONANT = re.compile(r"([bdfgklmnprst])\1$")
_DOUBLE_VOWEL = re.compile(r"([aeou])\1(?=[^aeiou]+$)")
_SOFTENED = str.maketrans("vz", "fs")  # brieven, huizen: brief, huis

# Forms for which the dictionary prefers the rarer reading.
_READINGS = {"nl": {"leden": "lid", "fietsen": "fiets", "pas": "pas"}, "en": {}}

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
    return fold(found).replace("_", "") if found else None


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
        base = base or _dutch_lemma(word)
        return _dutch_root(base) if base else self._snowball_stem(word)

    def _snowball_stem(self, word: str) -> str:
        with self._lock:
            return self._snowball.stemWord(word)


@lru_cache(maxsize=8)
def stems_of(language: str) -> Stems:
    """The stems of a language, shared by all: they do not depend on a site's vocabulary."""
    return Stems(language)


def _dutch_lemma(word: str) -> str | None:
    """The dictionary form of a Dutch word that the dictionary lacks: a plural in -s, or the inflected end of a compound
    (salarisspecificaties by specificaties)."""
    if word.endswith("s") and (singular := lemma(word[:-1], "nl")):
        return singular
    for at in range(3, len(word) - 4):
        if head := lemma(word[at:], "nl"):
            return word[:at] + head
    return None


def _dutch_root(base: str) -> str:
    """What a noun and a verb have in common: aanvraag and aanvragen, boeking and boeken, brief and brieven."""
    if base.endswith("ing") and len(base) > 5 and is_word(base[:-3] + "en", "nl"):
        base = base[:-3]
    elif base.endswith("heid") and len(base) > 7:
        base = base[:-4]
    else:
        base = _VERB_OR_PLURAL.sub("", base)
    base = _DOUBLE_CONSONANT.sub(r"\1", base)
    base = base[:-1] + base[-1:].translate(_SOFTENED)
    return _DOUBLE_VOWEL.sub(r"\1", base)
