"""The vectors of the site's documents, read from the database into memory."""

import time
from datetime import datetime, timedelta
from threading import Lock

from search.embeddings.table import VectorTable
from search.embeddings.vectors import unpack
from search.models import Embedding


class StoredVectorTable(VectorTable):
    """A table of the site's vectors, kept up to date from the database."""

    REFRESH = 1.0  # seconds between queries for changes

    def __init__(self, provider: str) -> None:
        super().__init__()
        self._provider = provider
        self._looked: float | None = None
        self._seen: datetime | None = None
        self._lock = Lock()

    def renew(self) -> None:
        """Make the next `refresh` query at once."""
        self._looked = None

    def refresh(self) -> None:
        """Read changed vectors. At most one query in `REFRESH` seconds."""
        with self._lock:
            if self._looked is not None and time.monotonic() - self._looked < self.REFRESH:
                return
            self._looked = time.monotonic()
            rows = Embedding.objects.filter(provider=self._provider, vector__isnull=False)
            if self._seen is not None:  # a row may be committed a moment after its `changed` time
                rows = rows.filter(changed__gt=self._seen - timedelta(seconds=2))
            found = rows.order_by("changed").values_list("key", "vector", "changed")
            for key, data, changed in found.iterator(chunk_size=2000):
                self.put([(key, unpack(data or b""))])
                self._seen = changed
