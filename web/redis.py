"""This process's connection to Redis: timeouts, and one circuit breaker for all uses that requests wait for.

with breaker.attempt():
    …                       # raises one of AWAY while Redis does not answer: continue without it
"""

from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as TooLate
from redis.retry import Retry

from web.breaker import Breaker, BreakerOpen

TIMEOUT = 0.5  # seconds for an answer
AWAY = (BreakerOpen, RedisError, OSError)


def _does_not_answer(error: BaseException) -> bool:
    return isinstance(error, Unreachable | TooLate | OSError)


breaker = Breaker("Redis", counts=_does_not_answer, failures=1)


def options() -> dict[str, Any]:
    """Return the connection options: reconnect once if a connection is stale, never if the answer is late."""
    return {
        "socket_connect_timeout": TIMEOUT,
        "socket_timeout": TIMEOUT,
        "socket_keepalive": True,
        "retry": Retry(NoBackoff(), 1, supported_errors=(Unreachable,)),
    }


def client(key: str | None = None) -> Any:
    """Return the connection of the cache for limits, for operations that Django's cache lacks.

    None if that cache is not Redis.
    """
    shared = caches["limits"]
    return shared._cache.get_client(key, write=True) if isinstance(shared, RedisCache) else None
