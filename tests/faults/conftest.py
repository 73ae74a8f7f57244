"""One production set-up for all fault tests, on services of its own: starting takes its time."""

import os
from collections.abc import Iterator

import pytest

from tests.faults import stage as stages
from tests.faults.stage import Stage


@pytest.fixture(scope="session")
def _stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        pytest.skip("needs DATABASE_URL, REDIS_URL and ELASTICSEARCH_URL")
    with stages.stage(tmp_path_factory.mktemp("production")) as made:
        yield made


@pytest.fixture
def stage(_stage: Stage) -> Iterator[Stage]:
    """The set-up with everything running, also when the test before left something dead."""
    _stage.mend()
    yield _stage
