"""A stopped leader that continues to write when another one leads: the index stays equal to the database."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings

from search import engines
from search.engines import EngineError, VersionConflict
from search.engines.elastic import ElasticEngine
from search.indexing import check, draining, indexer, rebuilding
from search.indexing.indexer import Indexer
from search.indexing.leader import LeaseLeaderLock, LostLeadership
from search.models import IndexVocabulary, OutboxEntry, Rebuild
from search.models.outbox import enqueue_documents
from tests.search.shelf import Note, note
from web import leases
from web.models import Lease

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.services,
    pytest.mark.skipif(not settings.ELASTICSEARCH_URL, reason="ELASTICSEARCH_URL is not set"),
]


@pytest.fixture(autouse=True)
def _notes(a_shelf: None, indexed: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    # The whole test is one transaction, which may be idle for longer than that of the lease.
    pin = leases._PIN["postgresql"].replace("'5s'", "'60s'")
    monkeypatch.setitem(leases._PIN, "postgresql", pin)


@pytest.fixture
def locks() -> Iterator[list[LeaseLeaderLock]]:
    """Two locks; the first one is acquired."""
    made = [LeaseLeaderLock(), LeaseLeaderLock()]
    assert made[0].acquire()
    assert not made[1].acquire()
    yield made
    for each in made:
        each.release()


def take_over(lock: LeaseLeaderLock, *, begin: bool = False) -> None:
    """Let the lease run out, so that another one leads and drains the outbox."""
    Lease.objects.update(until=0)
    assert lock.acquire()
    if begin:
        indexer.take_over(engines.get(), lock)
    indexer.drain(lock=lock)


@contextmanager
def stopped_before(owner: Any, name: str, meanwhile: Callable[[], object]) -> Iterator[None]:
    """Call `meanwhile` before the next call of a function, as if the caller had been stopped there."""
    act, passed = getattr(owner, name), list[bool]()

    def late(*args: Any, **named: Any) -> Any:
        if not passed:
            passed.append(True)
            meanwhile()
        return act(*args, **named)

    with patch.object(owner, name, side_effect=late):
        yield


def agree() -> None:
    """Assert that the outbox is empty and the index equals the database."""
    assert not OutboxEntry.objects.exists()
    assert not check.compare()


@pytest.mark.parametrize("change", ["saved", "deleted", "made findable"])
def test_what_is_written_late_changes_nothing(locks: list[LeaseLeaderLock], change: str) -> None:
    first, second = locks
    row = note("oud", out=change != "made findable")

    def meanwhile() -> None:
        row.title, row.out = "nieuw", True
        row.delete() if change == "deleted" else row.save()
        take_over(second)

    with stopped_before(engines.get(), "write", meanwhile), pytest.raises(VersionConflict):
        indexer.drain(lock=first)
    assert Note.objects.count() == (change != "deleted")
    assert not check.compare()
    indexer.drain(lock=second)
    agree()


def test_whoever_lost_the_lead_writes_nothing(locks: list[LeaseLeaderLock]) -> None:
    first, second = locks
    note("oud")
    with (
        stopped_before(draining, "read_documents", lambda: take_over(second)),
        patch.object(engines.get(), "write", wraps=engines.get().write) as write,
        pytest.raises(LostLeadership),
    ):
        indexer.drain(lock=first)
    assert write.call_count == 1, "of the second"
    agree()


def test_what_is_written_too_late_to_be_refused_is_made_anew(locks: list[LeaseLeaderLock]) -> None:
    """The index has forgotten the version of the deleted document."""
    first, second = locks
    row = note("terug van weggeweest")
    engine: Any = engines.get()
    engine.client.indices.put_settings(index=engine.alias, settings={"index.gc_deletes": "0s"})

    def meanwhile() -> None:
        row.delete()
        take_over(second)
        for _ in range(10):  # Elasticsearch checks for expired deletes five times a second, and nothing shows when
            time.sleep(0.1)
            engine.commit()

    with stopped_before(engine, "write", meanwhile), pytest.raises(LostLeadership):
        indexer.drain(lock=first)
    assert check.compare().surplus, "it came back"
    indexer.drain(lock=second)
    agree()


def test_entries_are_not_settled_by_whoever_lost_the_lead(locks: list[LeaseLeaderLock]) -> None:
    first, second = locks
    note("oud")

    def meanwhile() -> None:
        Lease.objects.update(until=0)
        assert second.acquire()

    with stopped_before(draining, "_announce", meanwhile), pytest.raises(LostLeadership):
        indexer.drain(lock=first)
    assert OutboxEntry.objects.exists()
    indexer.drain(lock=second)
    agree()


def test_a_transaction_that_commits_late_still_wins(locks: list[LeaseLeaderLock]) -> None:
    """It has the lower entry id, and the newer row."""
    row = note("eerst")
    OutboxEntry.objects.all().delete()
    OutboxEntry.objects.create(id=10**9, key=f"note:{row.pk}")
    indexer.drain(lock=locks[0])
    Note.objects.filter(pk=row.pk).update(title="later")
    OutboxEntry.objects.create(id=10**8, key=f"note:{row.pk}")
    indexer.drain(lock=locks[0])
    agree()


def test_a_rebuild_of_whoever_lost_the_lead_is_not_switched_to(locks: list[LeaseLeaderLock]) -> None:
    first, second = locks
    row = note("oud")
    engine = engines.get()
    request = Rebuild.objects.create()

    def meanwhile() -> None:
        row.title = "nieuw"
        row.save()
        take_over(second, begin=True)

    with stopped_before(engine, "switch", meanwhile), pytest.raises(LostLeadership):
        rebuilding.perform_rebuild(request, engine, lock=first)
    request.refresh_from_db()
    assert request.state == Rebuild.State.WAITING, "the second does it anew, and the first says nothing about it"
    agree()
    indexer.run_round(engine, lock=second)
    assert list(IndexVocabulary.objects.values_list("index", "live")) == [(engine.live(), True)]
    agree()


def test_whoever_lost_the_lead_cannot_throw_away_the_live_index(locks: list[LeaseLeaderLock]) -> None:
    first, second = locks
    note("een")
    engine = engines.get()
    assert isinstance(engine, ElasticEngine)
    stale = engine.begin()
    take_over(second)
    rebuilding.rebuild(engine, lock=second)
    live = engine.live()
    engine.discard(live)
    engine.fill(stale, [])
    with pytest.raises(EngineError):
        engine.fill(
            stale, [note("te laat") and draining.read_documents([f"note:{Note.objects.latest('pk').pk}"])[0][0]]
        )
        engine.finish_fill()
    with pytest.raises(EngineError):
        engine.switch(stale)
    assert list(engine.client.indices.get(index=f"{engine.alias}-v*")) == [live]
    indexer.drain(lock=second)
    agree()


def test_an_index_that_is_newer_than_the_database_is_caught_up_with(locks: list[LeaseLeaderLock]) -> None:
    """In a restored database the lease's number is lower than in the index."""
    row = note("een")
    Lease.objects.update(number=1000)
    locks[0].acquire()
    locks[0].acquire()
    indexer.drain(lock=locks[0])
    Lease.objects.all().delete()
    row.title = "twee"
    row.save()
    loop = Indexer()
    loop.round()
    assert OutboxEntry.objects.exists(), "refused once"
    loop.round()
    loop.lock.release()
    agree()


def test_versions_grow_with_each_batch_and_with_each_leader(locks: list[LeaseLeaderLock]) -> None:
    first, second = locks
    versions = [first.version(), first.version()]
    enqueue_documents("unheard:1")
    take_over(second)
    versions += [second.version(), second.version()]
    assert versions == sorted(set(versions))
    assert versions[-1] < 2**63
