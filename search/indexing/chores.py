"""What the leader does now and then beside indexing: figures, forgetting, suggestions, alerts, wishes."""

import logging
import time
from collections.abc import Callable
from typing import Any

from search.learning import metrics, searcher, teaching, wishes

logger = logging.getLogger(__name__)
OFTEN, SELDOM = 60.0, 600.0  # seconds
_due: dict[str, float] = {}
_counted: list[Any] = []


def run_due() -> None:
    """Do what is due. Failures are logged and tried again later: indexing goes on."""
    _do("wishes", 0.0, wishes.work)
    _do("figures", OFTEN, count)
    _do("suggestions", SELDOM, seldom)


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
    teaching.choose_good()
