"""Retrieval effectiveness on judged data."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from search.evaluation import effectiveness


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three documents, two judged queries and one without a judgement."""
    made = tmp_path / "tiny"
    made.mkdir()
    documents = [
        {"id": "a", "title": "Bakfiets parkeren", "body": "In de garage.", "lang": "nl"},
        {"id": "b", "title": "Parkeerplaats", "body": "Aanvragen.", "lang": "nl"},
        {"id": "c", "title": "Payslip", "body": "In the portal.", "lang": "en"},
    ]
    queries = [
        {"id": "1", "text": "bakfietsen in garages", "lang": "nl"},
        {"id": "2", "text": "payslips", "lang": "en"},
        {"id": "3", "text": "niets", "lang": "nl"},
    ]
    (made / "docs.jsonl").write_text("\n".join(map(json.dumps, documents)))
    (made / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (made / "qrels.tsv").write_text("query_id\tdoc_id\tgrade\n1\ta\t2\n1\tb\t1\n2\tc\t1\n3\ta\t0\n")
    return made


def test_figures_are_those_of_the_definition() -> None:
    run = {"q": [("x", 3.0), ("a", 2.0), ("b", 1.0)]}
    figures = effectiveness.measure(run, {"q": {"a": 2, "b": 1, "c": 0, "d": 1}})
    gained = 3 / 1.584962500721156 + 1 / 2
    ideal = 3 + 1 / 1.584962500721156 + 1 / 2
    assert figures.ndcg == pytest.approx(gained / ideal)
    assert figures.mrr == 0.5
    assert figures.recall == pytest.approx(2 / 3)


def test_a_folder_is_measured_without_a_database(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ELASTICSEARCH_URL", "")
    monkeypatch.setattr(settings, "SEARCH_DIR", tmp_path / "search")
    run = tmp_path / "run.trec"
    call_command("evaluate_search", str(folder), engine="embedded", json=True, run=run)
    out, err = capsys.readouterr()
    figures = json.loads(out)
    assert out.count("\n") == 1
    assert figures["sets"]["tiny"]["queries"] == 2
    assert figures["sets"]["tiny"]["mrr@10"] == 1.0
    assert figures["macro"]["ndcg@10"] > 0.8
    assert "macro mean" in err
    line = run.read_text().splitlines()[0].split()
    assert line[:4] == ["1", "Q0", "a", "1"]
    assert len(line) == 6
    assert not list(tmp_path.glob("evaluate-*"))


@pytest.mark.services
@pytest.mark.skipif(not settings.ELASTICSEARCH_URL, reason="ELASTICSEARCH_URL is not set")
def test_the_plain_baseline_stands_beside(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("evaluate_search", str(folder), engine="elastic", json=True)
    figures = json.loads(capsys.readouterr().out)
    assert "baseline" in figures["sets"]["tiny"]
    assert "baseline" in figures["macro"]


def test_wrong_use_is_said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ELASTICSEARCH_URL", "")
    with pytest.raises(CommandError, match="one DIR only"):
        call_command("evaluate_search", str(folder), str(folder), engine="embedded", run=tmp_path / "run")
    with pytest.raises(CommandError, match="ELASTICSEARCH_URL"):
        call_command("evaluate_search", str(folder), engine="elastic")
    with pytest.raises(CommandError, match="nowhere"):
        call_command("evaluate_search", str(tmp_path / "nowhere"), engine="embedded")
