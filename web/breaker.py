"""A circuit breaker: stop calling a service that does not answer, so that nobody waits for it in vain.

closed: every call goes through; `FAILURES` failures in a row open it. open: every call is refused at once, until the
pause is over. half-open: one call goes through and all others are refused. If that call succeeds the breaker closes,
otherwise it opens for twice as long. Pauses have jitter, so that processes do not retry together. All threads of a
process share one breaker.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)
FAILURES = 2  # in a row
PAUSE = 1.0  # seconds, doubled with every probe that fails …
LONGEST = 10.0  # … up to this


class BreakerOpen(Exception):
    """The call was not tried, because the service did not answer a moment ago."""


class Breaker:
    """Put `with breaker.attempt(): …` around each call.

    `counts` decides which exceptions mean that the service does not answer, `failures` how many of them in a row open
    the breaker, and `longest` is the longest pause in seconds.
    """

    def __init__(
        self,
        name: str,
        counts: Callable[[BaseException], bool] = lambda error: isinstance(error, Exception),
        clock: Callable[[], float] = time.monotonic,
        failures: int = FAILURES,
        longest: float = LONGEST,
    ) -> None:
        self.name = name
        self._counts = counts
        self._clock = clock
        self._enough = failures
        self._longest = longest
        self._lock = threading.Lock()
        self._failures = 0
        self._pause = PAUSE
        self._open_until: float | None = None
        self._since: float | None = None  # when it opened first
        self._probing = False

    @property
    def state(self) -> str:
        """Return `closed`, `open` or `half-open` (the next call, or the current one, is the probe)."""
        with self._lock:
            if self._open_until is None:
                return "closed"
            return "half-open" if self._probing or self._clock() >= self._open_until else "open"

    def report(self) -> dict[str, object]:
        """Return the state for the health page, and if it is not closed, for how many seconds."""
        state = self.state
        with self._lock:
            if self._since is None:
                return {"state": state}
            return {"state": state, "seconds": round(self._clock() - self._since)}

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Raise BreakerOpen while the breaker is open. Otherwise run the block and count its outcome."""
        probe = self._admit()
        try:
            yield
        except BaseException as error:
            self._end(probe, error if self._counts(error) else None, neither=not isinstance(error, Exception))
            raise
        self._end(probe, None)

    def _admit(self) -> bool:
        with self._lock:
            if self._open_until is None:
                return False
            if self._probing or self._clock() < self._open_until:
                raise BreakerOpen(f"{self.name} did not answer a moment ago")
            self._probing = True
            return True

    def _end(self, probe: bool, error: BaseException | None, neither: bool = False) -> None:
        with self._lock:
            if probe:
                self._probing = False
            if neither:  # interrupted from outside: neither a success nor a failure
                return
            if error is not None:
                self._failed(probe, error)
            elif probe or self._open_until is None:
                self._succeeded()

    def _failed(self, probe: bool, error: BaseException) -> None:
        if self._open_until is not None and not probe:
            return  # a call that started before the breaker opened
        self._failures += 1
        if self._open_until is None and self._failures < self._enough:
            return
        if self._open_until is None:
            self._since = self._clock()
            logger.warning("%s does not answer and is left alone: %s", self.name, error)
        else:
            self._pause = min(2 * self._pause, self._longest)
        self._open_until = self._clock() + self._pause * random.uniform(0.75, 1)  # noqa: S311  # no secret

    def _succeeded(self) -> None:
        if self._since is not None:
            logger.warning("%s answers again, after %.0f s", self.name, self._clock() - self._since)
        self._failures, self._pause = 0, PAUSE
        self._open_until = self._since = None
