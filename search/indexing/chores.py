"""What the leader does now and then beside indexing: figures, forgetting, suggestions, alerts, gaps, wishes."""

import logging
import time
from collections.abc import Callable, Collection
from typing import Any

from search.learning import gaps, metrics, searcher, teaching, wishes
from search.sources import Document
from web import once

logger = logging.getLogger(__name__)
SOON, OFTEN, SELDOM = 2.0, 60.0, 600.0  # seconds
_due: dict[str, float] = {}
_counted: list[Any] = []


def run_due() -> None:
    """Do what is due. Failures are logged and tried again later: indexing goes on."""
    _do("wishes", 0.0, wishes.work)
    _do("figures", OFTEN, count)
    _do("gaps", SOON, gaps.work)
    _do("suggestions", SELDOM, seldom)


def written(documents: Collection[Document]) -> None:
    """The leader wrote these documents, or their vectors, and has not forgotten their entries in the outbox yet."""
    if documents:
        wishes.note(documents)
        gaps.changed()


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
    state = [teaching.state(), searcher.now().date()]
    if state == _counted:
        return
    for day in metrics.open_days():
        metrics.roll_up(day)
        if day < searcher.now().date():
            metrics.close(day)
    teaching.watch()
    _counted[:] = state


def seldom() -> None:
    """What follows from the figures, and what is too old."""
    metrics.purge()
    wishes.purge()
    once.purge()
    teaching.choose_good()
