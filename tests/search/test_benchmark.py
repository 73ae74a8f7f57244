"""benchmarks/search.py runs to its end on few documents. Tests that it works, not how fast."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import corpus
from tests.installed import sqlite, static_files
from tests.server import ROOT


@pytest.mark.skipif(os.environ.get("FULL") != "1", reason="takes half a minute; FULL=1")
def test_it_measures_and_cleans_up(tmp_path: Path) -> None:
    sqlite(tmp_path, "")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = kept | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "STATIC_ROOT": str(static_files()),
        "TMPDIR": str(tmp_path),
    }
    out = tmp_path / "out.json"
    result = subprocess.run(
        [sys.executable, "benchmarks/search.py", "--documents", "60", "--growth", "", "--quick", "--json", str(out)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    figures = json.loads(out.read_text())["embedded 60"]
    assert figures["pages"]["results/empty page"] > 0
    assert figures["suggestions"]["bound"] > 0
    assert figures["rebuild"]["documents"] == 60
    assert figures["freshness, seconds"]["quiet"]["p95"] < 30
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("bench-")] == []


def test_documents_and_queries_are_always_the_same() -> None:
    assert corpus.text(7) == corpus.text(7)
    assert corpus.text(7).language == "nl"
    assert corpus.text(9).language == "en"
    assert corpus.queries(40) == corpus.queries(40)
    assert len({text for _, text in corpus.queries(200)}) > 150
    assert 30 < sum(len(part.split()) for part in corpus.text(7).paragraphs) < 200
