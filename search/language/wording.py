"""Normalised wordings: the same for queries that ask the same in nearly the same words."""

import re
from functools import lru_cache

from search.language.analysis import BY_DICTIONARY, Word
from search.language.tokens import Token

MOST = 250  # characters
_OPERATOR = re.compile(r"(?:^|\s)-\w|[\"“”„«»]|\w:\w")


@lru_cache(maxsize=10_000)  # the queries of a day are counted again every minute
def words(text: str, language: str) -> str:
    """Return a query's stems without regard to order, stop words and compounds: the same for queries that ask the same.

    By the dictionaries alone, so that it does not change with the site. A query with operators is returned as it is.
    """
    if _OPERATOR.search(text):
        return text
    said = {stem for _token, word in _read(text, language) for stem in word.parts or (word.stem,)}
    # A stem that is a compound itself adds nothing to its parts.
    whole = {stem for stem in said if any(word.parts for _token, word in _read(stem, language))}
    return " ".join(sorted(said - whole or said))[:MOST] or text


def _read(text: str, language: str) -> list[tuple[Token, Word]]:
    return [(token, word) for token, word in BY_DICTIONARY.words(text, language) if not word.stop]
