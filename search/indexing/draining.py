"""Draining the outbox. Only the leader does it.

Entry ids are read first and rows after them, so a row that changes meanwhile has a newer entry. An entry is deleted
only once the engine has committed, so a killed process repeats its work, to the same effect.

Single changes do not wait for bulk entries: the two take turns, batch by batch.
"""

import logging
import math
import time
from collections.abc import Collection
from functools import partial

from django.db import models

from search import engines
from search.embeddings import store
from search.engines import Engine, VersionConflict
from search.indexing.batches import AdaptiveBatchSize, isolate_failures, read_documents
from search.indexing.leader import ONLY_WRITER, LeaderLock, LostLeadership
from search.models import OutboxEntry
from search.models.outbox import enqueue_documents
from search.signals import documents_indexed
from search.sources import Document

logger = logging.getLogger(__name__)
BATCH = 500  # outbox entries at most
FIRST_PAUSE, MAX_PAUSE = 60.0, 24 * 3600.0  # seconds until a failed document is tried again: at first, and at most
_batch_size = AdaptiveBatchSize(100, 20, BATCH)  # documents per batch
_retries: dict[str, tuple[float, float]] = {}  # by key: retried when (monotonic seconds), after what pause
Rows = list[tuple[int, str, bool]]  # outbox entries: id, key, bulk


def drain(
    engine: Engine | None = None, building: str = "", *, lock: LeaderLock = ONLY_WRITER, seconds: float = math.inf
) -> int:
    """Index the documents in the outbox, for about `seconds` at most. Return the number of processed entries.

    Raises EngineError when the engine cannot be written to, and LostLeadership when another indexer leads. Entries
    that were not processed stay as they were.
    """
    engine = engine or engines.get()
    done, until, bulk = 0, time.monotonic() + seconds, False
    while rows := _next(bulk):
        begun, size = time.monotonic(), _batch_size.size
        keys = dict.fromkeys(list(dict.fromkeys(key for _, key, _ in rows))[:size])
        rows = [row for row in rows if row[1] in keys]
        _process(engine, building, lock, rows, list(keys))
        if len(keys) == size:
            _batch_size.record(time.monotonic() - begun)
        done += len(rows)
        bulk = not rows[0][2]
        if time.monotonic() >= until:
            break
    return done


def _next(bulk: bool) -> Rows:
    """Return the oldest entries of one priority: bulk entries with `bulk`, if there are any."""
    waiting = OutboxEntry.objects.filter(failed=False).values_list("id", "key", "bulk")
    if bulk and (rows := list(waiting.filter(bulk=True).order_by("id")[:BATCH])):
        return rows
    rows = list(waiting.order_by("bulk", "id")[:BATCH])
    return [row for row in rows if row[2] == rows[0][2]]


def _process(engine: Engine, building: str, lock: LeaderLock, rows: Rows, keys: list[str]) -> None:
    version = lock.version()
    documents, deleted, errors = read_documents(keys)
    if building:
        record_failures(engine.finish_fill())  # nothing older may arrive after what follows
    lock.check()
    write = partial(_write, engine, [*deleted, *errors], building, version)
    try:
        errors |= isolate_failures(write, documents)
        store.delete_vectors(deleted)
        if refused := [key for key in errors if key not in deleted]:
            engine.write([], refused, building, version=version)
        engine.commit()  # the index that is being built is not searched yet
        errors |= isolate_failures(_announce, [document for document in documents if document.key not in errors])
        with lock.fenced():
            _settle(rows, errors)
    except (LostLeadership, VersionConflict):
        enqueue_documents(*keys)  # some may be written, even over deletes that the index has forgotten after an hour
        raise


def _write(engine: Engine, gone: list[str], building: str, version: int, documents: list[Document]) -> dict[str, str]:
    return engine.write(documents, gone, building, store.stored_vectors(documents), version)


def _announce(documents: list[Document]) -> dict[str, str]:
    send_documents_indexed(documents)
    return {}


def _settle(rows: Rows, errors: dict[str, str]) -> None:
    """Delete exactly the entries that were processed; set those with errors aside."""
    ids = [pk for pk, key, _ in rows if key not in errors]
    keys = {key for _, key, _ in rows}
    # An entry that was set aside earlier is deleted too, once its document was made.
    OutboxEntry.objects.filter(models.Q(id__in=ids) | models.Q(failed=True, key__in=keys)).delete()
    for key in keys - errors.keys():
        _retries.pop(key, None)
    for key, error in errors.items():
        _schedule_retry(key, error)
        same = [pk for pk, row_key, _ in rows if row_key == key]
        OutboxEntry.objects.filter(id__in=same[:-1]).delete()
        OutboxEntry.objects.filter(id=same[-1]).update(failed=True, error=error)


def record_failures(errors: dict[str, str]) -> None:
    """Record errors by key of documents that cannot be made or are refused."""
    if errors:
        OutboxEntry.objects.filter(failed=True, key__in=errors).delete()
        OutboxEntry.objects.bulk_create(
            [OutboxEntry(key=key, failed=True, error=error) for key, error in errors.items()]
        )


def _schedule_retry(key: str, error: str) -> None:
    """Log a failed document the first time; double its pause each further time."""
    _when, pause = _retries.get(key, (0.0, 0.0))
    if not pause:
        logger.warning("search: %s set aside: %s", key, error[:300])
    pause = min(pause * 2 or FIRST_PAUSE, MAX_PAUSE)
    _retries[key] = (time.monotonic() + pause, pause)


def retry_failed() -> None:
    """Enqueue failed documents whose pause is over."""
    failed = dict.fromkeys(OutboxEntry.objects.filter(failed=True).order_by("id").values_list("key", flat=True))
    for key in _retries.keys() - failed.keys():  # deleted, repaired, or from before another leader
        del _retries[key]
    due = [key for key in failed if _retries.setdefault(key, _first_retry())[0] <= time.monotonic()]
    enqueue_documents(*due[:BATCH], bulk=True)


def _first_retry() -> tuple[float, float]:
    return time.monotonic() + FIRST_PAUSE, FIRST_PAUSE


def send_documents_indexed(documents: Collection[Document]) -> None:
    """Send `documents_indexed` for the documents that were written."""
    if documents:
        documents_indexed.send(sender=None, documents=documents)
