"""Rows of background tasks: taken by one, put back, taken back from the dead."""

import logging
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.db import OperationalError
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from tests.tasks import queue_in_database
from tests.together import at_once
from web import leases, tasks
from web.models import Lease
from web.tasks import FAILED, READY, RUNNING, SUCCESSFUL, TryAgain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _queue(settings: LazySettings) -> None:
    queue_in_database(settings)


@task()
def fails_with(kind: str, *_more: Any) -> None:
    """Fails."""
    match kind:
        case "later":
            raise TryAgain("not now", seconds=60, args=["later", "second try"])
        case "away":
            raise TryAgain("nobody there", rest=True)
        case "database":
            raise OperationalError("the connection is lost")
        case "bug":
            raise ValueError("a bug with \x00 in it")
        case "half":
            raise ValueError("half a character: \ud800")


def queued(kind: str = "") -> DBTaskResult:
    return DBTaskResult.objects.get(pk=fails_with.enqueue(kind).id)


def lives(worker: str) -> None:
    leases.take(tasks.lease_of(worker), "holder", 60)


def dies(worker: str) -> None:
    Lease.objects.filter(name=tasks.lease_of(worker)).update(until=leases.now() - 1)


def run_one(worker: str = "w") -> tuple[DBTaskResult, tasks.TaskOutcome]:
    """Claim, run and settle what is ready; the row as it is then."""
    row = tasks.claim("default", worker)
    assert row is not None
    outcome = tasks.perform(row)
    assert tasks.settle(row, outcome)
    return DBTaskResult.objects.get(pk=row.pk), outcome


def test_a_task_is_taken_run_and_noted(django_assert_num_queries: Any) -> None:
    queued()
    with django_assert_num_queries(1):
        assert tasks.waiting(["default", "mail"]) == {"default"}
    assert tasks.claim("mail", "w") is None
    with django_assert_num_queries(2):
        row = tasks.claim("default", "w")
    assert row is not None
    stored = DBTaskResult.objects.get()
    assert (stored.status, stored.worker_ids, stored.started_at) == (RUNNING, ["w"], row.started_at)
    assert tasks.claim("default", "other") is None
    outcome = tasks.perform(row)
    with django_assert_num_queries(1):
        assert tasks.settle(row, outcome)
    stored.refresh_from_db()
    assert (stored.status, stored.exception_class_path) == (SUCCESSFUL, "")
    assert stored.finished_at is not None
    assert tasks.waiting(["default"]) == set()


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_each_task_has_one() -> None:
    for _ in range(12):
        queued()
    got = list[Any]()

    def work(name: str) -> None:
        while (row := tasks.claim("default", name)) is not None:
            got.append(row.pk)

    at_once(*(partial(work, f"w{n}") for n in range(4)))
    assert len(got) == len(set(got)) == 12


def test_the_clock_of_a_worker_does_not_matter() -> None:
    later = timezone.now() + timedelta(minutes=5)
    fails_with.using(run_after=later).enqueue("")
    with time_machine.travel("2036-01-01 00:00:00Z"):
        assert tasks.waiting(["default"]) == set()
    DBTaskResult.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    with time_machine.travel("2016-01-01 00:00:00Z"):
        assert tasks.waiting(["default"]) == {"default"}


def test_a_task_of_a_dead_worker_is_ready_again_and_one_of_the_living_is_not() -> None:
    for worker in ("living", "dead"):
        queued()
        lives(worker)
        assert tasks.claim("default", worker)
    assert tasks.take_back("me") == 0
    dies("dead")
    assert tasks.take_back("me") == 1
    assert tasks.take_back("me") == 0, "two workers may look"
    assert sorted(DBTaskResult.objects.values_list("status", "worker_ids")) == [
        (READY, ["dead"]),
        (RUNNING, ["living"]),
    ]
    assert tasks.claim("default", "living")


def test_who_looks_is_alive_though_it_could_not_say_so() -> None:
    queued()
    lives("slow")
    tasks.claim("default", "slow")
    dies("slow")
    assert tasks.take_back("slow") == 0
    assert tasks.take_back("me") == 1


def test_a_claim_whose_answer_got_lost_is_given_back() -> None:
    queued()
    row = tasks.claim("default", "me")
    assert row is not None
    lives("me")
    assert tasks.take_back("me") == 0, "the answer may still come"
    DBTaskResult.objects.update(started_at=timezone.now() - tasks.HEARD)
    assert tasks.take_back("me", {row.pk}) == 0, "it runs for long"
    assert tasks.take_back("other") == 0, "only the one who claimed it knows"
    assert tasks.take_back("me") == 1


def test_what_two_read_is_taken_back_once(monkeypatch: pytest.MonkeyPatch) -> None:
    queued()
    tasks.claim("default", "dead")
    held = leases.held

    def meanwhile(names: Any) -> set[str]:
        monkeypatch.setattr(leases, "held", held)
        assert tasks.take_back("me") == 1
        lives("quick")
        assert tasks.claim("default", "quick"), "and it runs again already"
        return held(names)

    monkeypatch.setattr(leases, "held", meanwhile)
    assert tasks.take_back("me") == 0
    assert DBTaskResult.objects.get().worker_ids == ["dead", "quick"]


def test_who_was_taken_for_dead_writes_over_nothing() -> None:
    queued()
    slow = tasks.claim("default", "slow")
    assert slow is not None
    tasks.take_back("me")
    quick = tasks.claim("default", "quick")
    assert quick is not None
    assert not tasks.settle(slow, tasks.perform(slow))
    assert DBTaskResult.objects.get().status == RUNNING
    assert tasks.settle(quick, tasks.perform(quick))


def test_a_task_that_kills_each_worker_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    queued()
    for n in range(tasks.UNFINISHED):
        assert tasks.claim("default", f"w{n}"), n
        assert tasks.take_back("me") == 1
    row = DBTaskResult.objects.get()
    assert (row.status, "its worker ended while it ran" in row.traceback) == (FAILED, True)
    assert tasks.claim("default", "w") is None
    said = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(said) == 1 and "left unfinished 5 times" in said[0].message


def test_trying_again_is_the_same_row_later() -> None:
    first = queued("later")
    row, outcome = run_one()
    assert (row.pk, row.status, row.worker_ids) == (first.pk, READY, [])
    assert row.args_kwargs == {"args": ["later", "second try"], "kwargs": {}}
    assert 50 < (row.run_after - timezone.now()).total_seconds() <= 60
    assert outcome.away == ""
    assert tasks.claim("default", "w") is None, "not yet"


def test_when_everything_waits_the_task_is_as_it_was() -> None:
    before = queued("away")
    for _ in range(tasks.UNFINISHED + 1):
        row, outcome = run_one()
        assert outcome.away == "nobody there"
        same = ("status", "run_after", "args_kwargs", "worker_ids")
        assert [getattr(row, name) for name in same] == [getattr(before, name) for name in same]


def test_what_became_of_a_task_is_noted_whatever_its_error_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.logger, "exception", lambda *_told: None)  # pytest cannot pass on such a text either
    queued("half")
    row, _outcome = run_one()
    assert row.status == FAILED
    assert "half a character" in row.traceback


def test_faults_of_the_database_are_tried_again_and_bugs_are_not(caplog: pytest.LogCaptureFixture) -> None:
    queued("bug")
    row, _outcome = run_one()
    assert (row.status, row.exception_class_path) == (FAILED, "builtins.ValueError")
    queued("database")
    for n in range(tasks.UNFINISHED):
        row, _outcome = run_one()
        assert (row.status == READY) == (n < tasks.UNFINISHED - 1), n
        DBTaskResult.objects.filter(status=READY).update(run_after=timezone.now() - timedelta(hours=1))
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 2


def test_what_ended_days_ago_is_deleted_and_what_waits_is_not() -> None:
    for kind in ("", "bug", ""):
        queued(kind)
        run_one()
    queued()
    old = timezone.now() - tasks.KEEP - timedelta(minutes=1)
    DBTaskResult.objects.filter(pk__in=DBTaskResult.objects.finished()[:2]).update(finished_at=old)
    DBTaskResult.objects.filter(status=READY).update(enqueued_at=old)
    lives("living")
    lives("gone")
    Lease.objects.filter(name=tasks.lease_of("gone")).update(until=0)
    tasks.prune()
    assert sorted(DBTaskResult.objects.values_list("status", flat=True)) == [READY, SUCCESSFUL]
    assert list(Lease.objects.filter(name__startswith="worker:").values_list("name", flat=True)) == ["worker:living"]
