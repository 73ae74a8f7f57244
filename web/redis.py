"""How this process uses Redis: how long people wait for an answer, and one breaker for all uses that they wait for.

with breaker.attempt():
    …                       # raises one of AWAY while Redis does not answer: go on without it
"""

from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as TooLate
from redis.retry import Retry

from web.breaker import Breaker, Refused

TIMEOUT = 0.5  # seconds for an answer
AWAY = (Refused, RedisError, OSError)


def _does_not_answer(error: BaseException) -> bool:
    return isinstance(error, Unreachable | TooLate | OSError)


breaker = Breaker("Redis", counts=_does_not_answer, failures=1)


def options() -> dict[str, Any]:
    """How to connect: once more at once when a connection went stale, never when the answer is late."""
    return {
        "socket_connect_timeout": TIMEOUT,
        "socket_timeout": TIMEOUT,
        "socket_keepalive": True,
        "retry": Retry(NoBackoff(), 1, supported_errors=(Unreachable,)),
    }


def client(key: str | None = None) -> Any:
    """The connection of the cache of limits, for what Django's cache cannot do; None where that is not Redis."""
    shared = caches["limits"]
    return shared._cache.get_client(key, write=True) if isinstance(shared, RedisCache) else None
