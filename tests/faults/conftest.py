"""One production set-up for all fault tests, on an Elasticsearch and a Redis of their own: starting takes its time."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.nodes import Elastic, elasticsearch, redis_server
from tests.faults.stage import Stage
from tests.server import production


@pytest.fixture(scope="session")
def elastic() -> Iterator[Elastic]:
    """A node to kill."""
    with elasticsearch() as node:
        yield node


@pytest.fixture(scope="session")
def _stage(elastic: Elastic, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        pytest.skip("needs DATABASE_URL, REDIS_URL and ELASTICSEARCH_URL")
    var: Path = tmp_path_factory.mktemp("production")
    services = {"ELASTICSEARCH_URL": elastic.url}
    with redis_server() as redis, production(var, REDIS_URL=redis.url, **services) as site:
        yield Stage(site, elastic, redis)


@pytest.fixture
def stage(_stage: Stage) -> Iterator[Stage]:
    """The set-up with everything running, also when the test before left something dead."""
    _stage.mend()
    yield _stage
