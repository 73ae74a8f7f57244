"""How text becomes terms: the one analysis, for documents and queries, in whichever engine.

Engines index and ask for the terms made here, word by word, and analyse nothing themselves. A term is the folded
stem of a word in a language. Every word is analysed once per process: words repeat.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import Stemmer

from search.stopwords import STOPWORDS, WEAK

LANGUAGES = ("nl", "en")
VERSION = 1  # raise when terms change: the index is then rebuilt at start

_LONGEST_WORD = 64
# I.C.T. is one word; an apostrophe inside a word stays with it until folding.
_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:['’][^\W_]+)*")
_stemmers = {"nl": Stemmer.Stemmer("dutch", 0), "en": Stemmer.Stemmer("english", 0)}
_lock = Lock()  # a Stemmer is not thread-safe


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands: characters `start` up to `end`."""

    text: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    """The words of a text in order."""
    for match in _WORD.finditer(text):
        yield Word(match[0], match.start(), match.end())


def languages_of(language: str) -> tuple[str, ...]:
    """The languages a text is analysed in: its own, or every one when it is unknown."""
    return (language,) if language in LANGUAGES else LANGUAGES


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """The word in lower case without accents, dots, possessive or apostrophes."""
    word = word[: 2 * _LONGEST_WORD].replace("’", "'").replace(".", "")
    word = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if c.isalnum() or c == "'")
    return word.removesuffix("'s").replace("'", "")[:_LONGEST_WORD]


@lru_cache(maxsize=400_000)
def term(word: str, language: str) -> str:
    """The term of a word in a language; "" for a word without letters or digits."""
    folded = fold(word)
    if not folded.isalpha() or not folded.isascii():
        return folded
    with _lock:
        stem = _stemmers[language].stemWord(folded)
    return _even(stem) if language == "nl" else stem


_DOUBLE = re.compile(r"(aa|ee|oo|uu)(?=[^aeiou]*$)")


def _even(stem: str) -> str:
    """Forms that the Dutch stemmer leaves apart, brought together: dag/dagen, parkeer/parkeren, wordt/worden."""
    if len(stem) > 5 and stem.endswith("eert"):
        stem = stem[:-1]
    stem = _DOUBLE.sub(lambda match: match[0][0], stem)
    return stem[:-1] + {"z": "s", "v": "f"}.get(stem[-1], stem[-1]) if stem else stem


def is_stopword(word: str, language: str) -> bool:
    """Whether the word is left out of that language's fields."""
    return fold(word) in STOPWORDS[language]


def is_weak(word: str, language: str) -> bool:
    """Whether the word says little about a subject."""
    return fold(word) in WEAK[language]


def terms(text: str, language: str) -> list[str]:
    """The terms of a text in order, without stop words."""
    return [
        found for word in words(text) if not is_stopword(word.text, language) and (found := term(word.text, language))
    ]


def whole(text: str) -> str:
    """One term for a text as a whole, signs and all, whatever its capitals and spaces. No word has such a term."""
    return "=" + hashlib.blake2s(" ".join(text.casefold().split()).encode(), digest_size=12).hexdigest()


def plain_terms(text: str) -> list[str]:
    """The folded words of a text, unstemmed: what a half-typed word can begin."""
    return [found for word in words(text) if (found := fold(word.text))]
