"""How fast an index is filled beside the engine's own bulk writer, and what it takes up: for benchmarks/search.py."""

import os
import statistics
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.rig import Times, timed

Figures = dict[str, Any]
TURN = 1_000  # documents that each side gets before it is the other's turn
BULK = 500  # documents in one of the bare engine's requests


def rebuild(engine: Any, sample: int, done: int, whole: float) -> Figures:
    """Documents a second by turns: the product from ready documents, and bare bulk of what it made of them (one request
    after the other; two at once; with vectors as decimals). And all of a rebuild, which took `whole` seconds for `done`
    documents just before.

    Everybody sends the same fields to an empty index with the same settings, made findable at the end.
    """
    from search import sources, vocabulary
    from search.embeddings import store
    from search.indexing import batches

    rows, made, fill, bare, both, decimals = (Times() for _ in range(6))
    documents, ratios = _documents(sources.all(), sample, done, rows, made), []
    writers = _bare(engine)
    analysis = vocabulary.current()
    with patch.object(engine, "remove_leftovers"):  # or the second index would be taken for a left one
        building, one, two, three = (engine.begin() for _ in range(4))
        try:
            vocabulary.save(building, analysis, done)
            for start in range(0, len(documents), TURN):
                some, before = documents[start : start + TURN], (len(fill.wall), len(bare.wall))
                vectors = store.stored_vectors(some)
                for at in range(0, len(some), batches.SLICE):
                    piece = some[at : at + batches.SLICE]
                    timed(fill, lambda piece=piece, vectors=vectors: engine.fill(building, piece, vectors))
                timed(fill, lambda: writers.ended(building))
                ready = [writers.ready(document, analysis, vectors.get(document.key)) for document in some]
                timed(bare, lambda ready=ready: writers.write(one, ready, 1))
                timed(bare, lambda: writers.ended(one))
                timed(both, lambda ready=ready: writers.write(two, ready, 2))
                timed(both, lambda: writers.ended(two))
                plain = writers.plain(ready, vectors)
                timed(decimals, lambda plain=plain: writers.write(three, plain, 1))
                timed(decimals, lambda: writers.ended(three))
                ratios.append(sum(bare.wall[before[1] :]) / sum(fill.wall[before[0] :]))
            for name, times in ((building, fill), (one, bare), (two, both), (three, decimals)):
                timed(times, lambda name=name: engine.commit(name))
        finally:
            for name in (building, one, two, three):
                engine.discard(name)
            vocabulary.delete(building)
    per, took = len(documents), sum(bare.wall)
    least = done * (sum(rows.wall) + took) / per
    return {
        "documents": done, "bare bulk/s": per / took, "bare, two at once/s": per / sum(both.wall),
        "bare, vectors as decimals/s": per / sum(decimals.wall),
        "from documents/s": per / sum(fill.wall), "from documents/bare": took / sum(fill.wall),
        "the same, median turn": statistics.median(ratios),
        "bare bulk CPU": 1000 * sum(bare.cpu) / per, "from documents CPU": 1000 * sum(fill.cpu) / per,
        "reading rows/s": per / sum(rows.wall),
        "making documents/s": per / sum(made.wall), "rebuild s": whole, "rows + bare bulk s": least,
        "rebuild/(rows + bare bulk)": whole / least, "load": os.getloadavg()[0],
    }  # fmt: skip


def _documents(sources: list[Any], sample: int, done: int, rows: Times, made: Times) -> list[Any]:
    """About `sample` documents out of `done`, from rows that lie evenly apart."""
    from search.indexing import indexer

    batches = [(source, batch) for source in sources for batch in indexer.batches(source)]
    take = max(len(batches) * sample // max(done, 1), 1)
    documents: list[Any] = []
    for source, batch in batches[:: max(len(batches) // take, 1)]:
        loaded = timed(rows, lambda batch=batch: list(batch))
        documents += timed(made, lambda source=source, loaded=loaded: [source.to_document(row) for row in loaded])
    return documents


def _bare(engine: Any) -> Any:
    return _Elastic(engine) if engine.name == "elastic" else _Tantivy(engine)


class _Elastic:
    """The client's own bulk helpers, with their defaults."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def ready(self, document: Any, analysis: Any, vector: Any) -> dict[str, Any]:
        from search.engines.elastic.documents import document_fields

        return {"_id": document.key, **document_fields(document, analysis, vector)}

    def plain(self, ready: list[dict[str, Any]], vectors: Any) -> list[dict[str, Any]]:
        """With vectors as lists of numbers, as most would send them."""
        return [one | {"vector": vectors[one["_id"]].tolist()} if "vector" in one else one for one in ready]

    def write(self, index: str, ready: list[dict[str, Any]], at_once: int) -> None:
        from elasticsearch import helpers  # noqa: TID251 # what the product's engine is compared with

        if at_once == 1:
            helpers.bulk(self.engine.client, ready, index=index, chunk_size=BULK)
            return
        sent = helpers.parallel_bulk(
            self.engine.client, ready, index=index, chunk_size=BULK // at_once, thread_count=at_once
        )
        assert all(ok for ok, _ in sent)

    def ended(self, index: str) -> None:
        """Of the product's own, some may be under way."""
        self.engine.finish_fill()


class _Tantivy:
    """tantivy's writer, which works behind one's back until it commits."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def ready(self, document: Any, analysis: Any, vector: Any) -> Any:
        from search.engines.embedded.documents import tantivy_document

        return tantivy_document(document, analysis)

    def plain(self, ready: list[Any], vectors: Any) -> list[Any]:
        """The same: it keeps no vectors."""
        return ready

    def write(self, index: str, ready: list[Any], at_once: int) -> None:
        self.engine._with_writer(index, lambda writer: [writer.add_document(one) for one in ready])

    def ended(self, index: str) -> None:
        self.engine.commit(index)


def size(engine: Any) -> Figures:
    """Megabytes of the live index on disk, and of this process: now, and at most so far."""
    if engine.name == "elastic":
        stats = engine.client.indices.stats(index=engine.alias, metric="store")
        taken = stats["_all"]["primaries"]["store"]["size_in_bytes"]
    else:
        folder = engine.folder / engine.live()
        taken = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    lines = Path("/proc/self/status").read_text().splitlines()
    memory = {name: int(value.split()[0]) / 1024 for name, _, value in (line.partition(":") for line in lines)
              if name in ("VmRSS", "VmHWM")}  # fmt: skip
    return {"index MB": taken / 2**20, "process MB": memory["VmRSS"], "process at most MB": memory["VmHWM"]}
