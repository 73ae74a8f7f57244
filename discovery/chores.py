"""What the leader does now and then beside indexing: figures, forgetting, suggestions, alerts, gaps, wishes."""

import logging
import time
from collections.abc import Callable, Collection
from typing import Any

from discovery import search_alerts
from discovery.analytics import gaps, metrics, pseudonym, suggested_queries, zero_result_rate
from search.sources import Document
from web import once

logger = logging.getLogger(__name__)
SOON, OFTEN, SELDOM = 2.0, 60.0, 600.0  # seconds
_due: dict[str, float] = {}
_counted: list[Any] = []


def run_due(**_signal: Any) -> None:
    """Do what is due. Failures are logged and tried again later: indexing goes on."""
    _do("wishes", 0.0, search_alerts.match_new_documents)
    _do("figures", OFTEN, count)
    _do("gaps", SOON, gaps.recheck_open)
    _do("suggestions", SELDOM, seldom)


def written(*, documents: Collection[Document], **_signal: Any) -> None:
    """The leader wrote these documents, or their vectors, and has not forgotten their entries in the outbox yet."""
    if documents:
        search_alerts.record_indexed(documents)
        gaps.mark_search_changed()


def _do(name: str, pause: float, act: Callable[[], Any]) -> None:
    if time.monotonic() < _due.get(name, 0.0):
        return
    begun = time.monotonic()
    try:
        act()
        # Never more than a twentieth of the leader's time.
        _due[name] = begun + max(pause, 20 * (time.monotonic() - begun) if pause else 0)
    except Exception:
        _due[name] = time.monotonic() + OFTEN
        logger.exception("search: %s failed; tried again later", name)


def count() -> None:
    """Count the days that changed; close those that are over."""
    state = [metrics.log_state(), pseudonym.now().date()]
    if state == _counted:
        return
    for day in metrics.open_days():
        metrics.roll_up(day)
        if day < pseudonym.now().date():
            metrics.close_day(day)
    zero_result_rate.alert_if_high()
    _counted[:] = state


def seldom() -> None:
    """What follows from the figures, and what is too old."""
    metrics.purge()
    search_alerts.purge()
    once.purge()
    suggested_queries.choose()
