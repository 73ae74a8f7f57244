"""Leases: one holder at a time, by the database's clock, and a number that is higher for each new holder."""

from functools import partial

import pytest
import time_machine

from tests.server import wait_until
from tests.together import at_once
from web import leases
from web.leases import Heartbeat
from web.models import Lease

pytestmark = pytest.mark.django_db


def expire(name: str) -> None:
    """Let the lease end, as if its holder had not renewed it."""
    Lease.objects.filter(name=name).update(until=leases.now() - 1)


def test_each_new_holder_gets_a_higher_number() -> None:
    assert leases.take("index", "a", 10) == 1
    assert leases.take("index", "a", 10) == 1, "the same holder, the same number"
    assert leases.take("index", "b", 10) == 0
    expire("index")
    assert leases.take("index", "b", 10) == 2
    assert leases.take("index", "a", 10) == 0


def test_a_stopped_holder_notices_that_it_lost_the_lease(django_assert_num_queries) -> None:
    number = leases.take("index", "a", 10)
    expire("index")
    assert leases.holds("index", "a", number), "nobody wanted it meanwhile"
    assert leases.renew("index", "a", number, 10)
    expire("index")
    leases.take("index", "b", 10)
    with django_assert_num_queries(1):
        assert not leases.renew("index", "a", number, 10)
    with django_assert_num_queries(1):
        assert not leases.holds("index", "a", number)
    leases.release("index", "a", number)
    assert leases.take("index", "c", 10) == 0, "b still holds it"


def test_a_transaction_goes_on_only_with_the_lease(django_assert_num_queries) -> None:
    number = leases.take("index", "a", 10)
    with django_assert_num_queries(1):
        assert leases.pin("index", "a", number)
    expire("index")
    leases.take("index", "b", 10)
    assert not leases.pin("index", "a", number)


def test_lift_continues_above_a_higher_number() -> None:
    number = leases.take("index", "a", 10)
    leases.lift("index", "a", number, 41)
    assert not leases.holds("index", "a", number)
    assert leases.take("index", "a", 10) == 42
    leases.lift("index", "a", 42, 7)
    assert leases.take("index", "a", 10) == 43, "never lower"
    leases.lift("index", "b", 43, 99)
    assert leases.take("index", "a", 10) == 43, "only by who holds it"


def test_a_released_lease_is_free_and_keeps_its_number() -> None:
    leases.release("index", "a", leases.take("index", "a", 10))
    assert leases.held(["index"]) == set()
    assert leases.take("index", "b", 10) == 2
    assert leases.held(["index", "other"]) == {"index"}
    assert leases.held([]) == set()


def test_clocks_of_processes_do_not_matter() -> None:
    leases.take("index", "a", 10)
    with time_machine.travel("2036-01-01 00:00:00Z"):
        assert leases.take("index", "b", 10) == 0
    with time_machine.travel("2016-01-01 00:00:00Z"):
        assert leases.held(["index"]) == {"index"}


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_during_long_work() -> None:
    heart, other = Heartbeat("index", seconds=0.4), Heartbeat("index", seconds=0.4)
    assert heart.take()
    before = Lease.objects.get(name="index").until
    try:
        wait_until(lambda: Lease.objects.get(name="index").until > before + 400, "two signs of life", pause=0.02)
        assert not other.take()
        assert heart.take()
        assert heart.number == 1
    finally:
        heart.stop()
    assert other.take(), "let go of at the end"
    assert other.number == 2
    other.stop()


@pytest.mark.django_db(transaction=True)
def test_a_holder_that_lost_the_lease_stops_and_takes_it_again() -> None:
    heart = Heartbeat("index", seconds=60)
    assert heart.take()
    expire("index")
    assert leases.take("index", "other", 60) == 2
    assert not heart.beats()
    assert heart.number == 0
    assert not heart.take()
    expire("index")
    assert heart.take()
    assert heart.number == 3
    heart.stop()


@pytest.mark.django_db(transaction=True)
def test_one_of_many_concurrent_processes_gets_the_lease() -> None:
    numbers = at_once(*(partial(leases.take, "index", f"holder {n}", 60) for n in range(8)))
    assert sorted(numbers) == [0] * 7 + [1]
