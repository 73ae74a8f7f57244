"""Vectors of documents and queries."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from search.embeddings.providers import Provider, Vectors, unit

_OPENING, _PAGE = 50, 120  # words
_LONGEST_QUERY = 120  # words
LONGEST = 2_000  # characters of a text, also after NFKC, which may make eighteen of one


def documents(provider: Provider, texts: Sequence[tuple[str, str]]) -> Vectors:
    """Return one row per (title, body): the mean of the title, the title with the opening, and with the first page."""
    views: list[str] = []
    for title, body in texts:
        words = body.split(None, _PAGE)[:_PAGE]
        title = bounded(title)
        views += [title, f"{title}. {' '.join(words[:_OPENING])}", f"{title}. {' '.join(words)}"]
    if not views:
        return np.zeros((0, provider.dimensions), dtype=np.float32)
    return unit(provider.encode([bounded(view) for view in views]).reshape(len(texts), 3, -1).sum(axis=1))


def bounded(text: str) -> str:
    """Return the text cut to a length that every provider reads quickly; a short text as it is."""
    text = text[:LONGEST]
    folded = unicodedata.normalize("NFKC", text)
    return text if len(folded) <= LONGEST else folded[:LONGEST]


def query(provider: Provider, text: str) -> Vectors:
    """Return the vector of a query. The last thousand are cached."""
    return _query(provider, bounded(" ".join(text[:LONGEST].split()[:_LONGEST_QUERY])))


@lru_cache(maxsize=1000)
def _query(provider: Provider, text: str) -> Vectors:
    return provider.encode([text])[0]


def pack(vector: Vectors) -> bytes:
    """Return the vector as 16-bit floats, as it is stored."""
    return vector.astype(np.float16).tobytes()


def unpack(data: bytes | memoryview) -> Vectors:
    """Return the vector that `pack` stored."""
    return np.frombuffer(data, dtype=np.float16).astype(np.float32)
