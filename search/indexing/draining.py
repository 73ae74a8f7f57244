"""Working off the outbox. Only the leader does.

Row ids are read first and the rows after them, so a row that changes meanwhile has a newer entry in the outbox. An
entry is deleted only once the engine has committed: a killed process does its work again, to the same effect.

What somebody just did does not wait for what was marked in bulk: the two take turns, batch by batch.
"""

import logging
import math
import time
from collections.abc import Collection
from functools import partial

from django.db import models

from search import engines
from search.embeddings import store
from search.engines import Engine, Overtaken
from search.indexing import outbox
from search.indexing.batches import Pace, isolated, reread
from search.indexing.leader import ALONE, Lead, LostLead
from search.models import OutboxEntry
from search.signals import documents_indexed
from search.sources import Document

logger = logging.getLogger(__name__)
BATCH = 500  # entries of the outbox, at most
AGAIN, SELDOM = 60.0, 24 * 3600.0  # seconds until what was set aside is tried again: at first, and at most
_pace = Pace(100, 20, BATCH)  # documents of a batch
_set_aside_for: dict[str, tuple[float, float]] = {}  # by key: until when, and for how long this time
Rows = list[tuple[int, str, bool]]  # of the outbox: id, key, whether it is bulk


def drain(engine: Engine | None = None, building: str = "", *, lead: Lead = ALONE, seconds: float = math.inf) -> int:
    """Bring the index up to date with the outbox, or begin to: after `seconds` it is left as it is. How many entries
    were worked off.

    Raises EngineError when the engine cannot be written to, LostLead when somebody else leads; entries that were not
    worked off are then as before.
    """
    engine = engine or engines.get()
    done, until, bulk = 0, time.monotonic() + seconds, False
    while rows := _next(bulk):
        begun, size = time.monotonic(), _pace.size
        keys = dict.fromkeys(list(dict.fromkeys(key for _, key, _ in rows))[:size])
        rows = [row for row in rows if row[1] in keys]
        _bring(engine, building, lead, rows, list(keys))
        if len(keys) == size:
            _pace.took(time.monotonic() - begun)
        done += len(rows)
        bulk = not rows[0][2]
        if time.monotonic() >= until:
            break
    return done


def _next(bulk: bool) -> Rows:
    """The oldest entries of one sort: with `bulk` of that one, if there are any."""
    waiting = OutboxEntry.objects.filter(failed=False).values_list("id", "key", "bulk")
    if bulk and (rows := list(waiting.filter(bulk=True).order_by("id")[:BATCH])):
        return rows
    rows = list(waiting.order_by("bulk", "id")[:BATCH])
    return [row for row in rows if row[2] == rows[0][2]]


def _bring(engine: Engine, building: str, lead: Lead, rows: Rows, keys: list[str]) -> None:
    version = lead.version()
    documents, deleted, errors = reread(keys)
    if building:
        set_aside(engine.filled())  # nothing older comes after
    lead.check()
    write = partial(_write, engine, [*deleted, *errors], building, version)
    try:
        errors |= isolated(write, documents)
        store.forget(deleted)
        if refused := [key for key in errors if key not in deleted]:
            engine.write([], refused, building, version=version)
        engine.commit()  # what is being built is looked at by nobody yet
        errors |= isolated(_tell, [document for document in documents if document.key not in errors])
        with lead.guarded():
            _settle(rows, errors)
    except (LostLead, Overtaken):
        outbox.mark_dirty(*keys)  # some may have been written: after hours, even what was deleted and forgotten
        raise


def _write(engine: Engine, gone: list[str], building: str, version: int, documents: list[Document]) -> dict[str, str]:
    return engine.write(documents, gone, building, store.known(documents), version)


def _tell(documents: list[Document]) -> dict[str, str]:
    announce(documents)
    return {}


def _settle(rows: Rows, errors: dict[str, str]) -> None:
    """Delete exactly the entries that were worked off; set those with errors aside."""
    ids = [pk for pk, key, _ in rows if key not in errors]
    keys = {key for _, key, _ in rows}
    # An entry set aside earlier is settled as well once its document was made.
    OutboxEntry.objects.filter(models.Q(id__in=ids) | models.Q(failed=True, key__in=keys)).delete()
    for key in keys - errors.keys():
        _set_aside_for.pop(key, None)
    for key, error in errors.items():
        _note_set_aside(key, error)
        same = [pk for pk, row_key, _ in rows if row_key == key]
        OutboxEntry.objects.filter(id__in=same[:-1]).delete()
        OutboxEntry.objects.filter(id=same[-1]).update(failed=True, error=error)


def set_aside(errors: dict[str, str]) -> None:
    """Note documents that cannot be made or are refused, by key."""
    if errors:
        OutboxEntry.objects.filter(failed=True, key__in=errors).delete()
        OutboxEntry.objects.bulk_create(
            [OutboxEntry(key=key, failed=True, error=error) for key, error in errors.items()]
        )


def _note_set_aside(key: str, error: str) -> None:
    """Log it the first time; each further time it rests for twice as long."""
    _until, pause = _set_aside_for.get(key, (0.0, 0.0))
    if not pause:
        logger.warning("search: %s set aside: %s", key, error[:300])
    pause = min(pause * 2 or AGAIN, SELDOM)
    _set_aside_for[key] = (time.monotonic() + pause, pause)


def try_again() -> None:
    """Give those that were set aside and have rested another chance."""
    failed = dict.fromkeys(OutboxEntry.objects.filter(failed=True).order_by("id").values_list("key", flat=True))
    for key in _set_aside_for.keys() - failed.keys():  # deleted, repaired, or of another leader
        del _set_aside_for[key]
    due = [key for key in failed if _set_aside_for.setdefault(key, _rest())[0] <= time.monotonic()]
    outbox.mark_dirty(*due[:BATCH], bulk=True)


def _rest() -> tuple[float, float]:
    return time.monotonic() + AGAIN, AGAIN


def announce(documents: Collection[Document]) -> None:
    """Tell packages to the right which documents were written."""
    if documents:
        documents_indexed.send(sender=None, documents=documents)
