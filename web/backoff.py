"""Growing, jittered pauses for whoever asks again what failed a moment ago."""

import random
import time
from collections.abc import Callable


def pause(failures: int, first: float, most: float) -> float:
    """Seconds to wait after so many failures in a row, the last one included: see Backoff."""
    return min(first * 2 ** min(failures - 1, 30), most) * random.uniform(0.5, 1)  # noqa: S311  # no secret


class Backoff:
    """After each failure in a row the pause is twice as long, up to `most` seconds; between half and all of it is
    waited, by chance, so that many who failed together do not come back together ("equal jitter").

    Whatever else wakes a loop, it asks again only when `left()` is 0.
    """

    def __init__(self, first: float = 1.0, most: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.first, self.most, self._clock = first, most, clock
        self.failures = 0  # in a row
        self._until = 0.0

    def failed(self) -> float:
        """It failed: the seconds to wait before it is asked again."""
        self.failures += 1
        seconds = pause(self.failures, self.first, self.most)
        self._until = self._clock() + seconds
        return seconds

    def succeeded(self) -> None:
        """It answered: the next failure begins with the shortest pause."""
        self.failures, self._until = 0, 0.0

    def left(self) -> float:
        """Seconds to wait now; 0 when it may be asked."""
        return max(self._until - self._clock(), 0.0)
