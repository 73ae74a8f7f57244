"""The cache of the production set-up: Redis, and the memory of this process while Redis is unavailable.

Cached values are never the only copy of anything important (presence, rate limits, sign-in limits), so pages work
without it.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import ResponseError

from web import redis

logger = logging.getLogger(__name__)
METHODS = (
    "add", "get", "set", "touch", "delete", "get_many", "has_key", "incr", "set_many", "delete_many", "clear",
)  # fmt: skip


class OwnKeysRedisCache(RedisCache):
    """Django's Redis cache, with a `clear()` that keeps the keys of other installations on the same Redis."""

    def clear(self) -> None:
        """Delete every key with this prefix."""
        client = self._cache.get_client(write=True)
        for key in client.scan_iter(match=f"{self.key_prefix}:*", count=1000):
            client.delete(key)


class SteadyRedisCache(OwnKeysRedisCache):
    """Django's Redis cache that falls back to local memory instead of raising errors."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        own = {"KEY_PREFIX": self.key_prefix, "max_entries": self._max_entries}
        self._own = LocMemCache(f"redis-away {self.key_prefix}", own)  # caches with other prefixes keep their entries
        self._options: dict[str, Any] = redis.options() | params.get("OPTIONS", {})

    def _ask(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        try:
            with redis.breaker.attempt():
                return getattr(super(), name)(*arguments, **options)
        except redis.AWAY as error:
            if isinstance(error, ResponseError):  # Redis answers with an error, for example out of memory
                logger.warning("Redis refuses; this process caches for itself: %s", error)
        return getattr(self._own, name)(*arguments, **options)


def _steady(name: str) -> Callable[..., Any]:
    def method(self: SteadyRedisCache, *arguments: Any, **options: Any) -> Any:
        return self._ask(name, arguments, options)

    return method


for _name in METHODS:
    setattr(SteadyRedisCache, _name, _steady(_name))
