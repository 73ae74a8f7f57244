"""Stems: the lemma of a word, stemmed.

The dictionary knows irregular forms (gelopen → lopen, huizen → huis, children → child). The stem unites noun and verb
(aanvraag, aanvragen). Dutch lemmas are stemmed by rules here; English, and words outside the dictionary, by Snowball.
"""

from functools import lru_cache
from threading import Lock

import Stemmer

from search.language.dutch import verb_stems
from search.language.lexicon import dictionary, is_word, lemma

_ALGORITHMS = {"nl": "dutch_porter", "en": "english"}


class Stems:
    """The cached stems of one language. Threads share an instance."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._snowball = Stemmer.Stemmer(_ALGORITHMS[language], 0)
        self._lock = Lock()  # a Snowball stemmer is not thread-safe
        self.stem = lru_cache(maxsize=60_000)(self._stem)

    def _stem(self, word: str) -> str:
        """Return the stem of a folded word. Numbers and codes are their own stems."""
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
    """Return the stems of a language. They do not depend on a site's vocabulary."""
    return Stems(language)


def _dutch_compound_root(word: str) -> str | None:
    """Return the stem of a word outside the dictionary: a plural in -s, or a compound by its last part
    (salarisspecificaties by specificaties)."""
    if word.endswith("s") and (singular := lemma(word[:-1], "nl")):
        return _dutch_root(singular)
    for at in range(3, len(word) - 4):
        if head := lemma(word[at:], "nl"):
            return word[:at] + _dutch_root(head)
    return None


def _dutch_root(base: str) -> str:
    """Return the root that a noun and a verb share: aanvraag, aanvragen; boeking, boeken; bijdrage, bijdragen."""
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


def _verb_root(verb: str) -> str | None:
    """Return the stem of a verb in the dictionary: the form that also exists with -t."""
    if not verb.endswith("en") or len(verb) < 5:
        return None
    for stem in verb_stems(verb):
        ends = ("de", "te", "ten") if stem.endswith("t") else ("t", "de", "te")
        if any(lemma(stem + end, "nl") == verb for end in ends) or (stem.endswith("t") and is_word(stem, "nl")):
            return stem
    return None
