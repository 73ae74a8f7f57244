"""How far the jobs have come that work on the query log."""

from django.db import models


class Progress(models.Model):
    """One row (pk 1): what the jobs know of what they did, whichever process runs them."""

    changes = models.BigIntegerField(default=1)  # times that something changed that search works with
    curation = models.CharField(max_length=40, blank=True)  # the token of the curators' rows at the last of these
    counted = models.TextField(blank=True)  # the state of the open days of the log when it was last counted

    class Meta:
        verbose_name_plural = "progress"

    def __str__(self) -> str:
        return str(self.changes)
