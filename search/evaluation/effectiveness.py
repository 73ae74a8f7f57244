"""Retrieval effectiveness on judged data: nDCG@10, MRR@10 and recall@10 of the product and of a baseline."""

import json
import math
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from search import engines, retrieval, sources, vocabulary
from search.embeddings import store, vectors
from search.embeddings.providers import Provider
from search.language.analysis import Analysis

DEPTH = 10
BATCH = 100  # documents
_THEN = datetime(2026, 1, 1, tzinfo=UTC)
Ranked = list[tuple[str, float]]
Run = dict[str, Ranked]


@dataclass(slots=True)
class DataSet:
    """Documents, queries, and relevance grades by query and document."""

    name: str
    documents: list[dict[str, str]]
    queries: list[dict[str, str]]
    grades: dict[str, dict[str, int]]


@dataclass(slots=True)
class RetrievalScores:
    """Means over the queries with judgements."""

    ndcg: float
    mrr: float
    recall: float
    queries: int = 0

    def as_dict(self) -> dict[str, float]:
        """Return the scores for --json."""
        return {"ndcg@10": round(self.ndcg, 4), "mrr@10": round(self.mrr, 4), "recall@10": round(self.recall, 4)}


@dataclass(slots=True)
class Evaluation:
    """The evaluation of one data set."""

    name: str
    figures: RetrievalScores
    baseline: RetrievalScores | None
    run: Run = field(repr=False)


def load(folder: Path) -> DataSet:
    """Read a data set from a folder. Raises OSError, ValueError or KeyError."""

    def rows(name: str) -> list[dict[str, str]]:
        return [json.loads(line) for line in (folder / name).read_text().splitlines() if line.strip()]

    grades: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        if line.strip():
            query_id, document_id, grade = line.split("\t")[:3]
            grades.setdefault(query_id, {})[document_id] = int(grade)
    return DataSet(folder.resolve().name, rows("docs.jsonl"), rows("queries.jsonl"), grades)


def measure(run: Run, grades: dict[str, dict[str, int]]) -> RetrievalScores:
    """Return means over the queries of `run` with a grade above 0. Gain is 2^grade − 1."""
    ndcg, mrr, recall = [], [], []
    for query_id, ranked in run.items():
        judged = {key: grade for key, grade in grades.get(query_id, {}).items() if grade > 0}
        if not judged:
            continue
        found = [judged.get(key, 0) for key, _ in ranked[:DEPTH]]
        ideal = _gain(sorted(judged.values(), reverse=True)[:DEPTH])
        ndcg.append(_gain(found) / ideal)
        mrr.append(next((1 / rank for rank, grade in enumerate(found, 1) if grade), 0.0))
        recall.append(sum(1 for grade in found if grade) / min(len(judged), DEPTH))
    count = len(ndcg) or 1
    return RetrievalScores(sum(ndcg) / count, sum(mrr) / count, sum(recall) / count, len(ndcg))


def mean(all_figures: list[RetrievalScores]) -> RetrievalScores:
    """Return the plain mean over data sets."""
    count = len(all_figures) or 1
    return RetrievalScores(
        sum(f.ndcg for f in all_figures) / count,
        sum(f.mrr for f in all_figures) / count,
        sum(f.recall for f in all_figures) / count,
        sum(f.queries for f in all_figures),
    )


def _gain(grades: list[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def product_run(data: DataSet, engine_name: str, provider: Provider | None = None) -> Run:
    """Return the product's hits on a scratch index, by meaning too if there is a provider."""
    documents = [_document(row) for row in data.documents]
    analysis = vocabulary.learn(documents)
    run = {}
    with _scratch(engine_name, documents, analysis, provider) as engine:
        for row in data.queries:
            text, language = row["text"], row.get("lang", "")
            request = retrieval.build_request(
                text, audience=frozenset({"public"}), language=language, analysis=analysis
            )
            vector = vectors.query(provider, text) if provider else None
            found = retrieval.retrieve(
                text, request, language=language, engine=engine, analysis=analysis, vector=vector
            )
            run[row["id"]] = [(hit.key.partition(":")[2], hit.score) for hit in found.hits]
    return run


def crossing(data: DataSet, language: str) -> DataSet:
    """Return the queries in a language with the documents in the others, and their judgements."""
    documents = [row for row in data.documents if row.get("lang") != language]
    there = {row["id"] for row in documents}
    grades = {query_id: {key: 1 for key in judged if key in there} for query_id, judged in data.grades.items()}
    queries = [row for row in data.queries if row.get("lang") == language and any(grades.get(row["id"], {}).values())]
    return DataSet(f"{data.name} {language}→", documents, queries, grades)


@contextmanager
def _scratch(
    engine_name: str, documents: list[sources.Document], analysis: Analysis, provider: Provider | None
) -> Iterator[engines.Engine]:
    """Yield an engine with these documents in its live index."""
    name = f"evaluate-{uuid.uuid4().hex[:12]}"
    engine = engines.make(engine_name, scratch=name, analysis=analysis, provider=provider)
    try:
        building = engine.begin()
        for start in range(0, len(documents), BATCH):
            batch = documents[start : start + BATCH]
            made = store.encode(provider, batch) if provider else ()
            engine.fill(building, batch, {d.key: v for d, v in zip(batch, made, strict=False)})
        engine.switch(building)
        yield engine
    finally:
        engine.drop()
        engine.close()


def _document(row: dict[str, str]) -> sources.Document:
    return sources.Document(
        key=f"faq:{row['id']}",
        kind="faq",
        title=row.get("title", ""),
        body=row.get("body", ""),
        url="/",
        audience=frozenset({"public"}),
        language=row.get("lang", ""),
        created=_THEN,
        updated=_THEN,
    )


def evaluate(
    data: DataSet, engine_name: str, baseline: Callable[[DataSet], Run] | None, provider: Provider | None = None
) -> Evaluation:
    """Index a data set, run its queries and measure; the baseline too if there is one."""
    run = product_run(data, engine_name, provider)
    plain = measure(baseline(data), data.grades) if baseline else None
    return Evaluation(data.name, measure(run, data.grades), plain, run)


def write_run(path: Path, run: Run, tag: str) -> None:
    """Write a TREC run file."""
    with path.open("w") as file:
        for query_id, ranked in run.items():
            for rank, (key, score) in enumerate(ranked, 1):
                file.write(f"{query_id} Q0 {key} {rank} {score:.6f} {tag}\n")


def as_json(engine_name: str, lexical: bool, evaluations: list[Evaluation]) -> dict[str, Any]:
    """One object for --json."""
    sets = {}
    for each in evaluations:
        sets[each.name] = {**each.figures.as_dict(), "queries": each.figures.queries}
        if each.baseline:
            sets[each.name]["baseline"] = each.baseline.as_dict()  # type: ignore[assignment]  # nested
    result: dict[str, Any] = {"engine": engine_name, "lexical": lexical, "sets": sets}
    result["macro"] = mean([e.figures for e in evaluations]).as_dict()
    if all(e.baseline for e in evaluations):
        result["macro"]["baseline"] = mean([e.baseline for e in evaluations if e.baseline]).as_dict()
    return result
