"""The time budget of one page: all its requests to the engine share it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SECONDS = 0.6  # a page whose engine does not answer still takes less than a second
_deadline: ContextVar[float | None] = ContextVar("search_deadline", default=None)


@contextmanager
def shared_budget(seconds: float | None = None) -> Iterator[None]:
    """Limit all requests to the engine inside the block to `seconds` together (SECONDS when not given), and to what an
    outer block has left."""
    ends = time.monotonic() + (SECONDS if seconds is None else seconds)
    outer = _deadline.get()
    token = _deadline.set(ends if outer is None else min(ends, outer))
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining(most: float) -> float:
    """Return the seconds that one request may take: `most` without a budget, 0 or less when the time is up."""
    ends = _deadline.get()
    return most if ends is None else min(most, ends - time.monotonic())
