"""Work that repeats: each package declares its jobs in `package.py`, and one leader at a time runs those that are due.

A job comes round after an interval (`seconds`) or at a time of day (`at`). It must be idempotent and bounded: a process
may die in the middle of it, and then it is run again. web.job_runner runs jobs; web.job_states has what became of them.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise

EVERY_DAY = range(7)
QUICK = 60.0  # seconds: jobs with a higher limit work apart from the others, so that these need not wait for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job. What `run` returns is shown as a count when it is a number."""

    name: str  # "<package>.<what it does>"
    label: str | Promise  # for people
    run: Callable[[], Any]
    seconds: float = 0  # between the end of one run and the beginning of the next
    at: time | None = None  # instead of `seconds`: at this time of day, in the time zone of the installation
    weekdays: Collection[int] = EVERY_DAY  # with `at`: only on these; Monday is 0
    limit: float = QUICK  # seconds after which a run counts as stuck
    share: float = 1 / 20  # of the leader's time, at most: a long run is followed by a long pause

    def __post_init__(self) -> None:
        """Refuse a job that would never come round, or all the time."""
        if bool(self.seconds) == (self.at is not None) or self.seconds < 0:
            raise ValueError(f"{self.name} needs seconds or a time of day")
        if not 0 < self.share <= 1 or self.limit <= 0 or not self.weekdays:
            raise ValueError(f"{self.name} has a share, a limit or weekdays with which it cannot run")

    @property
    def quick(self) -> bool:
        """True if others may wait for it."""
        return self.limit <= QUICK

    def next_due(self, now: datetime) -> datetime:
        """Return when it is due after `now`, in UTC.

        A time of day that the clocks skip is as long after midnight as on any other day; of one that comes twice, the
        first counts.
        """
        if self.at is None:
            return now + timedelta(seconds=self.seconds)
        zone = timezone.get_default_timezone()
        today = now.astimezone(zone).date()
        days = (today + timedelta(days=number) for number in range(9))
        moments = (
            datetime.combine(day, self.at, zone).astimezone(UTC) for day in days if day.weekday() in self.weekdays
        )
        return next(moment for moment in moments if moment > now)

    def rest(self, seconds: float) -> timedelta:
        """Return the least pause after a run that took so long."""
        return timedelta(seconds=seconds * (1 / self.share - 1))
