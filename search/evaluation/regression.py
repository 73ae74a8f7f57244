"""Regression check: figures of search quality against recorded ones. Quality only, never time."""

import json
from pathlib import Path
from typing import Any

METRICS = ("ndcg@10", "recall@10")
TOLERANCE = 0.01  # that a figure may fall below the recorded one


def record(path: Path, name: str, found: dict[str, Any]) -> None:
    """Record the figures of a run (`effectiveness.as_json`) under `name`, beside those of other runs in the file."""
    kept = _read(path) if path.exists() else {}
    kept[name] = {each: {m: figures[m] for m in METRICS} for each, figures in found["sets"].items()}
    path.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n")


def check(path: Path, name: str, found: dict[str, Any], tolerance: float = TOLERANCE) -> list[str]:
    """Return what is worse than recorded, in words. Raises OSError or ValueError when nothing is recorded."""
    recorded = _read(path).get(name)
    if not recorded:
        raise ValueError(f"{path} has no figures for {name!r}; record them with --record {path}")
    worse = [f"{each}: not recorded" for each in found["sets"] if each not in recorded]
    for each, figures in recorded.items():
        now = found["sets"].get(each, {})
        worse += [
            f"{each}: {metric} is {now[metric]:.3f}, recorded {figures[metric]:.3f}"
            for metric in METRICS
            if metric in now and now[metric] < figures[metric] - tolerance
        ]
    return worse


def _read(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text())
    if not isinstance(content, dict):
        raise ValueError(f"{path} is not a file of recorded figures")
    return content
