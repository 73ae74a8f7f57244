"""The runner: one leader, each job once, failures and the dead apart from the rest."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.jobs import run_due
from tests.server import wait_until
from web import job_runner, job_states, leases
from web.job_states import Condition
from web.jobs import Job
from web.models import JobState, Lease

pytestmark = pytest.mark.django_db
NEVER = 86_400.0  # seconds: due once in a test


def job(name: str, run: Callable[[], Any] = lambda: None, **values: Any) -> Job:
    """A job that is due at once, and then not for a day."""
    return Job(**{"name": name, "label": name, "run": run, "seconds": NEVER, "share": 1} | values)


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Job]]:
    """Make these the jobs of the product."""

    def declare(*jobs: Job) -> dict[str, Job]:
        known = {job.name: job for job in jobs}
        monkeypatch.setattr(job_states, "declared", lambda: known)
        return known

    return declare


@pytest.fixture
def start(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], threading.Event]]:
    """Starts a runner in a thread; set what it returns to stop it. All end with the test."""
    monkeypatch.setattr(job_runner, "PAUSE", 0.05)
    monkeypatch.setattr(job_runner, "STANDBY", 0.1)
    monkeypatch.setattr(job_states, "AGAIN", (0.05, 0.2))
    running: list[tuple[threading.Event, threading.Thread]] = []

    def start() -> threading.Event:
        stop = threading.Event()
        thread = threading.Thread(target=job_runner.run, args=(stop,), name="jobs")
        running.append((stop, thread))
        thread.start()
        return stop

    yield start
    for stop, _thread in running:
        stop.set()
    for _stop, thread in running:
        thread.join(timeout=20)
        assert not thread.is_alive()


def state(name: str) -> JobState:
    """The row of a job."""
    return JobState.objects.get(name=name)


def ended(name: str) -> bool:
    """True if a run of it has ended well."""
    return JobState.objects.filter(name=name, running=None, ended__isnull=False, failures=0).exists()


def condition(name: str) -> Condition:
    """How a job fares."""
    return next(report.condition for report in job_states.reports() if report.job.name == name)


# -- what the row says -------------------------------------------------------------------------


def test_a_run_leaves_its_time_its_result_and_when_it_comes_round(declare: Callable[..., dict[str, Job]]) -> None:
    jobs = declare(job("web.a", lambda: 7), job("web.b", lambda: "text"), job("web.c", lambda: True))
    assert [report.state for report in job_states.reports()] == [None] * 3, "nobody has seen them yet"
    assert sorted(run_due(jobs)) == ["web.a", "web.b", "web.c"]
    row = state("web.a")
    assert (row.result, row.failures, row.error, row.running) == (7, 0, "", None)
    assert row.seconds is not None and row.started is not None and row.ended is not None and row.due is not None
    assert row.seconds >= 0
    assert row.started <= row.ended
    assert timedelta(seconds=NEVER - 60) < row.due - row.ended <= timedelta(seconds=NEVER)
    assert state("web.b").result is state("web.c").result is None
    assert run_due(jobs) == []


def test_what_was_due_while_everything_was_off_runs_after_the_start(declare: Callable[..., dict[str, Job]]) -> None:
    from datetime import time

    jobs = declare(job("web.daily", seconds=0, at=time(3, 10)))
    assert run_due(jobs) == [], "not yet: its time of day has not come since it is known"
    JobState.objects.update(due=job_states.now() - timedelta(hours=5))
    assert run_due(jobs, number=2) == ["web.daily"]


def test_what_was_declared_to_come_round_seldom_and_now_comes_often(declare: Callable[..., dict[str, Job]]) -> None:
    run_due(declare(job("web.a"), job("web.gone")))
    run_due(declare(job("web.a", seconds=5)), number=2)
    assert state("web.a").due < job_states.now() + timedelta(seconds=6)
    assert not JobState.objects.filter(name="web.gone").exists()


def test_who_asks_has_it_run_soon_and_while_it_runs_once_more(declare: Callable[..., dict[str, Job]]) -> None:
    jobs = declare(job("web.a"))
    run_due(jobs)
    job_states.wake("web.a", seconds=60)
    assert job_states.due() == []
    job_states.wake("web.a")
    assert job_states.due() == ["web.a"]
    assert job_states.begin(jobs["web.a"], 1)
    assert job_states.due() == []
    assert not job_states.begin(jobs["web.a"], 1), "it runs already"
    job_states.wake("web.a")
    assert job_states.succeeded(jobs["web.a"], 1, 0.0)
    assert job_states.due() == ["web.a"]


def test_waking_is_one_statement_and_changes_nothing_when_it_is_due_by_then(
    declare: Callable[..., dict[str, Job]], django_assert_num_queries: Any
) -> None:
    run_due(declare(job("web.a")))
    with django_assert_num_queries(1):
        job_states.wake("web.a", "web.unknown", seconds=2)
    before = state("web.a").due
    job_states.wake("web.a", seconds=600)
    assert state("web.a").due == before


def test_after_a_long_run_it_rests_whoever_asks_but_a_person(declare: Callable[..., dict[str, Job]]) -> None:
    jobs = declare(job("web.a", share=1 / 20))
    run_due(jobs)
    job_states.wake("web.a")
    assert job_states.begin(jobs["web.a"], 1)
    assert job_states.succeeded(jobs["web.a"], 1, 10.0)
    job_states.wake("web.a")
    assert job_states.due() == []
    rests = state("web.a").not_before - job_states.now()
    assert timedelta(seconds=180) < rests <= timedelta(seconds=190)
    job_states.run_now("web.a")
    assert job_states.due() == ["web.a"]


def test_a_failing_one_is_tried_again_after_growing_pauses(
    declare: Callable[..., dict[str, Job]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.backoff.random.uniform", lambda low, high: high)

    def fail() -> None:
        raise OSError("no \0answer")

    jobs, pauses = declare(job("web.a", fail), job("web.b")), []
    for _time in range(4):
        assert "web.a" in run_due(jobs)
        row = state("web.a")
        assert row.due is not None and row.failed is not None
        assert row.due == row.not_before
        pauses.append((row.due - row.failed).total_seconds())
        job_states.wake("web.a")
        assert job_states.due() == [], "asking does not shorten the pause"
        JobState.objects.update(due=job_states.now(), not_before=job_states.now())
    assert pauses == [5, 10, 20, 40]
    assert (row.failures, row.error) == (4, "OSError: no answer")
    assert (condition("web.a"), condition("web.b")) == (Condition.FAILING, Condition.WAITING)
    assert job_states.health() == {"failing": ["web.a"]}
    run_due(declare(job("web.a"), job("web.b")))
    row = state("web.a")
    assert (row.failures, row.error) == (0, "OSError: no answer"), "what went wrong last can still be read"
    assert job_states.health() == "ok"


def test_health_names_what_is_stuck_or_late_and_says_nothing_else(declare: Callable[..., dict[str, Job]]) -> None:
    jobs = declare(job("web.stuck", limit=60), job("web.late"), job("web.a"), job("web.new"))
    job_states.prepare(jobs, 1)
    assert job_states.begin(jobs["web.stuck"], 1)
    assert condition("web.stuck") == Condition.RUNNING
    JobState.objects.filter(name="web.stuck").update(started=job_states.now() - timedelta(seconds=61))
    old = job_states.now() - job_states.LATE * 2
    JobState.objects.filter(name="web.late").update(due=old, not_before=old)
    JobState.objects.filter(name="web.new").delete()
    assert job_states.health() == {"stuck": ["web.stuck"], "late": ["web.late"]}


def test_the_words_of_a_leader_that_was_replaced_do_not_count(declare: Callable[..., dict[str, Job]]) -> None:
    jobs = declare(job("web.a"))
    job_states.prepare(jobs, 1)
    assert job_states.begin(jobs["web.a"], 1)
    job_states.prepare(jobs, 2)
    row = state("web.a")
    assert (row.running, row.failures, row.error) == (None, 1, job_states.DIED)
    JobState.objects.update(due=job_states.now(), not_before=job_states.now())
    assert job_states.begin(jobs["web.a"], 2)
    assert not job_states.succeeded(jobs["web.a"], 1, 1.0)
    assert state("web.a").running == 2
    assert job_states.succeeded(jobs["web.a"], 2, 1.0)


# -- runners at work ---------------------------------------------------------------------------


def test_two_runners_run_each_job_once(start: Callable[[], Any], declare: Callable[..., dict[str, Job]]) -> None:
    done: list[str] = []
    names = [f"web.{letter}" for letter in "abcdef"]
    declare(
        *(job(name, lambda name=name: done.append(name), limit=30 if n % 2 else 300) for n, name in enumerate(names))
    )
    start()
    start()
    wait_until(lambda: all(ended(name) for name in names), "all of them")
    assert sorted(done) == names


def test_who_stops_in_order_is_replaced_and_what_was_asked_for_runs(
    start: Callable[[], Any], declare: Callable[..., dict[str, Job]]
) -> None:
    done: list[str] = []
    declare(job("web.a", lambda: done.append(threading.current_thread().name)))
    first = start()
    wait_until(lambda: ended("web.a"), "the first run")
    start()
    first.set()
    wait_until(lambda: Lease.objects.get(name=job_states.LEASE).number == 2, "the other one leads")
    job_states.run_now("web.a")
    wait_until(lambda: len(done) == 2, "a run by the other one")
    assert done == ["job web.a"] * 2


def test_what_a_dead_runner_had_begun_is_run_again(
    start: Callable[[], Any], declare: Callable[..., dict[str, Job]]
) -> None:
    jobs, done = declare(job("web.a", lambda: done.append("a"))), list[str]()
    number = leases.take(job_states.LEASE, "dead", 60)
    job_states.prepare(jobs, number)
    assert job_states.begin(jobs["web.a"], number)
    start()
    Lease.objects.update(until=leases.now() - 1)
    wait_until(lambda: ended("web.a"), "it is run by who leads now")
    assert done == ["a"]
    assert state("web.a").error == job_states.DIED


def test_who_lost_the_lease_begins_nothing(
    transactional_db: None, declare: Callable[..., dict[str, Job]], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    declare(job("web.a", lambda: done.append("a")))
    runner = job_runner.Runner(threading.Event())
    assert runner._leads()
    Lease.objects.update(holder="another")
    runner.look()
    assert (runner.runs, done, runner.heart.number) == ({}, [], 0)
    assert state("web.a").running is None


def test_a_slow_one_and_a_stuck_one_hold_up_nobody(
    start: Callable[[], Any], declare: Callable[..., dict[str, Job]], caplog: pytest.LogCaptureFixture
) -> None:
    release, done = threading.Event(), list[str]()

    def wait() -> None:
        release.wait(20)

    declare(
        job("web.slow", wait, limit=300),
        job("web.stuck", wait, limit=0.1),
        job("web.slow_too", lambda: done.append("slow"), limit=300),
        job("web.quick", lambda: done.append("quick")),
    )
    JobState.objects.bulk_create(
        JobState(name=f"web.{name}", due=job_states.now() - timedelta(hours=1), not_before=job_states.now())
        for name in ("slow", "stuck")
    )
    start()
    wait_until(lambda: done == ["quick"], "the quick one", 20)
    assert (condition("web.slow"), condition("web.stuck")) == (Condition.RUNNING, Condition.STUCK)
    assert "The job web.stuck has run for more than" in caplog.text
    release.set()
    wait_until(lambda: done == ["quick", "slow"] and ended("web.stuck") and ended("web.slow"), "the others")


def test_a_failing_one_stops_nobody(
    start: Callable[[], Any], declare: Callable[..., dict[str, Job]], caplog: pytest.LogCaptureFixture
) -> None:
    times: list[int] = []

    def fail() -> None:
        times.append(1)
        if len(times) < 3:
            raise SystemExit("away")

    declare(job("web.bad", fail), job("web.good", seconds=0.01))
    with caplog.at_level(logging.ERROR):
        start()
        wait_until(lambda: ended("web.bad") and ended("web.good"), "both")
    assert len(times) == 3
    assert state("web.bad").error == "SystemExit: away"


def test_while_the_database_is_away_the_outcome_waits(
    start: Callable[[], Any], declare: Callable[..., dict[str, Job]], monkeypatch: pytest.MonkeyPatch
) -> None:
    note, refused = job_states.succeeded, list[int]()

    def away(*args: Any) -> bool:
        if len(refused) < 2:
            refused.append(1)
            raise OperationalError("away")
        return note(*args)

    monkeypatch.setattr(job_states, "succeeded", away)
    done: list[str] = []
    declare(job("web.a", lambda: done.append("a")))
    start()
    wait_until(lambda: ended("web.a"), "its end is noted", 20)
    assert (len(refused), done) == (2, ["a"])


def test_a_look_is_one_statement_while_nothing_is_due(
    transactional_db: None, declare: Callable[..., dict[str, Job]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_due(declare(job("web.a")))
    runner = job_runner.Runner(threading.Event())
    runner.look()
    with CaptureQueriesContext(connection) as captured:
        runner.look()
    assert len(captured) == 1, captured.captured_queries
    runner.heart.stop()
    other = job_runner.Runner(threading.Event())
    leases.take(job_states.LEASE, "another", 60)
    other.look()
    with CaptureQueriesContext(connection) as captured:
        other.look()
    assert len(captured) == 0, "who stands by asks now and then only"


@pytest.mark.parametrize("cut", ["at its beginning", "at its end"])
def test_what_seems_to_run_and_does_not_is_run_again(
    start: Callable[[], Any], declare: Callable[..., dict[str, Job]], monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    """The connection was cut as the beginning was committed; or what came of the run could not be noted."""
    done: list[int] = []
    declare(job("web.a", lambda: done.append(1)))
    begin, succeeded, failed = job_states.begin, job_states.succeeded, list[str]()

    def cut_off(*_args: Any) -> bool:
        if not failed:
            failed.append(cut)
            if cut == "at its beginning":
                JobState.objects.filter(name="web.a").update(running=_args[1], due=None, started=job_states.now())
                transaction.on_commit(_refuse)
                return True
            raise DataError("out of range")
        return begin(*_args) if cut == "at its beginning" else succeeded(*_args)

    def _refuse() -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(job_states, "begin" if cut == "at its beginning" else "succeeded", cut_off)
    start()
    wait_until(lambda: ended("web.a"), "it is run again")
    assert failed == [cut]
    assert state("web.a").error == job_states.DIED
    assert len(done) == (1 if cut == "at its beginning" else 2)
