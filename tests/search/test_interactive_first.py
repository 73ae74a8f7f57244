"""Single changes are not indexed behind bulk entries, and neither keeps the leader from its other work."""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest

from search import engines
from search.indexing import draining, indexer
from search.indexing.batches import AdaptiveBatchSize
from search.indexing.indexer import Indexer
from search.models import OutboxEntry
from search.models.outbox import MANY, enqueue_documents
from tests.search.shelf import Note, note

pytestmark = pytest.mark.django_db
AT_ONCE = 20


@pytest.fixture(autouse=True)
def _small_batches(a_shelf: None, indexed: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "_batch_size", AdaptiveBatchSize(AT_ONCE, AT_ONCE, AT_ONCE))


@pytest.fixture
def written() -> Iterator[list[list[str]]]:
    """The keys of each batch that is written."""
    engine, batches = engines.get(), list[list[str]]()
    write = engine.write

    def noted(documents: Any, *rest: Any, **named: Any) -> Any:
        batches.append([document.key for document in documents])
        return write(documents, *rest, **named)

    with patch.object(engine, "write", side_effect=noted):
        yield batches


def many(count: int) -> None:
    """Enqueue many notes, as an import does."""
    rows = Note.objects.bulk_create([Note(title=f"rij {n}", body="") for n in range(count)])
    enqueue_documents(*(f"note:{row.pk}" for row in rows))


def test_many_at_a_time_and_what_is_said_to_be_are_bulk() -> None:
    enqueue_documents(*(f"unheard:{n}" for n in range(MANY)))
    assert not OutboxEntry.objects.filter(bulk=True).exists()
    enqueue_documents(*(f"unheard:{n}" for n in range(MANY + 1)))
    enqueue_documents("unheard:x", bulk=True)
    assert OutboxEntry.objects.filter(bulk=True).count() == MANY + 2


def test_an_edit_goes_first_and_the_two_take_turns(
    written: list[list[str]], monkeypatch: pytest.MonkeyPatch, indexed: Callable[[], int]
) -> None:
    many(MANY + 10)
    first = note("zojuist")
    settle, edits = draining._settle, list[Note]()

    def edited(*args: Any) -> None:  # somebody saves a note while each of the first batches is written
        settle(*args)
        if len(edits) < 2:
            edits.append(note("nog iets"))

    monkeypatch.setattr(draining, "_settle", edited)
    assert indexed() == MANY + 13
    single = [[f"note:{row.pk}"] for row in (first, *edits)]
    assert [len(batch) for batch in written] == [1, AT_ONCE, 2, AT_ONCE, AT_ONCE]
    assert [written[0], written[2]] == [single[0], single[1] + single[2]]


def test_a_round_ends_while_much_waits_and_the_rest_gets_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer, "ROUND", 0.0)
    many(3 * AT_ONCE)
    loop = Indexer()
    with patch.object(indexer, "make_pending_vectors", return_value=False) as vectors:
        left = []
        while OutboxEntry.objects.exists():
            assert loop.round() == 0.0
            left.append(OutboxEntry.objects.count())
    loop.lock.release()
    assert left == [2 * AT_ONCE, AT_ONCE, 0]
    assert vectors.call_count == len(left)


def test_batches_are_as_large_as_time_allows() -> None:
    pace = AdaptiveBatchSize(100, 20, 500, seconds=0.4)
    pace.record(4.0)
    assert pace.size == 20
    pace.record(0.1)
    assert pace.size == 80
    pace.record(0.0)
    assert pace.size == 500
