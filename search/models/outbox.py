"""The outbox: keys of the documents that have to be indexed again, and the base class of models that fill it."""

from typing import Any, ClassVar

from django.db import models, transaction

from search.signals import outbox_committed

MANY = 50  # documents at a time: more are bulk, since nobody changes so many one by one


class OutboxEntry(models.Model):
    """A document key whose row changed, written in the transaction of the change."""

    key = models.CharField(max_length=120, db_index=True)
    created = models.DateTimeField(auto_now_add=True)
    bulk = models.BooleanField(default=False, db_default=False)  # one of many: indexed after single changes
    failed = models.BooleanField(default=False)  # set aside: the document cannot be made or the engine refuses it
    error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "outbox entries"
        indexes = [models.Index(fields=["bulk", "id"], name="search_dirty_waiting", condition=models.Q(failed=False))]

    def __str__(self) -> str:
        return self.key


def enqueue_documents(*keys: str, bulk: bool = False) -> None:
    """Have these documents indexed again, or deleted when their rows are gone, once the caller's transaction commits.

    Entries of one call with `bulk`, or with more than `MANY` keys, are indexed after single changes.
    """
    if not keys:
        return
    bulk = bulk or len(keys) > MANY
    OutboxEntry.objects.bulk_create([OutboxEntry(key=key, bulk=bulk) for key in dict.fromkeys(keys)], batch_size=5_000)
    if outbox_committed.has_listeners():
        transaction.on_commit(_send_committed, robust=True)


def _send_committed() -> None:
    outbox_committed.send(sender=OutboxEntry)


class Findable(models.Model):
    """Enqueues its documents in the transaction of each save and delete.

    Put it before the model that saves: `class Faq(Findable, …)`. Deletes by query and by cascade are seen as well;
    `QuerySet.update()` and `bulk_create()` are not: call `enqueue_documents()` in the same transaction.
    """

    search_kind: ClassVar[str] = ""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save, and enqueue the documents in the same transaction."""
        with transaction.atomic():
            result = super().save(*args, **kwargs)
            enqueue_documents(*self.search_keys())
        return result

    def search_keys(self) -> list[str]:
        """Return the keys of the documents that contain something of this row. An answer returns its question's key."""
        return [f"{self.search_kind}:{self.pk}"]


def watch_deletes(model: type[models.Model]) -> None:
    """Enqueue the documents of each deleted row of `model`, in the transaction of the delete."""
    models.signals.pre_delete.connect(_enqueue_deleted, sender=model, dispatch_uid="search.models.outbox")


def _enqueue_deleted(instance: Findable, **kwargs: Any) -> None:
    enqueue_documents(*instance.search_keys())
