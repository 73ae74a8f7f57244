"""Lemmas: the word lists of simplemma, with corrections."""

from collections.abc import Mapping
from functools import lru_cache

from simplemma.strategies.dictionaries import DefaultDictionaryFactory

from search.language import LANGUAGES, dutch
from search.language.tokens import fold

# Forms for which the dictionary has the rarer lemma.
_READINGS = {"nl": {"leden": "lid", "fietsen": "fiets", "pas": "pas", "ouder": "ouder"}, "en": {}}

_factory = DefaultDictionaryFactory()


@lru_cache(maxsize=8)
def dictionary(language: str) -> Mapping[str, str]:
    """Return the lemmas of a language by word form, as simplemma ships them: not folded, about 370,000 for Dutch."""
    return _factory.get_dictionary(language)


@lru_cache(maxsize=8)
def folded_exceptions(language: str) -> dict[str, str]:
    """Return the lemmas of word forms with accents or capitals, by folded form: those that `dictionary` cannot find."""
    return {
        fold(form): lemma for form, lemma in dictionary(language).items() if not (form.isascii() and form.islower())
    }


def load() -> None:
    """Load every language's dictionary, which takes about a second each and which the first word would do otherwise."""
    for language in LANGUAGES:
        folded_exceptions(language)


@lru_cache(maxsize=30_000)
def lemma(word: str, language: str) -> str | None:
    """Return the folded lemma of a folded word; None when the dictionary does not have it."""
    found = _READINGS[language].get(word) or dictionary(language).get(word) or folded_exceptions(language).get(word)
    if not found:
        return None
    base = fold(found).replace("_", "")
    return dutch.reading(word, base, dictionary(language)) if language == "nl" and base != word else base


def is_word(word: str, language: str) -> bool:
    """True if the dictionary has this folded word form."""
    return lemma(word, language) is not None
