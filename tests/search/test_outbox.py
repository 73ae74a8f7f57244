"""The outbox: what fills it, and how it is drained."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from search import engines, sources
from search.engines import EngineError
from search.indexing import batches, check, draining, indexer, rebuilding
from search.models import OutboxEntry, Rebuild
from search.models.outbox import enqueue_documents
from tests.search.shelf import Note, note

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _notes(a_shelf: None) -> None:
    pass


def waiting() -> list[str]:
    """Return the keys in the outbox, oldest first."""
    return list(OutboxEntry.objects.filter(failed=False).order_by("id").values_list("key", flat=True))


def indexed_keys() -> set[str]:
    """Return the keys of notes in the index."""
    return {key for key, _ in engines.get().scan() if key.startswith("note:")}


def test_saves_and_deletes_of_any_kind_are_marked() -> None:
    one, two = note("een"), note("twee")
    OutboxEntry.objects.all().delete()
    one.save()
    two.delete()
    two_key = "note:2" if one.pk == 1 else f"note:{one.pk + 1}"
    Note.objects.filter(pk=one.pk).delete()
    assert waiting() == [f"note:{one.pk}", two_key, f"note:{one.pk}"]


def test_a_change_that_is_rolled_back_leaves_no_mark() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        note("nooit")
        1 / 0  # noqa: B018
    assert waiting() == []


def test_draining_puts_deletes_and_empties(indexed: Callable[[], int]) -> None:
    one, two = note("een"), note("twee")
    assert indexed() == 2
    assert indexed_keys() == {f"note:{one.pk}", f"note:{two.pk}"}
    Note.objects.filter(pk=one.pk).update(out=False)
    enqueue_documents(f"note:{one.pk}", "note:999", "note:x", "unheard:1")
    two.delete()
    indexed()
    assert indexed_keys() == set()
    assert not OutboxEntry.objects.exists()
    assert indexed() == 0


def test_many_marks_of_one_row_are_one_document(
    indexed: Callable[[], int], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    one = note("een")
    for number in range(300):
        one.title = f"een {number}"
        one.save()
    with patch.object(engines.get(), "write", wraps=engines.get().write) as write, django_assert_max_num_queries(15):
        assert indexed() == 301
    assert len(write.call_args_list[0].args[0]) == 1
    assert write.call_args_list[0].args[0][0].title == "een 299"


def test_a_row_that_changes_while_it_is_indexed_stays_marked(indexed: Callable[[], int]) -> None:
    one = note("eerst")
    engine = engines.get()
    write = engine.write

    def meanwhile(*args: object) -> dict[str, str]:
        if not Note.objects.filter(title="later").exists():
            one.title = "later"
            one.save()
        return write(*args)

    with patch.object(engine, "write", side_effect=meanwhile):
        assert indexed() == 2
    assert not check.compare()


def test_a_poisonous_row_is_set_aside_and_the_rest_goes_on(indexed: Callable[[], int]) -> None:
    bad, good = note("poison"), note("goed")
    bad.save()
    indexed()
    assert indexed_keys() == {f"note:{good.pk}"}
    (left,) = OutboxEntry.objects.all()
    assert (left.key, left.failed) == (f"note:{bad.pk}", True)
    assert "cannot be described" in left.error
    assert indexed() == 0
    bad.title = "beter"
    bad.save()
    indexed()
    assert indexed_keys() == {f"note:{good.pk}", f"note:{bad.pk}"}
    assert not OutboxEntry.objects.exists()


def test_a_document_that_cannot_be_stored_is_set_aside_and_tried_again_ever_less_often(
    indexed: Callable[[], int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Wherever it fails, if the engine itself does not fail."""
    monkeypatch.setattr(draining, "_retries", {})
    clock = [1000.0]
    monkeypatch.setattr(draining.time, "monotonic", lambda: clock[0])
    for owner, name in (
        (draining.store, "stored_vectors"),
        (engines.get(), "write"),
        (draining, "send_documents_indexed"),
    ):
        rows = [note(f"rij {number}") for number in range(5)]
        bad = f"note:{rows[3].pk}"
        caplog.clear()
        draining._retries.clear()

        original = getattr(owner, name)

        def refusing(documents: Any, *rest: Any, bad: str = bad, act: Any = original, **named: Any) -> Any:
            if any(document.key == bad for document in documents):
                raise ValueError("nobody can store this")
            return act(documents, *rest, **named)

        with monkeypatch.context() as broken:
            broken.setattr(owner, name, refusing)
            indexed()
            tried = []
            for _ in range(240):
                clock[0] += 60
                draining.retry_failed()
                if indexed():
                    tried.append(clock[0])
        assert {f"note:{row.pk}" for row in rows} - {bad} <= indexed_keys(), name
        (left,) = OutboxEntry.objects.all()
        assert (left.key, left.failed, left.error) == (bad, True, "ValueError: nobody can store this"), name
        pauses = [later - sooner for sooner, later in pairwise(tried)]
        assert 5 < len(tried) < 10 and pauses == sorted(pauses), (name, tried)
        assert len([each for each in caplog.records if bad in each.getMessage()]) == 1, name
        clock[0] += 24 * 3600
        draining.retry_failed()
        indexed()
        assert not check.compare() and bad in indexed_keys(), name


def test_halves_of_characters_in_a_row_stop_nothing(indexed: Callable[[], int]) -> None:
    bad = note("titel")
    broken = {"title": "half \ud800", "body": "a\0b\udfff"}
    original = sources.get("note").to_document
    with patch.object(type(sources.get("note")), "to_document", lambda self, row: replace(original(row), **broken)):
        indexed()
        assert indexed_keys() == {bad.search_keys()[0]}
        assert not OutboxEntry.objects.exists()


def test_an_engine_that_is_down_loses_nothing(indexed: Callable[[], int]) -> None:
    one = note("een")
    with (
        patch.object(engines.get(), "commit", side_effect=EngineError("down")),
        pytest.raises(EngineError),
    ):
        indexed()
    assert waiting() == [f"note:{one.pk}"]
    indexed()
    assert indexed_keys() == {f"note:{one.pk}"}


def test_changes_during_a_rebuild_are_in_the_new_index(
    indexed: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "BATCH", 2)
    rows = [note(f"rij {number}") for number in range(5)]
    indexed()

    def meanwhile(count: int) -> None:
        if count == 2:
            rows[0].delete()
            rows[4].title = "anders"
            rows[4].save()
            note("nieuw")

    with patch.object(batches.batches, "__defaults__", (2,)):
        assert indexer.rebuild(progress=meanwhile) >= 5
    assert len(indexed_keys()) == 5
    assert not check.compare()


def test_a_change_during_a_rebuild_is_found_before_it_ends(
    indexed: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        note(f"rij {number}")
    indexed()
    engine, make, made = engines.get(), rebuilding.make_documents, list[Note]()
    found: dict[str, bool] = {}

    def learning(*args: Any) -> Any:
        if not made:
            made.append(note("terwijl hij leert"))
        return make(*args)

    def filling(count: int) -> None:
        if len(made) == 1:
            made.append(note("terwijl hij vult"))
        elif "fill" not in found:
            found["fill"] = f"note:{made[1].pk}" in indexed_keys()

    def begin() -> str:
        found["learn"] = f"note:{made[0].pk}" in indexed_keys()
        return begun()

    begun = engine.begin
    monkeypatch.setattr(rebuilding, "make_documents", learning)
    monkeypatch.setattr(engine, "begin", begin)
    with patch.object(batches.batches, "__defaults__", (2,)):
        indexer.rebuild(progress=filling)
    assert found == {"learn": True, "fill": True}
    assert not check.compare()


def test_a_rebuild_that_fails_leaves_the_live_index(indexed: Callable[[], int]) -> None:
    one = note("een")
    indexed()
    with (
        patch.object(engines.get(), "fill", side_effect=EngineError("full")),
        pytest.raises(CommandError, match="full"),
    ):
        call_command("rebuild_index")
    assert indexed_keys() == {f"note:{one.pk}"}
    call_command("rebuild_index")
    assert Rebuild.objects.order_by("-id")[0].state == Rebuild.State.DONE
    assert indexed_keys() == {f"note:{one.pk}"}


def test_check_finds_every_difference_and_repairs(
    indexed: Callable[[], int], capsys: pytest.CaptureFixture[str]
) -> None:
    missing, stale, surplus = note("mist"), note("oud"), note("te veel")
    indexed()
    engines.get().write([], [f"note:{missing.pk}"])
    engines.get().commit()
    Note.objects.filter(pk=stale.pk).update(body="nieuw")
    Note.objects.filter(pk=surplus.pk).update(out=False)
    with pytest.raises(SystemExit, match="1"):
        call_command("check_index")
    out = capsys.readouterr().out
    for word, row in (("missing", missing), ("stale", stale), ("surplus", surplus)):
        assert f"{word}: 1: note:{row.pk}" in out
    call_command("check_index", repair=True)
    call_command("check_index")
    assert "agree" in capsys.readouterr().out
