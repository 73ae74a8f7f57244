"""One indexer leads at a time, and its loop survives failures."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from unittest.mock import DEFAULT, patch

import pytest
from django.core.management import call_command
from django.db import connection

from search import engines
from search.engines import EngineError
from search.indexing import indexer
from search.indexing.leader import ChangeListener, leading
from search.indexing.leader import leader_lock as make_lead
from search.models import OutboxEntry, Rebuild
from search.models.outbox import enqueue_documents

pytestmark = pytest.mark.django_db(transaction=True)


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until `condition` holds, or fail."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        threading.Event().wait(0.02)


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Thread]:
    """Run the indexer as a thread, on an index of its own."""
    monkeypatch.setattr(indexer, "STANDBY", 0.1)
    monkeypatch.setattr(indexer, "FIRST", 0.1)
    engines.get().drop()
    stop = threading.Event()
    thread = threading.Thread(target=indexer.run, args=(stop,))
    thread.start()
    yield thread
    stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()
    engines.get().drop()


def test_one_leads_and_the_next_takes_over() -> None:
    led: list[bool] = []

    def another() -> None:
        with leading() as held:
            led.append(held is not None)
        connection.close()

    first = make_lead()
    assert first.acquire()
    assert first.acquire()
    for release in (lambda: None, first.release):
        release()
        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
    assert led == [False, True]


def test_the_loop_makes_the_index_and_works_off_what_is_marked_at_once(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(indexer, "INTERVAL", 600.0)  # without being woken by a commit it would be too late
    request.getfixturevalue("loop")
    until(lambda: engines.get().state() == "ready")
    for _ in range(3):
        enqueue_documents("unheard:1")
        until(lambda: not OutboxEntry.objects.exists())


@pytest.mark.services
def test_the_leader_is_told_of_what_others_commit() -> None:
    def another() -> None:
        enqueue_documents("unheard:1")
        connection.close()

    listener = ChangeListener()
    listener.listen()
    for _ in range(2):
        other = threading.Thread(target=another)
        assert not listener.wait(0.01)
        other.start()
        assert listener.wait(60)
        other.join()
        assert not listener.wait(0.01)
        connection.close()  # the connection is lost; the pool gives another one
        listener.listen()
    listener.close()
    enqueue_documents("unheard:1")
    assert not listener.wait(0.01)


def test_changes_do_not_wait_for_the_model_of_meaning(loop: threading.Thread) -> None:
    with (
        patch.object(indexer.embeddings, "ready", return_value=False),
        patch.object(indexer, "make_pending_vectors") as embed,
    ):
        until(lambda: engines.get().state() == "ready")
        enqueue_documents("unheard:1")
        until(lambda: not OutboxEntry.objects.exists())
        assert not embed.called


def test_the_loop_survives_an_engine_failure(loop: threading.Thread) -> None:
    until(lambda: engines.get().state() == "ready")
    with patch.object(engines.get(), "write", side_effect=EngineError("down")) as write:
        enqueue_documents("unheard:1")
        until(lambda: write.called)
    assert OutboxEntry.objects.exists()
    until(lambda: not OutboxEntry.objects.exists())


def test_a_rebuild_is_carried_out_by_the_leader(loop: threading.Thread) -> None:
    until(lambda: engines.get().state() == "ready")
    call_command("rebuild_index")
    assert Rebuild.objects.latest("id").state == Rebuild.State.DONE


def test_a_rebuild_that_a_killed_leader_left_is_done_again(loop: threading.Thread) -> None:
    until(lambda: engines.get().state() == "ready" and not Rebuild.objects.exclude(state="done").exists())
    left = Rebuild.objects.create(state=Rebuild.State.RUNNING)
    once = chain([EngineError("down")], repeat(DEFAULT))  # the rebuild itself must not fail
    with patch.object(engines.get(), "write", wraps=engines.get().write, side_effect=once):
        enqueue_documents("unheard:1")
        until(lambda: Rebuild.objects.get(pk=left.pk).state == Rebuild.State.DONE)


def test_the_command_ends_when_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def told(stop: threading.Event) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(5)

    monkeypatch.setattr(indexer, "run", told)
    try:
        call_command("run_indexer")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
