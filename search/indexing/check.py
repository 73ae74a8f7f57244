"""Comparison of database and index in both directions, by key and fingerprint of the document."""

import logging
from dataclasses import dataclass, field

from search import engines, sources
from search.engines import Engine
from search.indexing import draining
from search.indexing.batches import batches, make_documents
from search.models import OutboxEntry
from search.models.outbox import enqueue_documents

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Differences:
    """Document keys that differ, by kind of difference."""

    missing: list[str] = field(default_factory=list)  # in the database, not in the index
    stale: list[str] = field(default_factory=list)  # with other content in the index
    surplus: list[str] = field(default_factory=list)  # in the index, not in the database
    failed: list[str] = field(default_factory=list)  # set aside
    waiting: int = 0  # outbox entries that are still to be processed
    documents: int = 0

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.surplus or self.failed)

    def keys(self) -> list[str]:
        """Return the keys that a repair enqueues."""
        return [*self.missing, *self.stale, *self.surplus, *self.failed]


def compare(engine: Engine | None = None) -> Differences:
    """Compare database and index. Raises EngineError. Keeps one fingerprint per document in memory."""
    indexed = dict((engine or engines.get()).scan())
    waiting = OutboxEntry.objects.filter(failed=False).count()
    failed = set(OutboxEntry.objects.filter(failed=True).values_list("key", flat=True))
    missing, stale, count = list[str](), list[str](), 0
    for source in sources.all():
        for rows in batches(source):
            documents, errors = make_documents(source, rows)
            failed |= errors.keys()
            for document in documents:
                count += 1
                fingerprint = indexed.pop(document.key, None)
                if fingerprint is None:
                    missing.append(document.key)
                elif fingerprint != document.fingerprint():
                    stale.append(document.key)
            for key in errors:
                indexed.pop(key, None)
    return Differences(missing, stale, sorted(indexed), sorted(failed), waiting, count)


def repair(found: Differences) -> None:
    """Enqueue every difference, including documents that were set aside."""
    OutboxEntry.objects.filter(failed=True).delete()
    keys = found.keys()
    for start in range(0, len(keys), draining.BATCH):
        enqueue_documents(*keys[start : start + draining.BATCH], bulk=True)


def nightly() -> int:
    """Compare, and enqueue every difference. Return how many there were. Raises EngineError if the engine fails.

    Documents that wait in the outbox may differ; enqueuing them twice does no harm.
    """
    found = compare()
    if keys := found.keys():
        logger.warning("search: %d documents differed from the database: %s", len(keys), ", ".join(keys[:20]))
        repair(found)
    return len(keys)
