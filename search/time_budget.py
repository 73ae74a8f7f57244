"""How long the engine may take in all for one page: every question that a page asks it shares the same time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SECONDS = 0.6  # so that a page without its engine is there within a second
_deadline: ContextVar[float | None] = ContextVar("search_deadline", default=None)


@contextmanager
def shared(seconds: float | None = None) -> Iterator[None]:
    """Inside the block, all questions to the engine together may take `seconds` (SECONDS when not given), less what an
    outer block has left."""
    ends = time.monotonic() + (SECONDS if seconds is None else seconds)
    outer = _deadline.get()
    token = _deadline.set(ends if outer is None else min(ends, outer))
    try:
        yield
    finally:
        _deadline.reset(token)


def left(most: float) -> float:
    """Seconds that one question may take: `most` where nothing is shared; 0 or less when the time is up."""
    ends = _deadline.get()
    return most if ends is None else min(most, ends - time.monotonic())
