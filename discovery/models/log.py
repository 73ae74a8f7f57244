"""The query log (searches and their outcome, without identities), and the daily figures computed from it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST = 200  # characters of a query that are stored


class Outcome(models.TextChoices):
    """What a searcher did instead of reading results: ask a person, or ask for a search alert."""

    NONE = "", "—"
    CHAT = "chat", _("a chat")
    QUESTION = "question", _("a question in the community")
    ALERT = "wish", _("a search alert")  # the stored value is older than the name


class LoggedSearch(models.Model):
    """One search: the same words by the same searcher in the same hour, whatever pages and filters were chosen.

    `searcher` is a hash with a daily salt that is never stored: people can be counted within a day, and nobody can be
    traced. `at` is emptied once the day is over.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    text = models.CharField(max_length=LONGEST, blank=True)  # normalised; empty when it held personal data
    language = models.CharField(max_length=5)
    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    at = models.DateTimeField(null=True)
    searcher = models.CharField(max_length=16)
    hits = models.PositiveIntegerField(null=True)  # the engine's total; null when it did not answer
    unfit = models.BooleanField(default=False)  # there were hits, but the page said that they are about something else
    degraded = models.BooleanField(default=False)
    typed = models.BooleanField(default=False)  # sent while typing, never submitted
    personal = models.BooleanField(default=False)
    filters = models.CharField(max_length=40, blank=True)  # names, comma-separated
    clicked_rank = models.PositiveSmallIntegerField(null=True)  # the best one, counted from 1
    reformulated = models.BooleanField(default=False)  # other words within two minutes, without a click
    helped = models.BooleanField(default=False)  # a later wording led to a click
    found_as = models.CharField(max_length=LONGEST, blank=True)  # that wording; empty when it held personal data
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
    """A hit that was opened from a logged search."""

    search = models.ForeignKey(LoggedSearch, on_delete=models.CASCADE, related_name="clicks")
    key = models.CharField(max_length=120)  # of the document
    rank = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["search", "key"], name="search_click_once")]

    def __str__(self) -> str:
        return f"{self.key} at {self.rank}"


class SearchCounts(models.Model):
    """Counts of searches that the engine answered. Shares are computed where they are shown."""

    day = models.DateField()
    language = models.CharField(max_length=5)
    searches = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)  # distinct within the day
    zero = models.PositiveIntegerField(default=0)
    clicked = models.PositiveIntegerField(default=0)
    reciprocal = models.FloatField(default=0)  # sum of 1/rank of the best click
    reformulated = models.PositiveIntegerField(default=0)
    chats = models.PositiveIntegerField(default=0)
    questions = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class DailyFigures(SearchCounts):
    """Counts of one day and language, kept after its searches are deleted. Language "" counts lost log entries."""

    personal = models.PositiveIntegerField(default=0)
    degraded = models.PositiveIntegerField(default=0)  # not among the searches
    dropped = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["day", "language"], name="search_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.language}"


class DailyQueryFigures(SearchCounts):
    """Counts of one query on one day."""

    text = models.CharField(max_length=LONGEST)
    gaps = models.PositiveIntegerField(default=0)  # searches without an answer
    gap_people = models.PositiveIntegerField(default=0)  # each person counts in one wording of a gap only
    gap_zero = models.PositiveIntegerField(default=0)  # of those: without any hit
    gap_chats = models.PositiveIntegerField(default=0)  # what people did next
    gap_questions = models.PositiveIntegerField(default=0)
    gap_retried = models.PositiveIntegerField(default=0)
    gap = models.ForeignKey("discovery.Gap", null=True, on_delete=models.SET_NULL, related_name="figures")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["day", "language", "text"], name="search_query_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.language}: {self.text}"


class SuggestedQuery(models.Model):
    """A past query that may be suggested to anybody: searched by several people, and answered by a public document."""

    language = models.CharField(max_length=5)
    text = models.CharField(max_length=LONGEST, db_index=True)
    people = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["language", "text"], name="search_good_once")]

    def __str__(self) -> str:
        return self.text


class ZeroResultAlert(models.Model):
    """A notice to curators that too many searches found nothing; one for each period."""

    period = models.DateField(unique=True)  # its first day
    searches = models.PositiveIntegerField()
    zero = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.period}: {self.zero} of {self.searches}"
