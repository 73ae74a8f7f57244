"""Related pages, compared with pairs of the demo's pages that were judged by hand."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from discovery import related
from markup.text import plain
from search import vocabulary
from search.language.analysis import Analysis
from search.sources import Document

ROOT = Path(__file__).resolve().parents[2] / "demo"
PAIRS = Path(__file__).with_name("related_pairs.tsv")
Pair = tuple[str, bool, str, str]


def pairs() -> list[Pair]:
    """Return the pairs: language, True if they are related, and both names."""
    lines = [line.split("\t") for line in PAIRS.read_text().splitlines() if line and not line.startswith("#")]
    return [(language, said == "yes", one, other) for language, said, one, other in lines]


@cache
def documents() -> dict[tuple[str, str], Document]:
    """Return the demo's pages as documents, by language and name."""
    found = {}
    for folder in ("faqs", "articles"):
        for path in (ROOT / folder).glob("*/*.md"):
            _, head, body = path.read_text().split("---\n", 2)
            row = yaml.safe_load(head)
            found[row["lang"], f"{folder}/{path.name.split('.')[0]}"] = document(row, plain(body))
    for path in (ROOT / "questions").glob("*.yaml"):
        row = yaml.safe_load(path.read_text())
        body = "\n\n".join(plain(text) for text in [row["body"], *(each["body"] for each in row["answers"])])
        found[row["lang"], f"questions/{path.stem}"] = document(row, body)
    return found


def document(row: dict[str, Any], body: str) -> Document:
    """Return the document of a row of the demo."""
    then, topic = datetime(2026, 1, 1, tzinfo=UTC), row["topic"] or ""
    return Document(
        key="x:1", kind="x", title=row["title"], body=body, url="/", audience=frozenset(), created=then, updated=then,
        language=row["lang"], tags=tuple(row.get("tags", ())), topic=topic, topic_title=topics()[row["lang"], topic],
    )  # fmt: skip


@cache
def topics() -> dict[tuple[str, str], str]:
    """Return the titles of topics by language and slug."""
    rows = yaml.safe_load((ROOT / "topics.yaml").read_text())["topics"]
    every = [topic for row in rows for topic in [row, *row["topics"]]]
    return {(code, t["slug"]): t["title"][code] for t in every for code in ("nl", "en")} | {
        ("nl", ""): "",
        ("en", ""): "",
    }


@cache
def analysis() -> Analysis:
    """Return an analysis with the demo's vocabulary."""
    return vocabulary.learn(documents().values())


def shown(pair: Pair) -> bool:
    """Return True if one page is shown beside the other."""
    language, _, one, other = pair
    return related.is_related(documents()[language, one], documents()[language, other], analysis())


def test_pairs_are_pages_of_the_demo_each_once() -> None:
    listed = pairs()
    assert len(listed) >= 100
    assert len({frozenset(pair[2:]) | {pair[0]} for pair in listed}) == len(listed)
    assert all({(language, one), (language, other)} <= documents().keys() for language, _, one, other in listed)


def test_most_of_what_is_shown_belongs_there() -> None:
    right = [pair for pair in pairs() if pair[1]]
    found = [pair for pair in pairs() if shown(pair)]
    true = [pair for pair in found if pair[1]]
    precision, recall = len(true) / len(found), len(true) / len(right)
    assert precision >= 0.95
    assert recall >= 0.75


@pytest.mark.parametrize("pair", [pair for pair in pairs() if not pair[1] and "melden" in pair[2] + pair[3]])
def test_a_common_verb_alone_makes_nothing_related(pair: Pair) -> None:
    assert not shown(pair)
