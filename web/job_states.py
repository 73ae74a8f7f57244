"""How jobs fare: one row for each, so that any process can show it, ask for a run and take over.

Moments are the database's, and a row is due or not by what stands in it: a job that was due while everything was off
runs soon after the start. Each step is one UPDATE of a row that still is as it was meant to be.
"""

import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Now

from web import leases
from web.backoff import pause
from web.jobs import Job
from web.models import JobState
from web.packages import Package, composed, merged
from web.params import storable

logger = logging.getLogger(__name__)
AGAIN = (5.0, 1800.0)  # seconds until a job that failed is tried again: at first, and at most
SLACK = timedelta(milliseconds=10)  # the database tells one moment in two ways, rounded differently
LATE = timedelta(minutes=10)  # after which nobody seems to run what is due
LEASE = "jobs"  # the name of the leader's
DIED = "The process ended while it ran."
told = threading.Event()  # this process has asked for a job


class Condition(models.TextChoices):
    """How a job fares."""

    WAITING = "waiting"
    RUNNING = "running"
    FAILING = "failing"
    STUCK = "stuck"  # runs for longer than its limit
    LATE = "late"  # is due, and nobody runs it


@dataclass(frozen=True, slots=True)
class Report:
    """A job, its row and what they say; no row when no leader has seen it yet."""

    job: Job
    state: JobState | None
    condition: Condition
    next: datetime | None  # none while it runs


@composed
def declared(packages: tuple[Package, ...]) -> dict[str, Job]:
    """Return the jobs of all packages by name."""
    return merged({job.name: job} for package in packages for job in package.jobs)


def now() -> datetime:
    """Return the moment by the database's clock."""
    return datetime.fromtimestamp(leases.now() / 1000, UTC)


def prepare(jobs: Mapping[str, Job], number: int) -> None:
    """Make the rows ready for a new leader with this fencing number: one for each job, and none under way."""
    moment = now()
    JobState.objects.exclude(name__in=jobs).delete()
    states = JobState.objects.in_bulk(list(jobs))
    for name, job in jobs.items():
        state = states.get(name)
        if state is None:
            first = moment if job.at is None else job.next_due(moment)
            JobState.objects.bulk_create([JobState(name=name, due=first, not_before=moment)], ignore_conflicts=True)
        elif state.running is not None and state.running != number:
            logger.warning("The job %s is run again: %s", name, DIED)
            failed(job, state.running, DIED)
        elif state.due and state.due > (due := job.next_due(moment)):  # it is declared otherwise now
            JobState.objects.filter(name=name, due=state.due).update(due=due)


def due() -> list[str]:
    """Return the names of the jobs that are due, the longest waiting first. One query."""
    return list(_waiting().order_by("due").values_list("name", flat=True))


def _waiting() -> "models.QuerySet[JobState]":
    soon = Now() + SLACK
    return JobState.objects.filter(running=None, due__lte=soon, not_before__lte=soon)


def begin(job: Job, number: int) -> bool:
    """Note that a run of it begins; False when it is not due any more. The caller holds the lease."""
    return bool(_waiting().filter(name=job.name).update(running=number, due=None, started=now()))


def succeeded(job: Job, number: int, seconds: float, result: Any = None) -> bool:
    """Note that the run took so long, and what it returned; False when it is another leader's by now."""
    moment = now()
    count = result if isinstance(result, int) and not isinstance(result, bool) else None
    return _end(
        job,
        number,
        seconds=seconds,
        result=count,
        failures=0,
        ended=moment,
        due=Coalesce("due", Value(job.next_due(moment))),
        not_before=moment + job.rest(seconds),
    )


def failed(job: Job, number: int, error: str, seconds: float | None = None) -> bool:
    """Note why the run failed: it is tried again after a pause, whoever asks for it meanwhile; False when it is
    another leader's by now."""
    moment = now()
    before = JobState.objects.filter(name=job.name).values_list("failures", flat=True).first() or 0
    again = moment + timedelta(seconds=pause(before + 1, *AGAIN))
    again = max(again, moment + job.rest(seconds or 0))
    return _end(
        job,
        number,
        seconds=F("seconds") if seconds is None else seconds,
        failures=before + 1,
        failed=moment,
        error=storable(error)[:2000],
        ended=moment,
        due=again,
        not_before=again,
    )


def give_up(jobs: Mapping[str, Job], number: int, running: Collection[str]) -> None:
    """Note as failed what counts as run by the leader with this number, and is not among what it runs: its beginning
    or its end could not be told from a failure of the database. One query unless there is any."""
    lost = JobState.objects.filter(running=number).exclude(name__in=running).values_list("name", flat=True)
    for name in list(lost):
        if name in jobs:
            logger.warning("The job %s is run again: %s", name, DIED)
            failed(jobs[name], number, DIED)


def _end(job: Job, number: int, **values: Any) -> bool:
    return bool(JobState.objects.filter(name=job.name, running=number).update(running=None, **values))


def wake(*names: str, seconds: float = 0) -> None:
    """Have these jobs run within so many seconds, once the caller's transaction commits. One cheap statement.

    Who runs already runs again afterwards; who failed or took long rests first.
    """
    sooner = Now() + timedelta(seconds=seconds) if seconds else Now()
    JobState.objects.filter(Q(due=None) | Q(due__gt=sooner), name__in=names).update(due=sooner)
    transaction.on_commit(told.set)


def run_now(name: str) -> None:
    """Have a job run as soon as possible, whatever happened before."""
    moment = now()
    JobState.objects.bulk_create([JobState(name=name, due=moment, not_before=moment)], ignore_conflicts=True)
    JobState.objects.filter(name=name).update(due=Now(), not_before=Now())
    transaction.on_commit(told.set)


def reports() -> list[Report]:
    """Return how every declared job fares. Two queries."""
    jobs, moment = declared(), now()
    states = JobState.objects.in_bulk(list(jobs))
    return [_report(job, states.get(name), moment) for name, job in jobs.items()]


def _report(job: Job, state: JobState | None, moment: datetime) -> Report:
    if state is None:
        return Report(job, None, Condition.WAITING, None)
    if state.running is not None:
        over = state.started is not None and moment - state.started > timedelta(seconds=job.limit)
        return Report(job, state, Condition.STUCK if over else Condition.RUNNING, None)
    coming = max(state.due, state.not_before) if state.due else state.not_before
    if state.failures:
        return Report(job, state, Condition.FAILING, coming)
    late = moment - coming > LATE
    return Report(job, state, Condition.LATE if late else Condition.WAITING, coming)


def health() -> str | dict[str, list[str]]:
    """Return "ok", or the names of the jobs that fail, are stuck, or are late because nobody runs them."""
    wrong: dict[str, list[str]] = {}
    for report in reports():
        if report.condition not in (Condition.WAITING, Condition.RUNNING):
            wrong.setdefault(report.condition.value, []).append(report.job.name)
    return wrong or "ok"


def led() -> bool:
    """True if some process runs jobs now."""
    return bool(leases.held([LEASE]))
