"""The embedded engine fulfils the contract, and its own failures."""

from pathlib import Path

import pytest

from search.engines import Engine, EngineError
from search.engines.embedded import EmbeddedEngine
from search.language.analysis import BY_DICTIONARY
from tests.contract.curation_contract import CurationContract
from tests.contract.engine_contract import BIKE, DOCUMENTS, EngineContract


class TestEmbedded(CurationContract, EngineContract):
    """Tantivy in a folder."""

    engine_name = "embedded"

    def indexes(self, engine: Engine) -> int:
        assert isinstance(engine, EmbeddedEngine)
        return sum(1 for path in engine.folder.iterdir() if path.is_dir())


def test_a_second_writer_is_refused_and_readers_follow(tmp_path: Path) -> None:
    writer, reader = (
        EmbeddedEngine(tmp_path / "index", BY_DICTIONARY),
        EmbeddedEngine(tmp_path / "index", BY_DICTIONARY),
    )
    writer.prepare()
    writer.write([BIKE], [])
    with pytest.raises(EngineError, match="Lock"):
        reader.write([BIKE], [])
    writer.commit()
    assert dict(reader.scan()) == {BIKE.key: BIKE.fingerprint()}
    building = writer.begin()
    writer.fill(building, DOCUMENTS)
    writer.switch(building)
    assert len(dict(reader.scan())) == len(DOCUMENTS)


def test_an_index_of_another_version_is_not_read(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "index", BY_DICTIONARY)
    engine.prepare()
    (tmp_path / "index" / "current").write_text("v0.0-1")
    assert engine.state() == "old"
    with pytest.raises(EngineError):
        list(engine.scan())
    engine.prepare()
    assert engine.state() == "ready"
