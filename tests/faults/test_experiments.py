"""Every promise holds under every fault: clients at work, one fault, and nothing acknowledged is lost or doubled.

Without FULL a short selection with one seed; with FULL=1 all of it, for longer, with five (FAULTS_SEEDS). The table
that it makes is at FAULTS_TABLE, or beside pytest's temporary files: docs/reliability.md shows one.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cast import Cast
from tests.faults.experiments import ALL, BRIEF, BY_NAME
from tests.faults.stage import Stage
from tests.faults.table import Table
from tests.faults.trial import run

pytestmark = [pytest.mark.faults, pytest.mark.services]
FULL = os.environ.get("FULL", "0") not in ("", "0")
SEEDS = range(1, 1 + int(os.environ.get("FAULTS_SEEDS") or (5 if FULL else 1)))
CASES = [(each.name, seed) for seed in SEEDS for each in (ALL if FULL else BRIEF)]


class Casts:
    """The clients of now. They go on from experiment to experiment; after a failure others come in their place, so that
    each thing is said to be wrong once."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage, self.folder = stage, folder
        self.number = 0
        self._cast: Cast | None = None

    def cast(self, seed: int) -> Cast:
        """Those at work with this seed."""
        if self._cast is None:
            self.number += 1
            self._cast = Cast(self.stage, self.folder, f"{seed}-{self.number}")
        return self._cast

    def leave(self) -> None:
        """They go."""
        cast, self._cast = self._cast, None
        if cast is not None:
            cast.close()
            self.stage.postbox.taken.clear()


@pytest.fixture(scope="module")
def casts(_stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Casts]:
    made = Casts(_stage, tmp_path_factory.mktemp("histories"))
    yield made
    made.leave()


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    return Table(Path(os.environ.get("FAULTS_TABLE") or tmp_path_factory.mktemp("table") / "table.md"))


@pytest.mark.parametrize(("name", "seed"), CASES, ids=[f"{name}-{seed}".replace(" ", "-") for name, seed in CASES])
def test_every_promise_is_kept(stage: Stage, casts: Casts, table: Table, name: str, seed: int) -> None:
    cast = casts.cast(seed)
    well = False
    try:
        result = run(stage, cast, BY_NAME[name], seed, FULL)
        table.add(result)
        well = not result.wrong
    finally:
        if not well:
            casts.leave()
    assert well, "\n".join(f"{wrong.kind}: {wrong.text}" for wrong in result.wrong) + f"\nsee {cast.path}"
