"""Processes whose clocks differ by minutes agree about moments, in every scope."""

import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from allauth.account import app_settings
from allauth.core.internal import ratelimit
from django.conf import settings as configured
from django.test import RequestFactory
from django.utils import timezone

from tests.faults.nodes import redis_server
from web import breaker, clock, limits, redis

APP = "allauth.account"


@pytest.fixture
def shared(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A Redis for this test, which stores limits, with a new breaker and clock."""
    monkeypatch.setattr(redis, "breaker", breaker.Breaker("Redis", redis._does_not_answer, failures=1))
    monkeypatch.setattr(clock, "_base", None)
    with redis_server() as server:
        settings.CACHES = settings.CACHES | {
            "limits": {"BACKEND": "web.cache.SteadyRedisCache", "LOCATION": server.url, "KEY_PREFIX": "clock"}
        }
        yield server


def elsewhere(minutes: int, monkeypatch: pytest.MonkeyPatch) -> time_machine.travel:
    """Another process, whose clock differs, and which has not asked Redis for the time yet."""
    monkeypatch.setattr(clock, "_base", None)
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes))


@pytest.mark.services
def test_a_process_with_a_fast_clock_locks_nobody_out(
    shared: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {scope: (min(number, 4), seconds) for scope, (number, seconds) in configured.RATE_LIMITS.items()}
    settings.RATE_LIMITS = few
    for scope, (number, seconds) in few.items():
        with elsewhere(10, monkeypatch):
            for _ in range(number - 1):
                limits.take(scope, "user:1")
        limits.take(scope, "user:1")
        with elsewhere(-10, monkeypatch), pytest.raises(limits.TooMany) as refused:
            for _ in range(number):  # some come back meanwhile
                limits.take(scope, "user:1")
        assert refused.value.retry_after <= seconds // number + 1


@pytest.mark.services
def test_sign_in_limits_agree_between_processes(shared: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    request, user = RequestFactory().post("/"), SimpleNamespace(pk=1)
    for action in app_settings.RATE_LIMITS:
        with elsewhere(10, monkeypatch):
            assert ratelimit.consume(request, app=APP, action=action, key="k", user=user)
        for rate in ratelimit.get_rates(app=APP, action=action):
            name = ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key="k", user=user)
            assert [abs(moment - time.time()) < 5 for moment in ratelimit.cache.get(name)] == [True]


@pytest.mark.services
def test_the_clock_continues_while_redis_is_unavailable(shared: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with elsewhere(10, monkeypatch):
        real = time.time() - 600
        assert abs(clock.now() - real) < 5
        shared.kill()
        monkeypatch.setattr(clock, "_asked", time.monotonic() - clock.EVERY)
        assert abs(clock.now() - real) < 5


def test_without_redis_it_is_the_clock_of_this_process() -> None:
    if redis.client() is not None:
        pytest.skip("there is a Redis")
    with time_machine.travel("2026-11-22 12:00:00Z", tick=False):
        assert clock.now() == time.time()
