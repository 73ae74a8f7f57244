"""Documents as lines of a bulk request, and what the answer to one says was refused."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from elasticsearch.helpers import pack_dense_vector

from search import ranking
from search.embeddings.providers import Vectors
from search.engines import EngineError, Overtaken, text_fields
from search.language.analysis import Analysis
from search.sources import Document

CHUNK, CHUNK_BYTES = 125, 5_000_000  # a bulk request has no more documents, and hardly more bytes
_CURRENT = re.compile(r"current version \[(\d+)\]")  # in what a conflict says
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def source(document: Document, analysis: Analysis, vector: Vectors | None) -> dict[str, Any]:
    """The fields of a document."""
    fields: dict[str, Any] = {
        "key": document.key,
        "kind": document.kind,
        "topic": document.topic,
        "language": document.spoken(),
        "translation_key": document.translation_key or None,
        "audience": sorted(document.audience),
        "fingerprint": document.fingerprint(),
        "merit": round(ranking.merit(document), 4),
        "updated": int(document.updated.timestamp()),
    }
    for name, terms in text_fields(document, analysis).items():
        fields[name] = " ".join(terms)
    if vector is not None:
        fields["vector"] = pack_dense_vector(vector)  # a fifth of the bytes and of the work of as many decimals
    return fields


@dataclass(slots=True)
class Chunk:
    """One bulk request: its lines, and the key that each of its operations is about. All of one version, or none."""

    version: int = 0
    keys: list[str] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, operation: str, key: str, fields: dict[str, Any] | None = None) -> None:
        """One operation more."""
        about: dict[str, Any] = {"_id": key}
        if self.version:
            about |= {"version": self.version, "version_type": "external_gte"}
        line = _dump({operation: about})
        line = f"{line}\n{_dump(fields)}" if fields else line
        self.keys.append(key)
        self.lines.append(line.encode("utf-8", "surrogatepass"))
        self.size += len(line)

    @property
    def full(self) -> bool:
        """Whether it is time to send it."""
        return len(self.keys) >= CHUNK or self.size >= CHUNK_BYTES


def chunks(operations: Iterable[tuple[str, str, dict[str, Any] | None]], version: int = 0) -> Iterator[Chunk]:
    """Operations (`index` or `delete`, key, fields) in bulk requests."""
    chunk = Chunk(version)
    for operation in operations:
        chunk.add(*operation)
        if chunk.full:
            yield chunk
            chunk = Chunk(version)
    if chunk.keys:
        yield chunk


# Of an answer only what `refused` reads: without errors that is next to nothing.
ANSWER = ["errors", "items.*.status", "items.*.error"]


def refused(chunk: Chunk, answer: dict[str, Any]) -> dict[str, str]:
    """Errors by key of the documents that a bulk request refused. Raises EngineError for what is not their fault."""
    found: dict[str, str] = {}
    if not answer["errors"]:
        return found
    for key, result in zip(chunk.keys, answer["items"], strict=True):
        (item,) = result.values()
        if "error" not in item:
            continue
        if item["status"] == 409:
            current = _CURRENT.search(str(item["error"]))
            raise Overtaken(f"{key}: somebody newer wrote", int(current[1]) if current else 0)
        if item["status"] != 400:  # not the document's fault
            raise EngineError(str(item)[:500])
        found[key] = str(item["error"])[:500]
    return found
