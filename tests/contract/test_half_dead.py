"""A half-dead Elasticsearch: the deadline holds whatever it does, and the engine recovers by itself."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from unittest.mock import patch

import pytest

from search import time_budget
from search.engines import EngineError, EngineUnavailable, SearchRequest
from search.engines.elastic import SEARCH_TIMEOUT, ElasticEngine, connection
from search.query_tree import MatchAll
from search.time_budget import SECONDS
from tests.halfdead import HalfDead
from tests.server import wait_until
from web import breaker

REQUEST = SearchRequest(tree=MatchAll(), audience=frozenset({"public"}))
SLACK = 5.0  # seconds, for a busy machine; without a deadline it would be 30 (WRITE_TIMEOUT)


@pytest.fixture
def between() -> Iterator[HalfDead]:
    """A server that stands in for Elasticsearch and finds nothing."""
    with HalfDead() as server:
        yield server


@pytest.fixture
def engine(between: HalfDead) -> Iterator[ElasticEngine]:
    """Return an engine on that server."""
    made = ElasticEngine(between.url, "half-dead")
    assert made.search(REQUEST).total == 0
    yield made
    made.close()


@pytest.mark.parametrize("mode", ["silent", "drip", "cut", "500", "429", "401", "nonsense"])
def test_it_ends_in_time_is_left_alone_and_comes_back(engine: ElasticEngine, between: HalfDead, mode: str) -> None:
    between.mode = mode
    for _ in range(breaker.FAILURES):
        started = time.monotonic()
        with pytest.raises(EngineUnavailable):
            engine.search(REQUEST)
        assert time.monotonic() - started < SEARCH_TIMEOUT + SLACK
    assert engine.health()["state"] == "open"
    asked = between.asked
    for _ in range(5):
        with pytest.raises(EngineUnavailable, match="a moment ago"):
            engine.search(REQUEST)
    assert between.asked == asked, "it was left alone"
    between.mode = "pass"

    def answers() -> bool:
        try:
            return engine.search(REQUEST).total == 0
        except EngineUnavailable:
            return False

    wait_until(answers, "the engine to ask again", 10)
    assert engine.health() == {"state": "closed"}


def test_a_refused_question_says_nothing_about_health(engine: ElasticEngine, between: HalfDead) -> None:
    between.mode = "400"
    for _ in range(breaker.FAILURES + 2):
        with pytest.raises(EngineError) as caught:
            engine.search(REQUEST)
        assert not isinstance(caught.value, EngineUnavailable)
    assert engine.health() == {"state": "closed"}


def test_all_questions_of_a_page_share_its_time(engine: ElasticEngine, between: HalfDead) -> None:
    between.mode = "silent"
    given: list[float] = []

    def within(seconds: float) -> AbstractContextManager[None]:
        given.append(seconds)
        return real(seconds)

    real = connection.request_deadline
    with patch.object(connection, "request_deadline", within), time_budget.shared_budget(SECONDS):
        for _ in range(4):
            with pytest.raises(EngineUnavailable):
                engine.search(REQUEST)
    assert sum(given) <= SECONDS
    assert len(given) < 4, "nothing is asked once the time is up"


def test_nobody_there_at_first(between: HalfDead) -> None:
    between.mode = "drip"
    engine = ElasticEngine(between.url, "half-dead")
    started = time.monotonic()
    with pytest.raises(EngineUnavailable):
        engine.search(REQUEST)
    assert time.monotonic() - started < SEARCH_TIMEOUT + SLACK
    engine.close()
