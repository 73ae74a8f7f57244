"""The outbox, requests to rebuild, and the mixin that keeps the outbox filled."""

from typing import Any, ClassVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class OutboxEntry(models.Model):
    """A document key whose row changed, written in the transaction of the change."""

    key = models.CharField(max_length=120, db_index=True)
    created = models.DateTimeField(auto_now_add=True)
    bulk = models.BooleanField(default=False, db_default=False)  # one of many: waits for what somebody just did
    failed = models.BooleanField(default=False)  # set aside: its document cannot be made or is refused
    error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "outbox entries"
        indexes = [models.Index(fields=["bulk", "id"], name="search_dirty_waiting", condition=models.Q(failed=False))]

    def __str__(self) -> str:
        return self.key


class Rebuild(models.Model):
    """A request to rebuild the index, carried out by the leader."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("at work")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING, db_index=True)
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    documents = models.PositiveIntegerField(default=0)  # done so far
    total = models.PositiveIntegerField(default=0)  # rows when it began
    started = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("rebuild of the index")
        verbose_name_plural = _("rebuilds of the index")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done", "failed"]), name="search_rebuild_state"
            )
        ]

    def __str__(self) -> str:
        return f"rebuild {self.pk}: {self.state}"

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100."""
        if self.state == self.State.DONE:
            return 100
        return min(100 * self.documents // self.total, 99) if self.total else 0


class Findable(models.Model):
    """Marks its documents dirty in the transaction of each save and delete.

    Put it before the model that saves: `class Faq(Findable, …)`. Deletes by query and by cascade are seen as well;
    `QuerySet.update()` and `bulk_create()` are not: call `search.indexing.outbox.mark_dirty()` beside them.
    """

    search_kind: ClassVar[str] = ""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save, and mark dirty in the same transaction."""
        from search.indexing.outbox import mark_dirty

        with transaction.atomic():
            result = super().save(*args, **kwargs)
            mark_dirty(*self.search_keys())
        return result

    def search_keys(self) -> list[str]:
        """Keys of the documents that hold something of this row. An answer returns its question's key."""
        return [f"{self.search_kind}:{self.pk}"]


class IndexVocabulary(models.Model):
    """What an index's documents taught when it was built: see search.vocabulary."""

    index = models.CharField(max_length=120, unique=True)
    live = models.BooleanField(default=False)
    documents = models.PositiveIntegerField()  # that it was learnt from
    data = models.BinaryField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "index vocabularies"

    def __str__(self) -> str:
        return self.index


class Embedding(models.Model):
    """The vector of a document by one provider, kept so that a rebuild need not make it again."""

    key = models.CharField(max_length=120, unique=True)  # of the document
    provider = models.CharField(max_length=100)
    digest = models.CharField(max_length=40)  # of the text that the vector is of, or is to be made of
    vector = models.BinaryField(null=True)  # 16-bit floats; none while it waits
    changed = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="search_embedding_waiting", condition=models.Q(vector=None)),
        ]

    def __str__(self) -> str:
        return self.key
