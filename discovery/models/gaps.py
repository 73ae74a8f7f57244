"""Gaps: queries without an answer, and their state."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from discovery.models.log import LONGEST


class Gap(models.Model):
    """A query without an answer, in one wording or in several similar ones.

    It is open until search finds an answer, or until a curator decides that none will be written. How often, by how
    many people and in which wordings it was searched for is in DailyQueryFigures; it is deleted with the last of those.
    """

    class State(models.TextChoices):
        """What has become of it."""

        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        HIDDEN = "hidden", _("not for us")

    class Reason(models.TextChoices):
        """Why no answer will be written."""

        NOT_OURS = "not_ours", _("Not our subject")
        ELSEWHERE = "elsewhere", _("There is an answer already")
        MEANINGLESS = "meaningless", _("Not a real question")
        OTHER = "other", _("Another reason")

    language = models.CharField(max_length=5)
    text = models.CharField(max_length=LONGEST)  # the most frequent wording
    words = models.CharField(max_length=250)  # what all wordings have in common (search.language.wording)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    since = models.DateField()  # the first day that counts; earlier searches belong to a gap that was closed
    asked = models.DateTimeField(null=True)  # the last search without an answer; emptied once that day is over
    empty = models.BooleanField(default=False)  # that day every such search found nothing at all
    looked = models.DateTimeField(null=True)  # when search was last tried; null when not since the last search
    checked = models.BigIntegerField(default=0)  # Progress.changes at that time
    seen: Any = models.JSONField(default=dict)  # what search found before an answer existed: document key → digest
    answer = models.CharField(max_length=120, blank=True)  # the key of the document that answers it
    answered = models.DateTimeField(null=True)
    hidden = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    reason = models.CharField(max_length=15, choices=Reason, blank=True)
    note = models.CharField(max_length=250, blank=True)

    class Meta:
        verbose_name = _("gap")
        verbose_name_plural = _("gaps")
        indexes: ClassVar = [models.Index(fields=["state", "looked"], name="search_gap_looked")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["words", "language"], name="search_gap_once"),
            models.CheckConstraint(
                condition=~models.Q(state="answered") | models.Q(answered__isnull=False), name="search_gap_answered"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="hidden") | (models.Q(hidden__isnull=False) & ~models.Q(reason="")),
                name="search_gap_hidden",
            ),
        ]

    def __str__(self) -> str:
        return self.text
