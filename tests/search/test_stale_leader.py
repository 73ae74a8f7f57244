"""A leader that was stopped and goes on writing when somebody else leads: the index stays as the database is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings

from search import engines
from search.engines import EngineError, Overtaken
from search.engines.elastic import ElasticEngine
from search.indexing import check, draining, indexer, rebuilding
from search.indexing.indexer import Indexer
from search.indexing.leader import LeasedLead, LostLead
from search.indexing.outbox import mark_dirty
from search.models import IndexVocabulary, OutboxEntry, Rebuild
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
    # The whole test is one transaction: it may be idle for longer than the one that holds the lease.
    pin = leases._PIN["postgresql"].replace("'5s'", "'60s'")
    monkeypatch.setitem(leases._PIN, "postgresql", pin)


@pytest.fixture
def leads() -> Iterator[list[LeasedLead]]:
    """Two that may lead; the first does."""
    made = [LeasedLead(), LeasedLead()]
    assert made[0].take()
    assert not made[1].take()
    yield made
    for each in made:
        each.release()


def take_over(lead: LeasedLead, *, begin: bool = False) -> None:
    """The leader said nothing for too long: another one leads, and works off the outbox."""
    Lease.objects.update(until=0)
    assert lead.take()
    if begin:
        indexer.begin_leading(engines.get(), lead)
    indexer.drain(lead=lead)


@contextmanager
def stopped_before(owner: Any, name: str, meanwhile: Callable[[], object]) -> Iterator[None]:
    """Whoever calls it next is stopped there; much happens; then it is called."""
    act, passed = getattr(owner, name), list[bool]()

    def late(*args: Any, **named: Any) -> Any:
        if not passed:
            passed.append(True)
            meanwhile()
        return act(*args, **named)

    with patch.object(owner, name, side_effect=late):
        yield


def agree() -> None:
    """Nothing waits, and the index is as the database is."""
    assert not OutboxEntry.objects.exists()
    assert not check.compare()


@pytest.mark.parametrize("change", ["saved", "deleted", "made findable"])
def test_what_is_written_late_changes_nothing(leads: list[LeasedLead], change: str) -> None:
    first, second = leads
    row = note("oud", out=change != "made findable")

    def meanwhile() -> None:
        row.title, row.out = "nieuw", True
        row.delete() if change == "deleted" else row.save()
        take_over(second)

    with stopped_before(engines.get(), "write", meanwhile), pytest.raises(Overtaken):
        indexer.drain(lead=first)
    assert Note.objects.count() == (change != "deleted")
    assert not check.compare()
    indexer.drain(lead=second)
    agree()


def test_whoever_lost_the_lead_writes_nothing(leads: list[LeasedLead]) -> None:
    first, second = leads
    note("oud")
    with (
        stopped_before(draining, "reread", lambda: take_over(second)),
        patch.object(engines.get(), "write", wraps=engines.get().write) as write,
        pytest.raises(LostLead),
    ):
        indexer.drain(lead=first)
    assert write.call_count == 1, "of the second"
    agree()


def test_what_is_written_too_late_to_be_refused_is_made_anew(leads: list[LeasedLead]) -> None:
    """The index has forgotten that it was deleted."""
    first, second = leads
    row = note("terug van weggeweest")
    engine: Any = engines.get()
    engine.client.indices.put_settings(index=engine.alias, settings={"index.gc_deletes": "0s"})

    def meanwhile() -> None:
        row.delete()
        take_over(second)
        for _ in range(10):  # the clock that it forgets by moves five times a second, and nothing shows what it knows
            time.sleep(0.1)
            engine.commit()

    with stopped_before(engine, "write", meanwhile), pytest.raises(LostLead):
        indexer.drain(lead=first)
    assert check.compare().surplus, "it came back"
    indexer.drain(lead=second)
    agree()


def test_entries_are_not_settled_by_whoever_lost_the_lead(leads: list[LeasedLead]) -> None:
    first, second = leads
    note("oud")

    def meanwhile() -> None:
        Lease.objects.update(until=0)
        assert second.take()

    with stopped_before(draining, "_tell", meanwhile), pytest.raises(LostLead):
        indexer.drain(lead=first)
    assert OutboxEntry.objects.exists()
    indexer.drain(lead=second)
    agree()


def test_a_transaction_that_commits_late_still_wins(leads: list[LeasedLead]) -> None:
    """It has the lower number in the outbox, and the newer row."""
    row = note("eerst")
    OutboxEntry.objects.all().delete()
    OutboxEntry.objects.create(id=10**9, key=f"note:{row.pk}")
    indexer.drain(lead=leads[0])
    Note.objects.filter(pk=row.pk).update(title="later")
    OutboxEntry.objects.create(id=10**8, key=f"note:{row.pk}")
    indexer.drain(lead=leads[0])
    agree()


def test_a_rebuild_of_whoever_lost_the_lead_is_not_switched_to(leads: list[LeasedLead]) -> None:
    first, second = leads
    row = note("oud")
    engine = engines.get()
    request = Rebuild.objects.create()

    def meanwhile() -> None:
        row.title = "nieuw"
        row.save()
        take_over(second, begin=True)

    with stopped_before(engine, "switch", meanwhile), pytest.raises(LostLead):
        rebuilding.carry_out(request, engine, lead=first)
    request.refresh_from_db()
    assert request.state == Rebuild.State.WAITING, "the second does it anew, and the first says nothing about it"
    agree()
    indexer.work(engine, lead=second)
    assert list(IndexVocabulary.objects.values_list("index", "live")) == [(engine.live(), True)]
    agree()


def test_whoever_lost_the_lead_cannot_throw_away_the_live_index(leads: list[LeasedLead]) -> None:
    first, second = leads
    note("een")
    engine = engines.get()
    assert isinstance(engine, ElasticEngine)
    stale = engine.begin()
    take_over(second)
    rebuilding.rebuild(engine, lead=second)
    live = engine.live()
    engine.discard(live)
    engine.fill(stale, [])
    with pytest.raises(EngineError):
        engine.fill(stale, [note("te laat") and draining.reread([f"note:{Note.objects.latest('pk').pk}"])[0][0]])
        engine.filled()
    with pytest.raises(EngineError):
        engine.switch(stale)
    assert list(engine.client.indices.get(index=f"{engine.alias}-v*")) == [live]
    indexer.drain(lead=second)
    agree()


def test_an_index_that_is_newer_than_the_database_is_caught_up_with(leads: list[LeasedLead]) -> None:
    """A database that was restored counts leases from where it was then."""
    row = note("een")
    Lease.objects.update(number=1000)
    leads[0].take()
    leads[0].take()
    indexer.drain(lead=leads[0])
    Lease.objects.all().delete()
    row.title = "twee"
    row.save()
    loop = Indexer()
    loop.round()
    assert OutboxEntry.objects.exists(), "refused once"
    loop.round()
    loop.lead.release()
    agree()


def test_versions_grow_with_each_batch_and_with_each_leader(leads: list[LeasedLead]) -> None:
    first, second = leads
    versions = [first.version(), first.version()]
    mark_dirty("unheard:1")
    take_over(second)
    versions += [second.version(), second.version()]
    assert versions == sorted(set(versions))
    assert versions[-1] < 2**63
