"""Requests to rebuild the index, and what is stored beside it: vocabularies and vectors."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Rebuild(models.Model):
    """A request to rebuild the index, carried out by the leader."""

    class State(models.TextChoices):
        """Its progress."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("at work")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING, db_index=True)
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    documents = models.PositiveIntegerField(default=0)  # indexed so far
    total = models.PositiveIntegerField(default=0)  # rows at the start
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
        """The progress, 0 to 100."""
        if self.state == self.State.DONE:
            return 100
        return min(100 * self.documents // self.total, 99) if self.total else 0


class IndexVocabulary(models.Model):
    """The vocabulary of an index, learnt when it was built: see search.vocabulary."""

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
    """The vector of a document by one provider, stored so that a rebuild need not make it again."""

    key = models.CharField(max_length=120, unique=True)  # of the document
    provider = models.CharField(max_length=100)
    digest = models.CharField(max_length=40)  # of the text of the vector, made or still to be made
    vector = models.BinaryField(null=True)  # 16-bit floats; null while it waits
    changed = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="search_embedding_waiting", condition=models.Q(vector=None)),
        ]

    def __str__(self) -> str:
        return self.key
