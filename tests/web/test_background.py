"""Work beside the requests: threads that start and end with the server."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from django.conf import LazySettings

from web import background


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


def test_the_loops_are_indexer_jobs_tasks_and_the_model_of_meaning() -> None:
    assert sorted(background.loops()) == ["indexer", "jobs", "meaning", "tasks"]
