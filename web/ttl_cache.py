"""One cache for values that change seldom and are needed by many requests: kept by each process for some seconds."""

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

from web import scope

P = ParamSpec("P")
T = TypeVar("T")
caches: "list[TTLCache[Any, Any]]" = []  # every cache of this process


class TTLCache(Generic[P, T]):
    """A function whose results are kept for `seconds`, or until `clear()` in the same process.

    titles = TTLCache(_read_titles, 5.0)
    titles()

    Results are kept by arguments, at most `size` of them; the oldest one goes first. They are the same for everybody:
    `read` runs without the cut of `web.scope`. `math.inf` suits results that never change, such as a stored version.
    """

    def __init__(self, read: Callable[P, T], seconds: float, *, size: int = 1) -> None:
        self._read, self.seconds, self.size = read, seconds, size
        self._kept: dict[Any, tuple[float, T]] = {}
        self._lock = threading.Lock()  # of `_kept`; two threads may read the same value at once
        caches.append(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the result for these arguments, at most `seconds` old."""
        key = args, tuple(sorted(kwargs.items()))
        now, kept = time.monotonic(), self._kept.get(key)
        if kept is None or now - kept[0] >= self.seconds:
            with scope.reading_as(None):
                kept = now, self._read(*args, **kwargs)
            self._keep(key, kept)
        return kept[1]

    def _keep(self, key: Any, kept: tuple[float, T]) -> None:
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = kept
            while len(self._kept) > self.size:
                del self._kept[next(iter(self._kept))]

    def clear(self) -> None:
        """Forget all results: what they were read from changed."""
        with self._lock:
            self._kept.clear()


def clear_all() -> None:
    """Clear every cache of this process."""
    for cache in caches:
        cache.clear()
