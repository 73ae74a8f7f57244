"""What was asked in vain, and what became of it."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from discovery.models.log import LONGEST


class Gap(models.Model):
    """What was asked in vain, in one wording or in several that are nearly the same: open until search finds an answer
    to it, or a curator says that none is to be written.

    How often, by how many people and in which wordings is in QueryFigures. Goes when the last of those goes.
    """

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        HIDDEN = "hidden", _("not for us")

    class Reason(models.TextChoices):
        """Why no answer is to be written."""

        NOT_OURS = "not_ours", _("Not our subject")
        ELSEWHERE = "elsewhere", _("There is an answer already")
        MEANINGLESS = "meaningless", _("Not a real question")
        OTHER = "other", _("Another reason")

    language = models.CharField(max_length=5)
    text = models.CharField(max_length=LONGEST)  # the wording that is asked most
    words = models.CharField(max_length=250)  # what all wordings have in common (search.language.wording)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    since = models.DateField()  # what was asked before this day is settled, and not counted
    asked = models.DateTimeField(null=True)  # in vain, the last time; forgotten once that day is over
    empty = models.BooleanField(default=False)  # that day everybody found nothing at all
    looked = models.DateTimeField(null=True)  # the last time that search was tried; never since somebody asked
    checked = models.BigIntegerField(default=0)  # Progress.changes at that time
    seen: Any = models.JSONField(default=dict)  # what could be found when it was asked: document key → digest
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
