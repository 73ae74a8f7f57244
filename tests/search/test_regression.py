"""Recorded figures of search quality, and the command that compares with them."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from search.evaluation import regression
from tests.search.test_evaluate import folder

__all__ = ["folder"]


def figures(**sets: float) -> dict[str, Any]:
    """Return the output of an evaluation."""
    return {"sets": {name: {"ndcg@10": value, "mrr@10": value, "recall@10": value} for name, value in sets.items()}}


def test_only_what_is_worse_by_more_than_the_tolerance_is_named(tmp_path: Path) -> None:
    path = tmp_path / "quality.json"
    regression.record(path, "elastic", figures(a=0.5, b=0.6))
    regression.record(path, "embedded", figures(a=0.1))
    assert regression.check(path, "elastic", figures(a=0.495, b=0.9)) == []
    assert regression.check(path, "elastic", figures(a=0.48, b=0.6)) == [
        "a: ndcg@10 is 0.480, recorded 0.500",
        "a: recall@10 is 0.480, recorded 0.500",
    ]
    assert regression.check(path, "embedded", figures(a=0.2, c=0.2)) == ["c: not recorded"]


@pytest.mark.parametrize("content", ["", "[]", '{"elastic": {}}'])
def test_nothing_to_compare_with_is_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "quality.json"
    path.write_text(content)
    with pytest.raises(ValueError):
        regression.check(path, "elastic", figures(a=1))


def test_the_command_records_and_checks(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SEARCH_DIR", tmp_path / "search")
    path = tmp_path / "quality.json"

    def evaluate(**options: Any) -> None:
        call_command("evaluate_search", str(folder), engine="embedded", lexical=True, no_baseline=True, **options)

    with pytest.raises(CommandError, match=r"quality\.json"):
        evaluate(check=path)
    evaluate(record=path)
    evaluate(check=path)
    recorded = json.loads(path.read_text())
    assert set(recorded) == {"embedded lexical"}
    recorded["embedded lexical"]["tiny"]["recall@10"] = 1.2
    path.write_text(json.dumps(recorded))
    with pytest.raises(CommandError, match="Worse than recorded"):
        evaluate(check=path)
