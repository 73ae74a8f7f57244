"""The words of a language and their dictionary forms: simplemma's word lists, with what is mended in them."""

from collections.abc import Mapping
from functools import lru_cache

from simplemma.strategies.dictionaries import DefaultDictionaryFactory

from search.language import LANGUAGES, dutch
from search.language.tokens import fold

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
    return dutch.reading(word, base, dictionary(language)) if language == "nl" and base != word else base


def is_word(word: str, language: str) -> bool:
    """Whether the dictionary has this folded word form."""
    return lemma(word, language) is not None
