"""What search can return equals what `visible_to` returns: for every source, every person, on both engines."""

import random
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings

from search import engines, query, sources
from search.engines import MAX_RESULTS, Engine, SearchRequest
from search.indexing import check, indexer
from search.models import OutboxEntry
from search.query_tree import MatchAll
from tests import content
from tests.people import People
from web.http import Viewer

ENGINES = [
    "embedded",
    pytest.param(
        "elastic",
        marks=[
            pytest.mark.services,
            pytest.mark.skipif(not settings.ELASTICSEARCH_URL, reason="ELASTICSEARCH_URL is not set"),
        ],
    ),
]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Each engine in turn, on an index of its own, in place of the site's."""
    made = engines.make(request.param, scratch=f"invariant-{random.getrandbits(40):x}")
    made.prepare()
    monkeypatch.setattr(engines, "get", lambda: made)
    yield made
    made.drop()
    made.close()


def found_by_paging(engine: Engine, viewer: Viewer, kind: str) -> set[str]:
    """Every key of a kind that a search for everything returns."""
    found: set[str] = set()
    for offset in range(0, MAX_RESULTS, 100):
        wanted = SearchRequest(
            tree=MatchAll(), audience=viewer.keys, filters={"kind": (kind,)}, offset=offset, size=100
        )
        found |= {hit.key for hit in engine.search(wanted).hits}
    return found


def compare(engine: Engine, people: People) -> None:
    """For every person and source: index, search and rows agree."""
    for name in people.persons():
        viewer = people.viewer(name)
        findable = query.findable_keys(viewer)
        for source in sources.all():
            visible = {source.key(pk) for pk in source.visible_to(viewer).order_by().values_list("pk", flat=True)}
            assert {key for key in findable if key.startswith(f"{source.kind}:")} == visible, (name, source.kind)
            assert found_by_paging(engine, viewer, source.kind) == visible, (name, source.kind)
            counted = engine.search(SearchRequest(tree=MatchAll(), audience=viewer.keys, facets=True, size=0)).facets
            assert counted["kind"].get(source.kind, 0) == len(visible), (name, source.kind)


@pytest.mark.parametrize("changes", [False, True], ids=["made", "changed"])
def test_search_finds_exactly_what_is_visible(engine: Engine, people: People, changes: bool) -> None:
    makers: list[Callable[[People], None]] = content.MAKERS
    for make in makers:
        make(people)
    indexer.drain()
    if changes:
        for change in content.CHANGERS:
            change(people)
        indexer.drain()
    assert not OutboxEntry.objects.exists()
    compare(engine, people)
    assert not check.compare(engine)


def test_every_kind_has_content(engine: Engine, people: People) -> None:
    for make in content.MAKERS:
        make(people)
    indexer.drain()
    kinds = {key.partition(":")[0] for key, _ in engine.scan()}
    assert kinds == {source.kind for source in sources.all()}


def test_a_source_sets_nothing_that_search_does_not_read() -> None:
    """A misspelt name would be ignored: a kind that is found on request only would be in everybody's results."""
    known = set(dir(sources.Source)) | set(sources.Source.__annotations__)
    for source in sources.all():
        own = {name for each in type(source).__mro__ if each.__module__ != "search.sources" for name in vars(each)}
        assert {name for name in own - set(dir(object)) - known if not name.startswith("_")} == set(), source.kind
