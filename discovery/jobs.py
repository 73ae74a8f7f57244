"""The jobs of discovery, as discovery/package.py declares them. The indexer does none of this: it says which documents
it wrote, and what follows from that is in the database before their outbox entries are deleted."""

from collections.abc import Collection
from typing import Any

from discovery import search_alerts
from discovery.analytics import gaps, metrics, pseudonym, zero_result_rate
from discovery.models import Progress
from search.sources import Document
from web import job_states


def record_indexed(*, documents: Collection[Document], **_signal: Any) -> None:
    """Record documents (or their vectors) that were indexed, for search alerts and gaps."""
    if documents:
        search_alerts.record_indexed(documents)
        gaps.mark_search_changed()


def match_alerts() -> int:
    """Match search alerts against recently indexed documents. Return how many were fulfilled. Runs soon again if some
    are left."""
    fulfilled = search_alerts.match_new_documents()
    if search_alerts.unfinished():
        job_states.wake(search_alerts.JOB, seconds=search_alerts.SOON)
    return fulfilled


def recheck_gaps() -> int:
    """Check gaps that may have an answer by now. Return how many have one. Runs soon again if some are left."""
    answered = gaps.recheck_open()
    if gaps.unfinished():
        job_states.wake(gaps.JOB, seconds=gaps.SOON)
    return answered


def count_searches() -> int:
    """Count the days of the log that changed, and close those that are over. Return how many were counted."""
    progress, _new = Progress.objects.get_or_create(pk=1)
    state = repr((metrics.log_state(), pseudonym.now().date()))
    if state == progress.counted:
        return 0
    days = metrics.open_days()
    for day in days:
        metrics.roll_up(day)
        if day < pseudonym.now().date():
            metrics.close_day(day)
    zero_result_rate.alert_if_high()
    Progress.objects.filter(pk=1).update(counted=state)
    job_states.wake(gaps.JOB)
    return len(days)


def purge() -> int:
    """Delete searches and search alerts that are too old. Return the number of searches deleted."""
    search_alerts.purge()
    return metrics.purge()
