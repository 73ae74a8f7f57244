"""Vectors of documents and queries."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from search.meaning.providers import Provider, Vectors, unit

_OPENING, _PAGE = 50, 120  # words
_LONGEST_QUERY = 120  # words


def documents(provider: Provider, texts: Sequence[tuple[str, str]]) -> Vectors:
    """One row for each (title, body): the mean of the title, the title with the opening, and with the first page."""
    views: list[str] = []
    for title, body in texts:
        words = body.split(None, _PAGE)[:_PAGE]
        views += [title, f"{title}. {' '.join(words[:_OPENING])}", f"{title}. {' '.join(words)}"]
    if not views:
        return np.zeros((0, provider.dimensions), dtype=np.float32)
    return unit(provider.encode(views).reshape(len(texts), 3, -1).sum(axis=1))


def query(provider: Provider, text: str) -> Vectors:
    """The vector of a query. The last thousand queries are remembered."""
    return _query(provider, " ".join(text.split()[:_LONGEST_QUERY]))


@lru_cache(maxsize=1000)
def _query(provider: Provider, text: str) -> Vectors:
    return provider.encode([text])[0]
