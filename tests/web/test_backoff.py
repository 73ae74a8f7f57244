"""Exponential backoff with jitter."""

import pytest

from web.backoff import Backoff


class Clock:
    """A clock that tests set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_pauses_grow_to_the_longest_and_begin_anew_after_an_answer() -> None:
    clock = Clock()
    backoff = Backoff(first=1, most=10, clock=clock)
    assert backoff.left() == 0
    for longest in (1, 2, 4, 8, 10, 10):
        pause = backoff.failed()
        assert longest / 2 <= pause <= longest
        assert backoff.left() == pytest.approx(pause)
    clock.now += 10
    assert backoff.left() == 0
    for _ in range(3000):
        backoff.failed()
    backoff.succeeded()
    assert backoff.left() == 0
    assert backoff.failed() <= 1


def test_clients_that_fail_together_do_not_retry_together() -> None:
    pauses = {round(Backoff(first=10).failed(), 3) for _ in range(50)}
    assert len(pauses) > 40
