"""The cache while Redis is unavailable, and afterwards."""

import pytest

from tests.faults.nodes import redis_server
from tests.server import free_port
from web import breaker, redis
from web.cache import SteadyRedisCache


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "breaker", breaker.Breaker("Redis", redis._does_not_answer, failures=1))


@pytest.mark.parametrize("timeout", [None, 60])
def test_every_method_works_without_redis(timeout: int | None) -> None:
    cache = SteadyRedisCache(f"redis://127.0.0.1:{free_port()}/0", {})
    cache.clear()
    assert cache.get("a") is None
    cache.set("a", {"x": 1}, timeout)
    assert cache.get("a") == {"x": 1}
    assert not cache.add("a", 2)
    assert cache.add("b", 2, timeout)
    assert cache.incr("b") == 3
    assert cache.get_many(["a", "b", "c"]) == {"a": {"x": 1}, "b": 3}
    assert cache.has_key("a")
    assert "c" not in cache
    assert cache.touch("a", 60)
    cache.set_many({"c": 1, "d": 2})
    cache.delete_many(["c"])
    assert cache.delete("d")
    assert cache.get_or_set("e", lambda: 5) == 5
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nothing")
    cache.clear()
    assert cache.get("a") is None


def test_filling_one_cache_keeps_the_other_without_redis() -> None:
    """Otherwise whoever opens enough pages, or types enough addresses, could try passwords again."""
    url = f"redis://127.0.0.1:{free_port()}/0"
    pages = SteadyRedisCache(url, {"KEY_PREFIX": "v"})
    limits = SteadyRedisCache(url, {"KEY_PREFIX": "v-limits", "max_entries": 50_000})
    limits.clear()
    limits.set("failed", 5, 300)
    for n in range(1_000):
        pages.set(f"page-{n}", n)
        limits.set(f"other-{n}", n, 300)
    assert limits.get("failed") == 5
    pages.clear()
    assert limits.get("failed") == 5


@pytest.mark.services
def test_redis_goes_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "PAUSE", 0.0)
    monkeypatch.setattr(breaker, "LONGEST", 0.0)
    redis.breaker._pause = 0.0
    with redis_server() as server:
        cache = SteadyRedisCache(server.url, {})
        cache.set("a", "shared")
        server.kill()
        assert cache.get("a") is None, "a miss, not an error"
        cache.set("a", "own")
        assert cache.get("a") == "own"
        server.start()
        assert cache.get("a") is None, "Redis answers again, and kept nothing"
        cache.set("a", "shared again")
        assert SteadyRedisCache(server.url, {}).get("a") == "shared again"


def test_a_server_that_does_not_answer_is_left_alone_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    cache = SteadyRedisCache(f"redis://127.0.0.1:{free_port()}/0", {})
    for _ in range(100):
        cache.get("a")
    assert len(caplog.records) == 1


@pytest.mark.services
def test_clearing_leaves_other_installations_alone() -> None:
    with redis_server() as server:
        one, other = (SteadyRedisCache(server.url, {"KEY_PREFIX": prefix}) for prefix in ("one", "other"))
        for cache in (one, other):
            cache.set("a", 1, None)
        one.clear()
        assert one.get("a") is None
        assert other.get("a") == 1
