"""Elasticsearch fulfils the contract, and errors when it does not answer."""

from dataclasses import replace
from unittest.mock import PropertyMock, patch

import pytest
from django.conf import settings

from search.engines import Engine, EngineError, SearchRequest
from search.engines.elastic import ElasticEngine
from search.query_tree import MatchAll
from tests.contract.curation_contract import CurationContract
from tests.contract.engine_contract import BIKE, EngineContract

needs_elasticsearch = pytest.mark.skipif(not settings.ELASTICSEARCH_URL, reason="ELASTICSEARCH_URL is not set")


@pytest.mark.services
@needs_elasticsearch
class TestElastic(CurationContract, EngineContract):
    """Elasticsearch at ELASTICSEARCH_URL."""

    engine_name = "elastic"

    def indexes(self, engine: Engine) -> int:
        assert isinstance(engine, ElasticEngine)
        return len(engine.client.indices.get(index=f"{engine.alias}-v*"))

    def test_what_is_refused_while_more_is_made_is_named_in_the_end(self, engine: Engine) -> None:
        building = engine.begin()
        errors = engine.fill(building, [replace(BIKE, topic="x" * 40_000)])
        assert list(errors | engine.finish_fill()) == [BIKE.key]
        assert engine.finish_fill() == {}
        engine.discard(building)

    def test_nothing_comes_after_an_index_is_given_up(self, engine: Engine) -> None:
        building = engine.begin()
        engine.fill(building, [replace(BIKE, key=f"faq:{n}") for n in range(300)])
        engine.discard(building)
        assert engine.finish_fill() == {}
        assert self.indexes(engine) == 1


def test_an_engine_that_is_down_says_so_and_is_left_alone_for_a_moment() -> None:
    engine = ElasticEngine("http://127.0.0.1:9", "down")
    request = SearchRequest(tree=MatchAll(), audience=frozenset({"public"}))
    for call in (lambda: engine.search(request), engine.state, lambda: engine.write([BIKE], []), engine.begin):
        with pytest.raises(EngineError):
            call()
    with pytest.raises(EngineError):
        engine.search(request)
    asked = PropertyMock(side_effect=AssertionError("it was asked"))
    with patch.object(ElasticEngine, "client", asked), pytest.raises(EngineError, match="a moment ago"):
        engine.search(request)
