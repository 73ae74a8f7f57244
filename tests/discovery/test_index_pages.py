"""The page about the index under /cms/: an index that is not as expected, leftovers of an aborted rebuild."""

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent
from discovery import index_actions
from search import checks, engines, vocabulary
from search.engines import EngineError, EngineUnavailable, mapping
from search.engines.embedded import EmbeddedEngine
from search.engines.protocol import VERSION
from search.indexing import indexer, rebuilding
from search.models import IndexVocabulary, OutboxEntry, Rebuild
from tests.people import People
from tests.search.shelf import note

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator(client: Client, people: People) -> Client:
    """Return a client signed in as the curator."""
    client.force_login(people.curator)
    return client


def page(client: Client, query: str = "") -> str:
    """Return the text of the page."""
    response = client.get(reverse("search_index") + query)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


@pytest.mark.parametrize("who", ["curator", "administrator", "agent", "owner", "outsider", "anonymous"])
def test_only_curators_see_and_do(client: Client, people: People, indexed: Callable[[], int], who: str) -> None:
    if who != "anonymous":
        client.force_login(getattr(people, who))
    allowed = who in ("curator", "administrator")
    assert (client.get(reverse("search_index")).status_code == 200) == allowed
    for name in ("search_index_rebuild", "search_index_retry"):
        client.post(reverse(name))
        assert client.get(reverse(name)).status_code != 200
    assert Rebuild.objects.exists() == allowed
    assert (reverse("search_index") in client.get(reverse("wagtailadmin_home")).text) == allowed


def test_it_shows_how_things_are(curator: Client, indexed: Callable[[], int], a_shelf: None) -> None:
    note("een")
    indexed()
    note("twee")
    OutboxEntry.objects.create(key="note:77", failed=True, error="RuntimeError: kapot <b>")
    text = page(curator)
    assert "Stand In orde" in text
    assert "Documenten 1 " in text
    assert "Wijzigingen die wachten 1 (de oudste al" in text
    assert "1 document kon niet worden gemaakt" in text
    assert "RuntimeError: kapot &lt;b&gt;" in text
    assert "Draait er een indexeerder" not in text
    OutboxEntry.objects.update(created=timezone.now() - timezone.timedelta(minutes=5))
    assert "Draait er een indexeerder" in page(curator)


def test_a_rebuild_is_asked_for_after_a_question_and_once(
    curator: Client, people: People, indexed: Callable[[], int]
) -> None:
    assert "Ja, bouw opnieuw op" not in page(curator)
    assert "Ja, bouw opnieuw op" in page(curator, "?confirm=1")
    for _ in range(2):
        curator.post(reverse("search_index_rebuild"))
    request = Rebuild.objects.get()
    assert (request.state, AuditEvent.objects.filter(event="search.rebuild_asked").count()) == ("waiting", 1)
    assert "Ja, bouw opnieuw op" not in page(curator, "?confirm=1")
    Rebuild.objects.update(state="running", documents=50, total=200)
    assert "bezig 25% · 50 documenten" in page(curator)
    Rebuild.objects.update(state="failed", error="EngineError: vol")
    assert "mislukt EngineError: vol" in page(curator)


def test_what_failed_is_tried_again(curator: Client, indexed: Callable[[], int], a_shelf: None) -> None:
    row = note("poison")
    indexed()
    type(row).objects.update(title="beter")
    curator.post(reverse("search_index_retry"))
    assert AuditEvent.objects.get(event="search.failed_retried").details == {"documents": 1}
    indexed()
    assert not OutboxEntry.objects.exists()
    assert f"note:{row.pk}" in dict(engines.get().scan())
    assert "Er is niets mislukt" in page(curator)


def test_an_engine_that_is_away_is_said(curator: Client, indexed: Callable[[], int]) -> None:
    with patch.object(engines.get(), "count", side_effect=EngineUnavailable("no answer")):
        text = page(curator)
    assert "Stand Antwoordt niet" in text
    assert "no answer" in text


def test_as_many_queries_for_much_as_for_little(
    curator: Client, indexed: Callable[[], int], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    page(curator)
    for number in range(30):
        OutboxEntry.objects.create(key=f"note:{number}", failed=True, error="x")
        Rebuild.objects.create(state="done")
    with django_assert_max_num_queries(18):  # with the audiences and the closed drafts of whoever reads under /cms/
        page(curator)


def test_a_rebuild_counts_and_old_ones_are_forgotten(
    indexed: Callable[[], int], a_shelf: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "MAX_FINISHED", 3)
    note("een")
    for _ in range(5):
        request = Rebuild.objects.create()
        indexer.run_round(engines.get())
    request.refresh_from_db()
    assert (request.state, request.documents, request.percent) == ("done", request.total, 100)
    assert request.started is not None
    assert Rebuild.objects.count() == 3


def break_mapping() -> str:
    """Change the live index outside of the product. Return a word of the warning about it."""
    engine = engines.get()
    if isinstance(engine, EmbeddedEngine):
        (name,) = [path for path in engine.folder.iterdir() if path.is_dir()]
        engine.close()
        (name / "meta.json").write_text((name / "meta.json").read_text().replace('"kind"', '"sort"'))
        return "cannot be read"
    client: Any = engine.client
    client.indices.put_mapping(index=engine.alias, properties={"strange": {"type": "long"}})
    return "strange is unknown"


@pytest.fixture
def broken(indexed: Callable[[], int], a_shelf: None) -> Iterator[str]:
    """Create an index with one document and unexpected fields."""
    note("een")
    indexed()
    yield break_mapping()


def test_an_index_that_somebody_changed_is_noticed_said_and_built_anew(
    broken: str, curator: Client, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    engine = engines.get()
    assert engine.state() == "changed"
    assert "Stand Niet zoals verwacht" in page(curator) or "Antwoordt niet" in page(curator)
    with pytest.raises(SystemExit, match="1"):
        call_command("check_index")
    out = capsys.readouterr().out
    assert broken in out
    assert "rebuild_index" in out
    (warning,) = checks.index_fits()
    assert broken in warning.msg
    with caplog.at_level(logging.WARNING):
        indexer.take_over(engine)
    assert "the index is not as expected; building it" in caplog.text
    assert broken in caplog.text
    assert engine.state() == "ready"
    assert engine.differences() == checks.index_fits() == []
    assert engine.count() == 1


def test_an_index_of_another_version_is_said(indexed: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("elastic.schema", "embedded.engine"):
        monkeypatch.setattr(f"search.engines.{module}.VERSION", "9.99")
    (difference,) = engines.get().differences()
    assert difference.startswith(f"it was made by version {VERSION}")
    assert "9.99" in difference


def test_what_an_aborted_rebuild_left_goes_when_an_indexer_starts(indexed: Callable[[], int], a_shelf: None) -> None:
    note("een")
    indexed()
    engine = engines.get()
    left = engine.begin()
    engine.close()
    vocabulary.save(left, vocabulary.learn([]), 0)
    indexer.take_over(engine)
    assert not IndexVocabulary.objects.filter(index=left).exists()
    with pytest.raises(EngineError):
        engine.fill(left, [])
        engine.commit(left)
        raise EngineError("gone, and the embedded engine says so by having no such folder")
    assert engine.count() == 1
    if isinstance(engine, EmbeddedEngine):
        assert len([path for path in engine.folder.iterdir() if path.is_dir()]) == 1


def test_mappings_are_compared_in_words() -> None:
    text = {"type": "text", "analyzer": "whitespace", "index_options": "positions"}
    expected = {"dynamic": "strict", "properties": {"title": text, "kind": {"type": "keyword"}}}
    live: dict[str, Any] = {
        "dynamic": "strict",
        "properties": {"title": {"type": "text", "analyzer": "whitespace"}, "kind": {"type": "keyword"}},
    }
    assert mapping.compare_mappings(expected, live) == []
    live["properties"] |= {"kind": {"type": "text"}, "extra": {"type": "long"}}
    del live["properties"]["title"]
    live["dynamic"] = "true"
    assert mapping.compare_mappings(expected, live) == [
        "the field title is missing",
        "the field extra is unknown here",
        "the field kind has type 'text' instead of 'keyword'",
        "dynamic is true instead of strict",
    ]


@pytest.mark.skipif(not settings.ELASTICSEARCH_URL, reason="ELASTICSEARCH_URL is not set")
@pytest.mark.services
def test_status_asks_within_the_time_of_a_page(indexed: Callable[[], int]) -> None:
    found = index_actions.status()
    assert (found.engine, found.state, found.documents) == ("elastic", "ready", 0)
