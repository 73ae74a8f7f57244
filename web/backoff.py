"""Exponential backoff with jitter."""

import random
import time
from collections.abc import Callable


def pause(failures: int, first: float, most: float) -> float:
    """Return the seconds to wait after so many failures in a row, the last one included. See Backoff."""
    return min(first * 2 ** min(failures - 1, 30), most) * random.uniform(0.5, 1)  # noqa: S311  # no secret


class Backoff:
    """Pauses that double with each failure in a row, up to `most` seconds, with jitter.

    The actual pause is a random part between half and all of it, so that many clients that failed together do not retry
    together ("equal jitter"). A loop that is woken for another reason retries only if `left()` is 0.
    """

    def __init__(self, first: float = 1.0, most: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.first, self.most, self._clock = first, most, clock
        self.failures = 0  # in a row
        self._until = 0.0

    def failed(self) -> float:
        """Count a failure. Return the seconds to wait before the next attempt."""
        self.failures += 1
        seconds = pause(self.failures, self.first, self.most)
        self._until = self._clock() + seconds
        return seconds

    def succeeded(self) -> None:
        """Reset after a success: the next failure starts with the shortest pause."""
        self.failures, self._until = 0, 0.0

    def left(self) -> float:
        """Return the seconds to wait now; 0 if an attempt is allowed."""
        return max(self._until - self._clock(), 0.0)
