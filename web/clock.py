"""One clock for all processes, for moments that one process writes and another compares (limits on sign-in).

The clocks of machines may differ by minutes. With Redis all processes use its clock: they ask it from time to time and
continue from there with their own monotonic clock, also while Redis is unavailable. Without Redis there is only one
process.
"""

import time

from web import redis

EVERY = 30.0  # seconds between questions
_base: float | None = None  # seconds since 1970 when this process's monotonic clock was 0
_asked = 0.0


def now() -> float:
    """Return the seconds since 1970."""
    global _base, _asked
    client = redis.client()
    if client is None:
        return time.time()
    began = time.monotonic()
    if _base is None or began - _asked >= EVERY:
        try:
            with redis.breaker.attempt():
                seconds, microseconds = client.time()
            _asked = time.monotonic()
            _base = seconds + microseconds / 1e6 - (began + _asked) / 2
        except redis.AWAY:
            pass  # the next call asks again
    return time.time() if _base is None else time.monotonic() + _base
