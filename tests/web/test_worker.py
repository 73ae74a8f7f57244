"""The worker: tasks in threads, mail apart from the rest, the dead replaced."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import OperationalError, connection
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from notifications.mail import deliver
from tests.server import wait_until
from tests.smtp import SILENCE, MailServer, mail_server
from tests.tasks import queue_in_database
from web import leases, tasks, worker
from web.models import Lease
from web.tasks import FAILED, READY, RUNNING, SUCCESSFUL

done: list[str] = []


@task()
def note(word: str) -> None:
    """Something that is no mail."""
    done.append(word)


@task()
def overlap(word: str) -> None:
    """Something that takes a moment."""
    done.append(f"{word} begins")
    time.sleep(0.15)
    done.append(f"{word} ends")


@pytest.fixture(autouse=True)
def _queue(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    queue_in_database(settings)
    settings.EMAIL_BACKEND = "notifications.mail.QueuedMailBackend"
    settings.MAIL_DELIVERY = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    done.clear()
    monkeypatch.setattr(worker, "PAUSE", 0.05)
    monkeypatch.setattr(worker, "TIDY", 0.1)
    monkeypatch.setattr(worker, "REST", (0.05, 0.1))


@pytest.fixture
def start(transactional_db: None) -> Iterator[Callable[[], None]]:
    """Starts a worker in a thread, which ends with the test."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def start() -> None:
        thread = threading.Thread(target=worker.run, args=(stop, worker.PAUSE), name="tasks")
        thread.start()
        threads.append(thread)

    yield start
    stop.set()
    worker.told.set()
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()


@pytest.fixture
def server(settings: LazySettings) -> Iterator[MailServer]:
    """The mail server of the settings."""
    with mail_server(settings, 3) as server:
        yield server


def queue_mail(to: str) -> None:
    """Send a mail the way the product does, through the queue of tasks in the database."""
    mail.EmailMessage("Onderwerp", "Tekst", to=[to]).send()


def outbox() -> list[str]:
    """Who got mail."""
    return sorted(message.to[0] for message in mail.outbox)


def ended() -> bool:
    """Whether nothing waits or runs."""
    return not DBTaskResult.objects.filter(status__in=(READY, RUNNING)).exists()


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged as an error."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def test_the_thread_does_what_is_queued(start: Callable[[], None]) -> None:
    queue_mail("een@x.example")
    assert DBTaskResult.objects.filter(status=READY).count() == 1
    assert outbox() == []
    start()
    wait_until(lambda: outbox() == ["een@x.example"], "the first mail")
    queue_mail("twee@x.example")
    wait_until(lambda: "twee@x.example" in outbox(), "the second mail")
    wait_until(ended, "an empty queue")


def test_a_worker_in_the_same_process_is_told(start: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PAUSE", 600)
    worker.told.set()
    start()
    wait_until(lambda: Lease.objects.filter(name__startswith="worker:").exists(), "its first look")
    note.enqueue("at once")
    wait_until(lambda: done == ["at once"], "the task", pause=0.02)


def test_on_sqlite_one_task_runs_at_a_time(start: Callable[[], None]) -> None:
    """Wagtail's tasks for one page look for a row and then insert it."""
    if connection.vendor != "sqlite":
        pytest.skip("on PostgreSQL two run beside each other")
    for word in ("one", "two", "three"):
        overlap.enqueue(word)
    start()
    wait_until(lambda: len(done) == 6, "all three")
    assert done == [f"{word} {what}" for word in ("one", "two", "three") for what in ("begins", "ends")]


def test_a_failing_look_is_survived(
    start: Callable[[], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks: list[int] = []
    waiting = tasks.waiting

    def failing_twice(queues: Any) -> Any:
        looks.append(1)
        if len(looks) < 3:
            raise OperationalError("database is locked")
        return waiting(queues)

    monkeypatch.setattr(tasks, "waiting", failing_twice)
    queue_mail("een@x.example")
    start()
    wait_until(lambda: outbox() == ["een@x.example"], "the mail")
    assert errors(caplog) == ["the task worker failed; it tries again"] * 2


def test_an_outcome_that_cannot_be_noted_is_noted_later(
    start: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settles: list[int] = []
    settle = tasks.settle

    def failing_once(row: Any, outcome: Any) -> bool:
        settles.append(1)
        if len(settles) == 1:
            raise OperationalError("the database restarts")
        return settle(row, outcome)

    monkeypatch.setattr(tasks, "settle", failing_once)
    note.enqueue("once")
    start()
    wait_until(ended, "an empty queue")
    assert done == ["once"]
    assert DBTaskResult.objects.get().status == SUCCESSFUL


def test_a_failing_task_does_not_stop_the_next(start: Callable[[], None], settings: LazySettings) -> None:
    settings.MAIL_DELIVERY = "no.such.Backend"
    queue_mail("een@x.example")
    start()
    wait_until(ended, "the failing task")
    settings.MAIL_DELIVERY = "django.core.mail.backends.locmem.EmailBackend"
    queue_mail("twee@x.example")
    wait_until(lambda: outbox() == ["twee@x.example"], "the second mail")


def test_what_a_dead_worker_ran_is_taken_up(start: Callable[[], None]) -> None:
    queue_mail("een@x.example")
    note.enqueue("twee")
    for queue in ("mail", "default"):
        assert tasks.claim(queue, "killed"), "and its lease has ended"
    start()
    wait_until(ended, "both tasks")
    assert (outbox(), done) == (["een@x.example"], ["twee"])
    assert {len(row.worker_ids) for row in DBTaskResult.objects.all()} == {2}


def test_a_worker_holds_a_lease_until_it_ends(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(worker, "TIDY", 60)
    working = worker.Worker(threading.Event())
    working.look()
    with django_assert_num_queries(1):
        working.look()
    assert leases.held([working.heart.name]) == {tasks.lease_of(working.name)}
    working.end()
    assert leases.held([working.heart.name]) == set()


def test_after_an_outage_nobody_is_dead_until_all_could_say_that_they_live(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "TIDY", 0)
    working = worker.Worker(threading.Event())
    working.look()
    note.enqueue("runs elsewhere")
    assert tasks.claim("default", "another, whose lease ended meanwhile")
    working.doubt()
    working.look()
    assert DBTaskResult.objects.get().status == RUNNING
    monkeypatch.setattr(worker, "LEASE", 0)
    working.doubt()
    working.look()
    wait_until(ended, "the task")
    working.end()


def test_a_silent_mail_server_holds_up_mail_alone(start: Callable[[], None], server: MailServer) -> None:
    server.answers["GREETING"] = SILENCE
    for n in range(6):
        queue_mail(f"{n}@x.example")
    start()
    wait_until(lambda: server.visits, "somebody who waits for the server")
    note.enqueue("meanwhile")
    wait_until(lambda: done == ["meanwhile"], "another task")
    assert DBTaskResult.objects.filter(queue_name="mail", status=SUCCESSFUL).count() == 0
    server.answers.clear()
    server.close()  # whoever waits is left


def test_a_server_that_is_away_is_asked_now_and_then_and_no_mail_is_lost(
    start: Callable[[], None], server: MailServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Any] = []
    perform = tasks.perform

    def counting(row: Any) -> Any:
        tries.append(row.pk)
        return perform(row)

    monkeypatch.setattr(tasks, "perform", counting)
    server.close()
    wanted = sorted(f"{n}@x.example" for n in range(30))
    for to in wanted:
        queue_mail(to)
    start()
    wait_until(lambda: len(tries) >= 5, "some tries")
    mails = DBTaskResult.objects.filter(queue_name="mail")
    assert mails.exclude(status__in=(READY, RUNNING)).count() == 0
    assert {len(row.args_kwargs["args"]) for row in mails} == {1}, "no attempt was counted"
    assert len(set(tries)) < 10, "one asks for all"
    server.open()
    wait_until(ended, "an empty queue")
    assert sorted(message["To"] for message in server.mails) == wanted
    said = errors(caplog)
    assert len(said) == 1 and said[0].startswith("tasks mail: waits"), said


def test_a_mail_that_is_refused_ends_and_the_others_go(
    start: Callable[[], None], server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers["RCPT"] = "550 no such person"
    queue_mail("nobody@x.example")
    start()
    wait_until(ended, "the refused mail")
    del server.answers["RCPT"]
    queue_mail("somebody@x.example")
    wait_until(ended, "the other")
    assert [message["To"] for message in server.mails] == ["somebody@x.example"]
    assert DBTaskResult.objects.get(status=FAILED).task_path == deliver.module_path
    assert len(errors(caplog)) == 1


def test_the_worker_dies_after_the_server_took_the_mail_and_the_same_mail_comes_again(
    start: Callable[[], None], server: MailServer
) -> None:
    queue_mail("een@x.example")
    row = tasks.claim("mail", "killed")
    assert row is not None
    tasks.perform(row)  # and never settled
    start()
    wait_until(ended, "the mail")
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
