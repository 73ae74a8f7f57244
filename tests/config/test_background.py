"""Work beside the requests: tasks in a thread, threads that start and end with the server."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import OperationalError
from django_tasks_db.models import DBTaskResult

from config import background, worker
from tests.server import wait_until


@pytest.fixture
def start(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], threading.Thread]]:
    """Starts the worker's loop in a thread, which ends with the test."""
    monkeypatch.setattr(worker, "PAUSE", 0.05)
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def start() -> threading.Thread:
        thread = threading.Thread(target=worker.run, args=(stop,), name="tasks")
        thread.start()
        threads.append(thread)
        return thread

    yield start
    stop.set()
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()


def queue_mail(to: str) -> None:
    """Send a mail the way the product does, through the queue of tasks in the database."""
    mail.EmailMessage("Onderwerp", "Tekst", to=[to]).send()


@pytest.fixture(autouse=True)
def _queue(settings: LazySettings) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.EMAIL_BACKEND = "notifications.mail.QueuedMailBackend"
    settings.MAIL_DELIVERY = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []


def outbox() -> list[str]:
    """Who got mail."""
    return [message.to[0] for message in mail.outbox]


def test_the_thread_does_what_is_queued(start: Callable[[], threading.Thread]) -> None:
    queue_mail("een@x.example")
    assert DBTaskResult.objects.ready().count() == 1
    assert outbox() == []
    start()
    wait_until(lambda: outbox() == ["een@x.example"], "the first mail")
    queue_mail("twee@x.example")
    wait_until(lambda: "twee@x.example" in outbox(), "the second mail")
    wait_until(lambda: not DBTaskResult.objects.ready().exists(), "an empty queue")


def test_a_failing_look_is_survived(
    start: Callable[[], threading.Thread],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    looks: list[int] = []
    ready = DBTaskResult.objects.ready

    def failing_twice() -> Any:
        if threading.current_thread().name != "tasks":
            return ready()
        looks.append(1)
        if len(looks) < 3:
            raise OperationalError("database is locked")
        return ready()

    monkeypatch.setattr(DBTaskResult.objects, "ready", failing_twice)
    queue_mail("een@x.example")
    start()
    wait_until(lambda: outbox() == ["een@x.example"], "the mail")
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "the task worker failed; it tries again"
    ] * 2


def test_a_failing_task_does_not_stop_the_next(start: Callable[[], threading.Thread], settings: LazySettings) -> None:
    settings.MAIL_DELIVERY = "no.such.Backend"
    queue_mail("een@x.example")
    start()
    wait_until(lambda: not DBTaskResult.objects.ready().exists(), "the failing task")
    settings.MAIL_DELIVERY = "django.core.mail.backends.locmem.EmailBackend"
    queue_mail("twee@x.example")
    wait_until(lambda: outbox() == ["twee@x.example"], "the second mail")


async def _serve(lifespan: background.Lifespan, between: Callable[[], None]) -> list[str]:
    """What the lifespan answers to a start and a stop."""
    messages: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    sent: list[str] = []

    async def send(message: dict[str, str]) -> None:
        sent.append(message["type"])
        if message["type"] == "lifespan.startup.complete":
            between()
            await messages.put({"type": "lifespan.shutdown"})

    await messages.put({"type": "lifespan.startup"})
    await lifespan({"type": "lifespan"}, messages.get, send)
    return sent


async def test_threads_start_and_end_with_the_server(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BACKGROUND_THREADS = True
    ended: list[str] = []

    def loop(stop: threading.Event) -> None:
        stop.wait(20)
        ended.append(threading.current_thread().name)

    monkeypatch.setattr(background, "loops", lambda: {"one": loop, "two": loop})
    lifespan = background.Lifespan()
    sent = await _serve(lifespan, lambda: None)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert sorted(ended) == ["one", "two"]
    assert not any(thread.is_alive() for thread in lifespan.threads)


async def test_no_threads_where_processes_do_the_work(settings: LazySettings) -> None:
    settings.BACKGROUND_THREADS = False
    lifespan = background.Lifespan()
    assert len(await _serve(lifespan, lambda: None)) == 2
    assert lifespan.threads == []


def test_the_loops_are_indexer_tasks_and_the_model_of_meaning() -> None:
    assert list(background.loops()) == ["indexer", "tasks", "meaning"]
