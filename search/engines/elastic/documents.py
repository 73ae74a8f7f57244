"""Documents as lines of bulk requests, and the documents that a response refuses."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from elasticsearch.helpers import pack_dense_vector

from search import filters, ranking
from search.embeddings.providers import Vectors
from search.engines.fields import text_fields
from search.engines.protocol import EngineError, VersionConflict
from search.language.analysis import Analysis
from search.sources import Document

MAX_OPERATIONS, MAX_BYTES = 125, 5_000_000  # of a bulk request; it may exceed the bytes by one document
_CURRENT = re.compile(r"current version \[(\d+)\]")  # in the reason of a conflict
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def document_fields(document: Document, analysis: Analysis, vector: Vectors | None) -> dict[str, Any]:
    """Return the fields of a document."""
    fields: dict[str, Any] = {
        "key": document.key,
        **filters.values(document),
        "translation_key": document.translation_key or None,
        "audience": sorted(document.audience),
        "fingerprint": document.fingerprint(),
        "merit": round(ranking.merit(document), 4),
        "updated": int(document.updated.timestamp()),
    }
    for name, terms in text_fields(document, analysis).items():
        fields[name] = " ".join(terms)
    if vector is not None:
        fields["vector"] = pack_dense_vector(vector)  # a fifth of the bytes and of the time of a list of numbers
    return fields


@dataclass(slots=True)
class BulkRequest:
    """One bulk request: its lines, and the document key of each operation. All have the same version, or none."""

    version: int = 0
    keys: list[str] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, operation: str, key: str, fields: dict[str, Any] | None = None) -> None:
        """Add an operation."""
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
        """True if it should be sent."""
        return len(self.keys) >= MAX_OPERATIONS or self.size >= MAX_BYTES


def bulk_requests(
    operations: Iterable[tuple[str, str, dict[str, Any] | None]], version: int = 0
) -> Iterator[BulkRequest]:
    """Yield bulk requests of operations: (`index` or `delete`, key, fields)."""
    chunk = BulkRequest(version)
    for operation in operations:
        chunk.add(*operation)
        if chunk.full:
            yield chunk
            chunk = BulkRequest(version)
    if chunk.keys:
        yield chunk


# The parts of a response that `refused_documents` reads: almost nothing when there are no errors.
FILTER_PATH = ["errors", "items.*.status", "items.*.error"]


def refused_documents(chunk: BulkRequest, answer: dict[str, Any]) -> dict[str, str]:
    """Return errors of refused documents by key. Raises EngineError for errors that are not a document's fault."""
    found: dict[str, str] = {}
    if not answer["errors"]:
        return found
    for key, result in zip(chunk.keys, answer["items"], strict=True):
        (item,) = result.values()
        if "error" not in item:
            continue
        if item["status"] == 409:
            current = _CURRENT.search(str(item["error"]))
            raise VersionConflict(f"{key}: a newer version was written", int(current[1]) if current else 0)
        if item["status"] != 400:  # not an error of the document
            raise EngineError(str(item)[:500])
        found[key] = str(item["error"])[:500]
    return found
