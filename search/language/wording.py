"""Which queries ask the same in nearly the same words."""

import re
from functools import lru_cache

from search.language.analysis import BY_DICTIONARY, Word
from search.language.tokens import Token

MOST = 250  # characters
_OPERATOR = re.compile(r"(?:^|\s)-\w|[\"“”„«»]|\w:\w")


@lru_cache(maxsize=10_000)  # the queries of a day are counted again each minute
def words(text: str, language: str) -> str:
    """What a query asks for, whatever its order, inflections, small words and compounds: the same for two queries of
    which one says no more than the other. By the dictionaries alone, so that it does not change with the site. What
    looks like an operator means more than its words."""
    if _OPERATOR.search(text):
        return text
    said = {stem for _token, word in _read(text, language) for stem in word.parts or (word.stem,)}
    # What is a compound itself says no more than its parts do.
    whole = {stem for stem in said if any(word.parts for _token, word in _read(stem, language))}
    return " ".join(sorted(said - whole or said))[:MOST] or text


def _read(text: str, language: str) -> list[tuple[Token, Word]]:
    return [(token, word) for token, word in BY_DICTIONARY.words(text, language) if not word.stop]
