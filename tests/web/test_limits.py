"""The token bucket: bursts, refilling, sharing, and concurrent requests."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory

from accounts.audiences import Person
from tests.people import People
from web.limits import TooMany, charge, take, who

pytestmark = pytest.mark.usefixtures("counted_here")  # tests/web/test_clock.py: by Redis


@pytest.fixture(autouse=True)
def _limits(settings) -> None:
    settings.RATE_LIMITS, settings.ADDRESS_LIMITS = {"talk": (3, 60), "shout": (1, 3600)}, {"talk": (7, 60)}


def test_a_burst_then_a_wait_then_one_more() -> None:
    with time_machine.travel("2026-11-22 12:00:00Z", tick=False) as clock:
        for _ in range(3):
            take("talk", "user:1")
        with pytest.raises(TooMany) as refused:
            take("talk", "user:1")
        assert refused.value.retry_after == 20
        clock.shift(19)
        with pytest.raises(TooMany):
            take("talk", "user:1")
        clock.shift(1)
        take("talk", "user:1")
        with pytest.raises(TooMany):
            take("talk", "user:1")
        clock.shift(3600)
        for _ in range(3):
            take("talk", "user:1")


def test_a_clock_that_ran_ahead_blocks_nobody() -> None:
    with time_machine.travel("2026-11-22 15:00:00Z", tick=False):
        for _ in range(3):
            take("talk", "user:1")
    with time_machine.travel("2026-11-22 12:00:00Z", tick=False):
        take("talk", "user:1")


def test_each_person_and_scope_has_a_bucket_of_their_own() -> None:
    take("shout", "user:1")
    take("shout", "user:2")
    take("talk", "user:1")
    with pytest.raises(TooMany):
        take("shout", "user:1")


def test_an_unknown_scope_raises() -> None:
    with pytest.raises(KeyError):
        take("wispher", "user:1")


def test_several_at_once_never_take_more_than_there_is() -> None:
    def attempt(_n: int) -> bool:
        try:
            take("talk", "user:1")
        except TooMany:
            return False
        return True

    # However long it takes: the bucket does not fill meanwhile.
    with time_machine.travel("2026-11-22 12:00:00Z", tick=False), ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(40))) == 3


def test_pages_and_sockets_count_the_same_person(people: People, settings) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    request.user = people.owner
    scope = {"type": "websocket", "user": people.owner, "client": ["192.0.2.7", 5000], "headers": []}
    assert who(request) == who(scope) == f"user:{people.owner.pk}"
    request.user = scope["user"] = AnonymousUser()
    assert who(request) == who(scope) == "address:192.0.2.7"


def test_an_office_has_more_than_each_visitor_in_it() -> None:
    def sender(visitor: str) -> HttpRequest:
        request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
        request.user, request.viewer = AnonymousUser(), Person(AnonymousUser(), visitor)
        return request

    def told(visitor: str, scope: str = "talk") -> int:
        request = sender(visitor)
        with suppress(TooMany):
            charge(scope, request)
        return getattr(request, "retry_after", 0)

    with time_machine.travel("2026-11-22 12:00:00Z", tick=False):
        assert [told("a") for _ in range(4)] == [0, 0, 0, 20], "one visitor"
        assert [told(name) for name in ("b", "b", "c", "")] == [0, 0, 0, 0], "others of the office"
        assert told("") > 0 and told("d") > 0, "the office as a whole, also without cookies"
        assert [told(name, "shout") for name in ("a", "b")] == [0, 3600], "where an address has no more"


def test_forwarded_addresses_count_only_behind_our_proxies(settings) -> None:
    forwarded = "192.0.2.1, 203.0.113.9, 198.51.100.4"  # the first could be anybody's invention
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    first, second = (part.encode() for part in forwarded.rsplit(", ", 1))  # proxies may write lines of their own
    scope = {"client": ["127.0.0.1", 1], "headers": [(b"x-forwarded-for", first), (b"x-forwarded-for", second)]}
    expected = {0: "127.0.0.1", 1: "198.51.100.4", 2: "203.0.113.9", 3: "192.0.2.1", 4: "192.0.2.1"}
    seen = {}
    for settings.PROXIES in expected:
        assert who(request) == who(scope)
        seen[settings.PROXIES] = who(request).removeprefix("address:")
    assert seen == expected


def test_an_ipv6_customer_is_their_network() -> None:
    one, two = ({"client": [f"2001:db8:1:2::{n}", 1], "headers": []} for n in (1, 2))
    assert who(one) == who(two) == "address:2001:db8:1:2::/64"


def test_limits_hold_while_redis_does_not_answer(settings) -> None:
    settings.CACHES = {
        "limits": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    }
    take("shout", "user:nobody")
    with pytest.raises(TooMany):
        take("shout", "user:nobody")
