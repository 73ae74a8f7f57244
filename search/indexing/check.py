"""Comparing database and index, both ways, by key and fingerprint of the document."""

import logging
from dataclasses import dataclass, field

from search import engines, sources
from search.engines import Engine
from search.indexing import draining
from search.indexing.batches import batches, make
from search.indexing.outbox import mark_dirty
from search.models import OutboxEntry

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Differences:
    """Keys by what is wrong with them."""

    missing: list[str] = field(default_factory=list)  # in the database, not in the index
    stale: list[str] = field(default_factory=list)  # other content in the index
    surplus: list[str] = field(default_factory=list)  # in the index, not in the database
    failed: list[str] = field(default_factory=list)  # set aside
    waiting: int = 0  # entries of the outbox that are still to be worked off
    documents: int = 0

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.surplus or self.failed)

    def keys(self) -> list[str]:
        """Everything that a repair makes anew."""
        return [*self.missing, *self.stale, *self.surplus, *self.failed]


def compare(engine: Engine | None = None) -> Differences:
    """Compare. Raises EngineError when the engine cannot answer. Holds one short text per document in memory."""
    indexed = dict((engine or engines.get()).scan())
    found = Differences(waiting=OutboxEntry.objects.filter(failed=False).count())
    found.failed = sorted(set(OutboxEntry.objects.filter(failed=True).values_list("key", flat=True)))
    for source in sources.all():
        for rows in batches(source):
            documents, errors = make(source, rows)
            found.failed += [key for key in errors if key not in found.failed]
            for document in documents:
                found.documents += 1
                fingerprint = indexed.pop(document.key, None)
                if fingerprint is None:
                    found.missing.append(document.key)
                elif fingerprint != document.fingerprint():
                    found.stale.append(document.key)
            for key in errors:
                indexed.pop(key, None)
    found.surplus = sorted(indexed)
    return found


def repair(found: Differences) -> None:
    """Have every difference made anew by the indexer; what was set aside gets another chance."""
    OutboxEntry.objects.filter(failed=True).delete()
    keys = found.keys()
    for start in range(0, len(keys), draining.BATCH):
        mark_dirty(*keys[start : start + draining.BATCH], bulk=True)


def nightly() -> int:
    """Compare, and have every difference made anew; how many there were. Raises EngineError when the engine cannot
    answer.

    What waits in the outbox differs by nature, and a second entry does no harm.
    """
    found = compare()
    if keys := found.keys():
        logger.warning("search: %d documents differed from the database: %s", len(keys), ", ".join(keys[:20]))
        repair(found)
    return len(keys)
