"""The jobs of discovery, as discovery/package.py declares them. The indexer's leader does none of this: it says which
documents it wrote, and what follows from that is in the database before their outbox entries are deleted."""

from collections.abc import Collection
from typing import Any

from discovery import search_alerts
from discovery.analytics import gaps, metrics, popular_queries, pseudonym
from discovery.models import Progress
from search.sources import Document
from web import job_states


def documents_written(*, documents: Collection[Document], **_signal: Any) -> None:
    """Note documents that the leader wrote (or their vectors): alerts are matched against them, gaps tried again."""
    if documents:
        search_alerts.note(documents)
        gaps.changed()


def match_alerts() -> int:
    """Match search alerts against the documents noted since the last run; how many people were told. What is left runs
    soon again."""
    granted = search_alerts.work()
    if search_alerts.unfinished():
        job_states.wake(search_alerts.JOB, seconds=search_alerts.SOON)
    return granted


def retry_gaps() -> int:
    """Try gaps again that may have an answer by now; how many have one. What is left runs soon again."""
    answered = gaps.work()
    if gaps.unfinished():
        job_states.wake(gaps.JOB, seconds=gaps.SOON)
    return answered


def count_searches() -> int:
    """Count the days of the log that changed and close those that are over; how many were counted."""
    progress, _new = Progress.objects.get_or_create(pk=1)
    state = repr((popular_queries.state(), pseudonym.now().date()))
    if state == progress.counted:
        return 0
    days = metrics.open_days()
    for day in days:
        metrics.roll_up(day)
        if day < pseudonym.now().date():
            metrics.close(day)
    popular_queries.watch()
    Progress.objects.filter(pk=1).update(counted=state)
    job_states.wake(gaps.JOB)
    return len(days)


def purge() -> int:
    """Delete searches, and search alerts, that are too old; how many searches."""
    search_alerts.purge()
    return metrics.purge()
