"""The query log: what was asked and whether it helped, with nothing that says who asked; and figures made of it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST = 200  # characters of a query that are kept


class Outcome(models.TextChoices):
    """Where a search ended, when it ended with a person, or with asking to be told."""

    NONE = "", "—"
    CHAT = "chat", _("a chat")
    QUESTION = "question", _("a question in the community")
    WISH = "wish", _("waits to be told")


class LoggedSearch(models.Model):
    """One search: the same words by the same searcher in the same hour, however often pages or filters changed.

    `searcher` is a hash under a salt of that day which is never written down: people can be counted within a day and
    nobody can be traced. `at` is emptied once the day is over.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    text = models.CharField(max_length=LONGEST, blank=True)  # folded; empty when it held personal data
    language = models.CharField(max_length=5)
    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    at = models.DateTimeField(null=True)
    searcher = models.CharField(max_length=16)
    hits = models.PositiveIntegerField(null=True)  # as the engine counted; none when it did not answer
    unfit = models.BooleanField(default=False)  # something was found, and the page said that it is about something else
    degraded = models.BooleanField(default=False)
    typed = models.BooleanField(default=False)  # came while typing, never submitted
    personal = models.BooleanField(default=False)
    filters = models.CharField(max_length=40, blank=True)  # names, joined by commas
    clicked_rank = models.PositiveSmallIntegerField(null=True)  # the best, counted from 1
    reformulated = models.BooleanField(default=False)  # other words within two minutes, and no click before
    helped = models.BooleanField(default=False)  # those other words led to something that was opened
    found_as = models.CharField(max_length=LONGEST, blank=True)  # those words; empty when they held personal data
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.NONE, blank=True)

    class Meta:
        verbose_name = _("logged search")
        verbose_name_plural = _("logged searches")
        indexes: ClassVar = [
            models.Index(fields=["day", "language"], name="search_log_day"),
            models.Index(fields=["searcher", "at"], name="search_log_searcher"),
            models.Index(fields=["at"], condition=models.Q(at__isnull=False), name="search_log_open"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(personal=False) | models.Q(text=""), name="search_log_nothing_personal"
            )
        ]

    def __str__(self) -> str:
        return self.text or "—"


class Click(models.Model):
    """A hit of a logged search was opened."""

    search = models.ForeignKey(LoggedSearch, on_delete=models.CASCADE, related_name="clicks")
    key = models.CharField(max_length=120)  # of the document
    rank = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["search", "key"], name="search_click_once")]

    def __str__(self) -> str:
        return f"{self.key} at {self.rank}"


class Figures(models.Model):
    """Counts over searches that the engine answered. Shares are computed where they are shown."""

    day = models.DateField()
    language = models.CharField(max_length=5)
    searches = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)  # counted within the day
    zero = models.PositiveIntegerField(default=0)
    clicked = models.PositiveIntegerField(default=0)
    reciprocal = models.FloatField(default=0)  # sum of 1/rank of the best click
    reformulated = models.PositiveIntegerField(default=0)
    chats = models.PositiveIntegerField(default=0)
    questions = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class DayFigures(Figures):
    """A day in one language. Kept when its searches are gone. Language "" holds what was lost."""

    personal = models.PositiveIntegerField(default=0)
    degraded = models.PositiveIntegerField(default=0)  # not among the searches
    dropped = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["day", "language"], name="search_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.language}"


class QueryFigures(Figures):
    """One query on one day."""

    text = models.CharField(max_length=LONGEST)
    gaps = models.PositiveIntegerField(default=0)  # searches that did not lead to an answer
    gap_people = models.PositiveIntegerField(default=0)  # each in one wording of a gap only
    gap_zero = models.PositiveIntegerField(default=0)  # of those: nothing was found
    gap_chats = models.PositiveIntegerField(default=0)  # what they did next
    gap_questions = models.PositiveIntegerField(default=0)
    gap_retried = models.PositiveIntegerField(default=0)
    gap = models.ForeignKey("discovery.Gap", null=True, on_delete=models.SET_NULL, related_name="figures")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["day", "language", "text"], name="search_query_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.language}: {self.text}"


class GoodQuery(models.Model):
    """A query that may be suggested to anybody: asked by several, and answered by something that everybody may see."""

    language = models.CharField(max_length=5)
    text = models.CharField(max_length=LONGEST, db_index=True)
    people = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["language", "text"], name="search_good_once")]

    def __str__(self) -> str:
        return self.text


class ShareAlert(models.Model):
    """Curators were told that too many searches found nothing; once for each period."""

    period = models.DateField(unique=True)  # its first day
    searches = models.PositiveIntegerField()
    zero = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.period}: {self.zero} of {self.searches}"
