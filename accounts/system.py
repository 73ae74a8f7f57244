"""What the page *System* shows: how the jobs fare, and what waits for which process."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from search import engines
from search.models import OutboxEntry
from web import job_states, leases, tasks
from web.durations import in_words
from web.job_states import Condition
from web.models import Lease

WORDS = {
    Condition.WAITING: (gettext_lazy("in order"), "solved"),
    Condition.RUNNING: (gettext_lazy("running"), "info"),
    Condition.FAILING: (gettext_lazy("fails"), "refused"),
    Condition.STUCK: (gettext_lazy("stuck"), "refused"),
    Condition.LATE: (gettext_lazy("late"), "waiting"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A job as the page tells it."""

    name: str
    label: str
    condition: str
    badge: str  # of the style sheet
    started: datetime | None
    took: str
    result: int | None
    next: datetime | None
    failures: int
    failed: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the page says of a process or a queue."""

    label: str | Promise
    text: str
    wrong: bool = False


def job_rows() -> list[JobRow]:
    """Return the jobs, those that need a look first. Two queries."""
    reports = sorted(
        job_states.reports(), key=lambda report: report.condition in (Condition.WAITING, Condition.RUNNING)
    )
    return [_row(report) for report in reports]


def _row(report: job_states.Report) -> JobRow:
    state, (words, badge) = report.state, WORDS[report.condition]
    if state is None or (state.started is None and report.condition == Condition.WAITING):
        words, badge = gettext_lazy("has not run yet"), "info"
    ended = state if state and state.running is None else None
    return JobRow(
        name=report.job.name,
        label=str(report.job.label),
        condition=str(words),
        badge=badge,
        started=state.started if state else None,
        took=_took(ended.seconds) if ended and ended.seconds is not None else "",
        result=ended.result if ended else None,
        next=report.next,
        failures=state.failures if state else 0,
        failed=state.failed if state else None,
        error=state.error if state else "",
    )


def _took(seconds: float) -> str:
    if seconds < 1:
        return _("%(n)d ms") % {"n": round(seconds * 1000)}
    return in_words(round(seconds))


def facts() -> list[Fact]:
    """Return what is known of the processes beside the pages, and of what waits for them. Five queries."""
    workers = Lease.objects.filter(name__startswith=tasks.lease_of(""), until__gte=leases.now()).count()
    led = job_states.led()
    return [
        Fact(gettext_lazy("Jobs"), _("one process runs them") if led else _("no process runs them"), not led),
        Fact(
            gettext_lazy("Task workers"),
            ngettext("%(n)d at work", "%(n)d at work", workers) % {"n": workers} if workers else _("none at work"),
            not workers,
        ),
        _tasks(),
        *_search(),
    ]


def _tasks() -> Fact:
    counts = tasks.counts()
    text = _("%(waiting)d waiting or running; %(failed)d failed in the last three days") % counts
    return Fact(gettext_lazy("Tasks"), text, counts["failed"] > 0)


def _search() -> list[Fact]:
    counts = OutboxEntry.objects.order_by().aggregate(
        waiting=Count("pk", filter=Q(failed=False)), failed=Count("pk", filter=Q(failed=True))
    )
    text = _("%(waiting)d documents wait to be indexed; %(failed)d cannot be") % counts
    answers = engines.get().health()["state"] == "closed"
    found = [
        Fact(gettext_lazy("Search engine"), _("answers") if answers else _("does not answer"), not answers),
        Fact(gettext_lazy("Search index"), text, counts["failed"] > 0),
    ]
    if settings.ELASTICSEARCH_URL:  # the embedded index has a lock of its own, which nobody else can look at
        leads = bool(leases.held([f"indexer:{settings.SEARCH_INDEX_PREFIX}"]))
        found.append(Fact(gettext_lazy("Indexer"), _("one process indexes") if leads else _("none at work"), not leads))
    return found
