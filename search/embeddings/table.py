"""Vectors in memory for the embedded engine: exact nearest neighbours by one matrix product.

A table knows only keys and vectors. The engine knows audiences, and which documents still exist.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from search.embeddings.providers import Vectors


class VectorTable:
    """Rows of keys and vectors."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._rows: dict[str, int] = {}
        self._vectors: Vectors = np.zeros((0, 0), dtype=np.float32)  # longer than the keys, with room to grow

    def __len__(self) -> int:
        return len(self._keys)

    def put(self, rows: Iterable[tuple[str, Vectors]]) -> None:
        """Add or replace rows."""
        for key, vector in rows:
            row = self._rows.setdefault(key, len(self._keys))
            if row == len(self._keys):
                self._keys.append(key)
                if row >= len(self._vectors):
                    grown = np.zeros((max(1024, 2 * row), len(vector)), dtype=np.float32)
                    grown[:row] = self._vectors[:row] if row else 0
                    self._vectors = grown
            self._vectors[row] = vector

    def nearest(self, vector: Vectors, least: float) -> Iterator[tuple[str, float]]:
        """Yield keys with their cosines, the nearest first, down to `least`."""
        count = len(self._keys)
        if not count:
            return
        cosines = self._vectors[:count] @ vector
        (rows,) = np.nonzero(cosines >= least)
        for row in rows[np.argsort(-cosines[rows], kind="stable")]:
            yield self._keys[row], float(cosines[row])
