"""An engine that fails is tried again with growing pauses. No change is lost, and no document is set aside for it."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import InterfaceError

from search import engines
from search.engines import EngineError
from search.engines.embedded import EmbeddedEngine
from search.indexing import check, indexer
from search.indexing.indexer import Indexer
from search.models import OutboxEntry, Rebuild
from tests.search.shelf import note
from web.backoff import Backoff

pytestmark = pytest.mark.django_db
NUDGE = 0.2  # seconds between commits that wake the indexer


class Clock:
    """A clock that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of the pauses."""
    return Clock()


@pytest.fixture
def loop(a_shelf: None, indexed: Callable[[], int], clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Indexer]:
    """An indexer that leads, with that clock."""
    monkeypatch.setattr(indexer, "Backoff", partial(Backoff, clock=clock))
    made = Indexer()
    made.round()
    yield made
    made.lock.release()


def live_for(loop: Indexer, clock: Clock, seconds: float) -> None:
    """Run rounds for so many seconds, each of them woken by a commit."""
    until = clock.now + seconds
    while clock.now < until:
        loop.round()
        clock.now += NUDGE


def all_is_indexed() -> bool:
    """Assert that the outbox is empty and the index equals the database."""
    return not OutboxEntry.objects.exists() and not check.compare()


def test_it_is_asked_ever_less_often_whatever_wakes_the_loop(
    loop: Indexer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    note("een")
    with (
        caplog.at_level(logging.WARNING),
        patch.object(engines.get(), "write", side_effect=EngineError("down")) as write,
    ):
        live_for(loop, clock, 15)
        soon = write.call_count
        live_for(loop, clock, 600)
        late = write.call_count - soon
    assert 3 <= soon <= 5, "pauses of 1, 2, 4, 8 seconds, or half as long"
    assert 10 <= late <= 24, "once a minute, or twice"
    live_for(loop, clock, indexer.LONGEST)
    assert all_is_indexed()
    said = [record.getMessage() for record in caplog.records if record.name == indexer.__name__]
    assert said == [
        "search: the engine cannot be written to; trying again",
        "search: the engine can be written to again",
    ]
    assert "down" in caplog.text


def test_a_database_that_is_away_is_asked_again_sooner(loop: Indexer, clock: Clock) -> None:
    with (
        patch.object(loop, "_release", loop.lock.release),  # the connection belongs to the test
        patch.object(indexer, "run_round", side_effect=InterfaceError("gone")) as work,
    ):
        live_for(loop, clock, 100)
    assert 10 <= work.call_count <= 30
    note("een")
    live_for(loop, clock, indexer.RECOVERED + NUDGE)
    assert all_is_indexed()


@pytest.mark.services
@pytest.mark.skipif(not settings.ELASTICSEARCH_URL, reason="ELASTICSEARCH_URL is not set")
@pytest.mark.parametrize("block", ["index.blocks.write", "index.blocks.read_only_allow_delete"])
def test_an_index_that_is_read_only_is_no_fault_of_documents(loop: Indexer, clock: Clock, block: str) -> None:
    engine: Any = engines.get()
    engine.client.indices.put_settings(index=engine.alias, settings={block: True})
    for number in range(5):
        note(f"rij {number}")
    with patch.object(engine.client, "bulk", wraps=engine.client.bulk) as bulk:
        live_for(loop, clock, 15)
    assert bulk.call_count <= 6
    assert OutboxEntry.objects.filter(failed=False).count() == OutboxEntry.objects.count() == 5
    engine.client.indices.put_settings(index=engine.alias, settings={block: None})
    live_for(loop, clock, indexer.LONGEST)
    assert all_is_indexed()


class DeadWriter:
    """A writer of tantivy after a failed write."""

    def __getattr__(self, name: str) -> Any:
        def fail(*args: Any) -> None:
            raise ValueError("An index writer was killed.. A worker thread encountered an error")

        return fail


def test_a_writer_that_died_is_no_fault_of_documents(loop: Indexer, clock: Clock) -> None:
    engine = engines.get()
    if not isinstance(engine, EmbeddedEngine):
        pytest.skip("of the embedded engine")
    for number in range(5):
        note(f"rij {number}")
    engine._writers[engine.live()] = DeadWriter()
    loop.round()
    assert OutboxEntry.objects.filter(failed=False).count() == OutboxEntry.objects.count() == 5
    live_for(loop, clock, 2)
    assert all_is_indexed()


@pytest.mark.parametrize("name", ["meta.json", "*.term", "*.store"])
def test_an_index_with_broken_files_is_built_anew(loop: Indexer, clock: Clock, name: str) -> None:
    engine = engines.get()
    if not isinstance(engine, EmbeddedEngine):
        pytest.skip("of the embedded engine")
    note("een")
    loop.round()
    broken = engine.live()
    for path in (engine.folder / broken).glob(name):
        path.write_bytes(path.read_bytes()[:5])
    engine.close()
    note("twee")
    live_for(loop, clock, 10)
    assert engine.live() != broken
    assert Rebuild.objects.latest("id").state == Rebuild.State.DONE
    assert all_is_indexed()


FULL = """
import resource, sys
from dataclasses import replace
from pathlib import Path
import django
django.setup()
from search.engines import EngineError
from search.engines.embedded import EmbeddedEngine
from search.language.analysis import BY_DICTIONARY
from tests.contract.engine_contract import BIKE, DOCUMENTS

engine = EmbeddedEngine(Path(sys.argv[1]) / "index", BY_DICTIONARY)
engine.prepare()
engine.write(DOCUMENTS, [])
engine.commit()
some, kept, failed = [replace(BIKE, key=f"faq:{n}") for n in range(100, 160)], [], 0
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
for room in (0, 1000):  # bytes of a file
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, most))
    for _ in range(2):
        try:
            assert engine.write(some, []) == {}, "documents were refused"
            engine.commit()
        except EngineError as error:
            failed += 1
            kept.append(error)  # as a log may, with everything that its traceback refers to
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert len(dict(engine.scan())) == len(DOCUMENTS), "what was there is found"
    assert engine.write([BIKE], []) == {}
    engine.commit()
assert failed >= 3, failed
assert engine.write(some, []) == {}
engine.commit()
assert len(dict(engine.scan())) == len(DOCUMENTS) + len(some)
"""


def test_a_disk_that_was_full_is_written_to_again(tmp_path: Path) -> None:
    """A limit on file size stands for a full disk (Python ignores SIGXFSZ)."""
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
