"""From the commit of a row until a search finds it, also while much waits: for benchmarks/search.py."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
Figures = dict[str, Any]


@contextmanager
def indexer(engine: Any) -> Iterator[None]:
    """Elasticsearch: a process of its own, as in production. Embedded: a thread beside the server, woken by commits."""
    if engine.name == "elastic":
        process = subprocess.Popen([sys.executable, "manage.py", "run_indexer"], cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
    else:
        from search.indexing import indexer as loop

        stop = threading.Event()
        thread = threading.Thread(target=_run_closing, args=(loop.run, stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(timeout=30)


def _run_closing(run: Callable[[threading.Event], None], stop: threading.Event) -> None:
    from django.db import connection

    try:
        run(stop)
    finally:
        connection.close()


def freshness(engine: Any, many: int, a_minute: int = 500) -> Figures:
    """Seconds from the commit of a row until a search finds it, when nothing else changes and when much does."""
    found: Figures = {}
    with indexer(engine):
        _seconds_until_found(engine, "warm", 0)
        for name, rate in (("quiet", 0), (f"{a_minute} rows a minute", a_minute)):
            with _changing(rate):
                took = sorted(_seconds_until_found(engine, name[:5], number) for number in range(many))
            found[name] = _middle_and_most(took)
        with _rebuilding() as rebuilds:
            took = sorted(_seconds_until_found(engine, "anew", number) for number in range(many))
        found["while it is rebuilt"] = _middle_and_most(took) | {"rebuilds": len(rebuilds)}
    return found


def backlog(engine: Any, many: int) -> Figures:
    """Seconds until so many keys that were marked in bulk are worked off, and until a search finds what somebody does
    meanwhile. The keys are those of all documents, again and again: each is made anew each time."""
    from search import sources
    from search.models import OutboxEntry
    from search.models.outbox import enqueue_documents

    keys = [source.key(pk) for source in sources.all() for pk in source.queryset().values_list("pk", flat=True)]
    with indexer(engine):
        _seconds_until_found(engine, "warm", 0)
        for start in range(0, many, len(keys)):
            enqueue_documents(*keys[: many - start], bulk=True)
        begun, took = time.perf_counter(), list[float]()
        while OutboxEntry.objects.filter(bulk=True).exists():
            took.append(_seconds_until_found(engine, "bulk", len(took)))
        seconds = time.perf_counter() - begun
    found: Figures = {"keys": many, "seconds": seconds, "edits": len(took), "most": max(took)}
    return found | _middle_and_most(sorted(took))


def _middle_and_most(took: list[float]) -> dict[str, float]:
    return {"p50": round(took[len(took) // 2], 3), "p95": round(took[int(0.95 * len(took))], 3)}


@contextmanager
def _rebuilding() -> Iterator[list[Any]]:
    """The index is being rebuilt all the time, one rebuild after the other; those that began."""
    from django.db import connection

    from search.models import Rebuild

    stop, begun, first = threading.Event(), list[Any](), threading.Event()

    def ask() -> None:
        while not stop.is_set():
            if not Rebuild.objects.filter(state__in=["waiting", "running"]).exists():
                begun.append(Rebuild.objects.create().pk)
            if Rebuild.objects.filter(pk__in=begun).exclude(state="waiting").exists():
                first.set()
            stop.wait(0.2)
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    first.wait(30)
    try:
        yield begun
    finally:
        stop.set()
        thread.join()
        Rebuild.objects.filter(state="waiting").delete()
        while Rebuild.objects.filter(state="running").exists():  # an indexer ends no sooner
            time.sleep(0.2)


def _seconds_until_found(engine: Any, name: str, number: int) -> float:
    from kb.models import Faq
    from search import retrieval
    from search.engines import EngineError

    word = f"vers{name.strip()}{number}x{random.randrange(10**6)}".replace(" ", "")
    row = Faq.objects.select_related("topic").order_by("?").first()
    assert row is not None
    row.question = f"{row.question[:150]} {word}"
    row.save()
    start, keys = time.perf_counter(), row.audience.key_set
    while time.perf_counter() - start < 60:
        hits: list[Any] = []
        with suppress(EngineError):  # a machine so busy that a search takes too long: not found yet
            hits = engine.search(retrieval.build_request(word, audience=keys, language="nl")).hits
        if f"faq:{row.pk}" in [hit.key for hit in hits]:
            took = time.perf_counter() - start
            time.sleep(random.random() / 2)  # noqa: S311 # the next commit falls at any moment between two rounds
            return took
        time.sleep(0.01)
    raise AssertionError(f"{word} was not found within a minute")


@contextmanager
def _changing(a_minute: int) -> Iterator[None]:
    """Rows are saved at that rate by a thread."""
    stop = threading.Event()

    def change() -> None:
        from django.db import connection

        from kb.models import Faq

        pks, chance = list(Faq.objects.values_list("pk", flat=True)[:5000]), random.Random(2)
        following = time.perf_counter()
        while not stop.wait(max(following - time.perf_counter(), 0)):
            following += 60 / a_minute
            row = Faq.objects.select_related("topic").get(pk=chance.choice(pks))
            row.helpful_count += 1
            row.save()
        connection.close()

    thread = threading.Thread(target=change)
    if a_minute:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if a_minute:
            thread.join()
