"""The outbox: which documents are to be made anew."""

from collections.abc import Callable
from typing import Any

from django.db import models, transaction

from search.models import Findable, OutboxEntry

# Called after each commit that marked something; the leader in this process sets its wake-up event here.
wakers: list[Callable[[], None]] = []


MANY = 50  # documents that nobody changes one by one


def mark_dirty(*keys: str, bulk: bool = False) -> None:
    """Have these documents made anew (or deleted, when their rows are gone), once the caller's transaction commits.

    `bulk`, and many at a time: nobody waits for them, so what somebody just did goes before them."""
    if not keys:
        return
    bulk = bulk or len(keys) > MANY
    OutboxEntry.objects.bulk_create([OutboxEntry(key=key, bulk=bulk) for key in dict.fromkeys(keys)], batch_size=5_000)
    if wakers:
        transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    for waker in wakers:
        waker()


def _mark_deleted(instance: Findable, **kwargs: Any) -> None:
    mark_dirty(*instance.search_keys())


def watch_deletes(model: type[models.Model]) -> None:
    """Mark the documents of a deleted row dirty, whichever way it was deleted, in the transaction of the delete."""
    models.signals.pre_delete.connect(_mark_deleted, sender=model, dispatch_uid="search.indexing.outbox")
