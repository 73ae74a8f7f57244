"""The circuit breaker, and the time budget that the queries of one page share."""

import logging
import threading
import time

import pytest

from search import time_budget
from web import breaker
from web.breaker import Breaker, BreakerOpen


class Clock:
    """A clock that tests set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Away(Exception):
    """An exception that counts."""


@pytest.fixture
def clock() -> Clock:
    """A clock for this test."""
    return Clock()


@pytest.fixture
def broken(clock: Clock) -> Breaker:
    """A breaker with that clock."""
    return Breaker("The thing", lambda error: isinstance(error, Away), clock)


def fail(what: Breaker) -> None:
    """Make a call that fails with an exception that counts."""
    with pytest.raises(Away), what.attempt():
        raise Away("no answer")


def succeed(what: Breaker) -> None:
    """Make a call that succeeds."""
    with what.attempt():
        pass


def refuse(what: Breaker) -> None:
    """Make a call that is not tried."""
    with pytest.raises(BreakerOpen, match="The thing"), what.attempt():
        pytest.fail("it was tried")


def test_it_opens_after_failures_in_a_row_only(broken: Breaker) -> None:
    for _ in range(5):
        fail(broken)
        succeed(broken)
    assert broken.report() == {"state": "closed"}
    for _ in range(breaker.FAILURES):
        fail(broken)
    assert broken.state == "open"
    refuse(broken)


def test_other_exceptions_count_as_answers(broken: Breaker) -> None:
    fail(broken)
    with pytest.raises(ValueError), broken.attempt():
        raise ValueError("said no")
    fail(broken)
    assert broken.state == "closed"


def test_pauses_double_up_to_the_longest_and_begin_anew_after_success(broken: Breaker, clock: Clock) -> None:
    for _ in range(breaker.FAILURES):
        fail(broken)
    pauses = []
    for _ in range(7):
        start = clock.now
        while broken.state == "open":
            refuse(broken)
            clock.now += 0.25
        pauses.append(clock.now - start)
        assert broken.state == "half-open"
        fail(broken)
    for pause, longest in zip(pauses, (1, 2, 4, 8, 10, 10, 10), strict=True):
        assert longest * 0.7 <= pause <= longest
    clock.now += breaker.LONGEST
    assert broken.report() == {"state": "half-open", "seconds": round(sum(pauses) + breaker.LONGEST)}
    succeed(broken)
    assert broken.report() == {"state": "closed"}
    for _ in range(breaker.FAILURES):
        fail(broken)
    clock.now += breaker.PAUSE
    succeed(broken)


def test_one_probe_at_a_time(broken: Breaker, clock: Clock) -> None:
    for _ in range(breaker.FAILURES):
        fail(broken)
    clock.now += breaker.PAUSE
    with broken.attempt():
        assert broken.state == "half-open"
        refused: list[bool] = []

        def another() -> None:
            try:
                succeed(broken)
            except BreakerOpen:
                refused.append(True)

        threads = [threading.Thread(target=another) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused == [True] * 8
    assert broken.state == "closed"


def test_an_interrupted_probe_allows_another_one(broken: Breaker, clock: Clock) -> None:
    for _ in range(breaker.FAILURES):
        fail(broken)
    clock.now += breaker.PAUSE
    with pytest.raises(KeyboardInterrupt), broken.attempt():
        raise KeyboardInterrupt
    assert broken.state == "half-open"
    succeed(broken)
    assert broken.state == "closed"


def test_a_late_success_from_before_it_opened_does_not_close_it(broken: Breaker) -> None:
    with broken.attempt():
        for _ in range(breaker.FAILURES):
            fail(broken)
    assert broken.state == "open"


def test_each_change_is_logged_once(broken: Breaker, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for _ in range(breaker.FAILURES):
            fail(broken)
        for _ in range(20):
            refuse(broken)
            clock.now += breaker.LONGEST
            fail(broken)
        clock.now += breaker.LONGEST
        succeed(broken)
        succeed(broken)
    assert [record.getMessage() for record in caplog.records] == [
        "The thing does not answer and is left alone: no answer",
        "The thing answers again, after 210 s",
    ]


def test_the_time_is_shared_and_an_inner_block_gets_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    assert time_budget.remaining(5) == 5
    with time_budget.shared_budget(1):
        assert time_budget.remaining(5) == 1
        assert time_budget.remaining(0.5) == 0.5
        clock.now += 0.75
        assert time_budget.remaining(0.5) == 0.25
        with time_budget.shared_budget(1):
            assert time_budget.remaining(5) == 0.25
        with time_budget.shared_budget(0.125):
            assert time_budget.remaining(5) == 0.125
        clock.now += 1
        assert time_budget.remaining(5) < 0
    assert time_budget.remaining(5) == 5
