"""Vectors in memory, beside the embedded engine: exact, by one product of matrices.

A table knows keys and vectors alone. Who may see what, and whether a document is still there, the engine says.
"""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from threading import Lock

import numpy as np

from search.embeddings.providers import Vectors


class Table:
    """Rows of keys and vectors."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._rows: dict[str, int] = {}
        self._vectors: Vectors = np.zeros((0, 0), dtype=np.float32)  # longer than the keys: room to grow

    def __len__(self) -> int:
        return len(self._keys)

    def put(self, rows: Iterable[tuple[str, Vectors]]) -> None:
        """Add or replace."""
        for key, vector in rows:
            row = self._rows.setdefault(key, len(self._keys))
            if row == len(self._keys):
                self._keys.append(key)
                if row >= len(self._vectors):
                    grown = np.zeros((max(1024, 2 * row), len(vector)), dtype=np.float32)
                    grown[:row] = self._vectors[:row] if row else 0
                    self._vectors = grown
            self._vectors[row] = vector

    def near(self, vector: Vectors, least: float) -> Iterator[tuple[str, float]]:
        """Keys with their cosines, the nearest first, down to `least`."""
        count = len(self._keys)
        if not count:
            return
        cosines = self._vectors[:count] @ vector
        (rows,) = np.nonzero(cosines >= least)
        for row in rows[np.argsort(-cosines[rows], kind="stable")]:
            yield self._keys[row], float(cosines[row])


class StoredTable(Table):
    """The vectors of the site's own documents, from the database."""

    REFRESH = 1.0  # seconds between looks for changes

    def __init__(self, provider: str) -> None:
        super().__init__()
        self._provider = provider
        self._looked: float | None = None
        self._seen: datetime | None = None
        self._lock = Lock()

    def renew(self) -> None:
        """Have the next `refresh` look at once."""
        self._looked = None

    def refresh(self) -> None:
        """Take up what changed. One query, at most once in `REFRESH` seconds."""
        from search.embeddings.store import unpack
        from search.models import Embedding

        with self._lock:
            if self._looked is not None and time.monotonic() - self._looked < self.REFRESH:
                return
            self._looked = time.monotonic()
            rows = Embedding.objects.filter(provider=self._provider, vector__isnull=False)
            if self._seen is not None:  # a commit may come a moment after the time that its row carries
                rows = rows.filter(changed__gt=self._seen - timedelta(seconds=2))
            found = rows.order_by("changed").values_list("key", "vector", "changed")
            for key, data, changed in found.iterator(chunk_size=2000):
                self.put([(key, unpack(data or b""))])
                self._seen = changed
