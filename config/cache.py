"""The cache of the production set-up: Redis, and this process's own memory while Redis is away.

What is cached is never the truth (presence, rate limits, throttles of sign-in), so a page goes on without it.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)
PAUSE = 2.0  # seconds without asking Redis again, after it did not answer
TIMEOUT = 0.5  # seconds for an answer
METHODS = (
    "add", "get", "set", "touch", "delete", "get_many", "has_key", "incr", "set_many", "delete_many", "clear",
)  # fmt: skip


def redis_options() -> dict[str, Any]:
    """How to connect: one more try at once, for a connection that went stale; no waiting in between."""
    return {"socket_connect_timeout": TIMEOUT, "retry": Retry(NoBackoff(), 1)}


class OwnKeysRedisCache(RedisCache):
    """Django's Redis cache, of which `clear()` leaves the keys of other installations on the same Redis alone."""

    def clear(self) -> None:
        """Remove every key of this prefix."""
        client = self._cache.get_client(write=True)
        for key in client.scan_iter(match=f"{self.key_prefix}:*", count=1000):
            client.delete(key)


class SteadyRedisCache(OwnKeysRedisCache):
    """Django's Redis cache, without its failures."""

    _lock = threading.Lock()
    _away_until = 0.0  # shared by all threads, each of which has an instance of its own

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._own = LocMemCache("redis-away", {"KEY_PREFIX": params.get("KEY_PREFIX", "")})
        self._options: dict[str, Any] = {"socket_timeout": TIMEOUT, **redis_options(), **params.get("OPTIONS", {})}

    def _ask(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        cls = type(self)
        if time.monotonic() >= cls._away_until:
            try:
                return getattr(super(), name)(*arguments, **options)
            except RedisError as error:
                with cls._lock:
                    cls._away_until = time.monotonic() + PAUSE
                logger.warning("Redis does not answer; this process caches for itself: %s", error)
        return getattr(self._own, name)(*arguments, **options)


def _steady(name: str) -> Callable[..., Any]:
    def method(self: SteadyRedisCache, *arguments: Any, **options: Any) -> Any:
        return self._ask(name, arguments, options)

    return method


for _name in METHODS:
    setattr(SteadyRedisCache, _name, _steady(_name))
