"""Bulk requests to Elasticsearch: their size, and refused documents."""

import base64
import json
from datetime import UTC, datetime

import numpy as np
import pytest

from search.engines import EngineError
from search.engines.elastic import documents
from search.engines.elastic.documents import BulkRequest, bulk_requests, document_fields, refused_documents
from search.language.analysis import BY_DICTIONARY
from search.sources import Document

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BIKE = Document(
    key="faq:1", kind="faq", title="Fietsen", body="De fiets", url="/", language="nl", audience=frozenset({"public"}),
    created=NOW, updated=NOW,
)  # fmt: skip


def a_chunk(*keys: str) -> BulkRequest:
    """Return a bulk request that indexes these keys."""
    chunk = BulkRequest()
    for key in keys:
        chunk.add("index", key, {"key": key})
    return chunk


def test_requests_end_by_number_and_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_OPERATIONS", 3)
    monkeypatch.setattr(documents, "MAX_BYTES", 400)
    small = [("index", f"a:{number}", {"x": 1}) for number in range(7)]
    assert [len(chunk.keys) for chunk in bulk_requests(small)] == [3, 3, 1]
    large = [("index", f"a:{number}", {"x": "y" * 500}) for number in range(2)]
    assert [chunk.keys for chunk in bulk_requests([*large, ("delete", "a:9", None)])] == [["a:0"], ["a:1"], ["a:9"]]
    assert list(bulk_requests([])) == []


def test_lines_are_what_elasticsearch_reads() -> None:
    chunk = BulkRequest()
    chunk.add("delete", "faq:2")
    chunk.add("index", "faq:1", {"title": "café \ud800\n"})
    assert json.loads(chunk.lines[0]) == {"delete": {"_id": "faq:2"}}
    head, fields = chunk.lines[1].split(b"\n")
    assert json.loads(head) == {"index": {"_id": "faq:1"}}
    assert "café".encode() in fields


def test_a_vector_is_sent_as_bytes() -> None:
    vector = np.array([0.25, -1.5], dtype=np.float32)
    packed = base64.b64decode(document_fields(BIKE, BY_DICTIONARY, vector)["vector"])
    assert np.frombuffer(packed, dtype=">f4").tolist() == [0.25, -1.5]
    assert "vector" not in document_fields(BIKE, BY_DICTIONARY, None)


def test_a_refused_document_is_named_and_the_others_are_in() -> None:
    said = {"type": "document_parsing_exception"}
    items = [{"index": {"status": 201}}, {"index": {"status": 400, "error": said}}, {"delete": {"status": 404}}]
    assert refused_documents(a_chunk("a:1", "a:2", "a:3"), {"errors": True, "items": items}) == {"a:2": str(said)}
    assert refused_documents(a_chunk("a:1"), {"errors": False}) == {}


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_what_is_not_the_documents_fault_is_an_error(status: int) -> None:
    with pytest.raises(EngineError, match="not today"):
        refused_documents(
            a_chunk("a:1"), {"errors": True, "items": [{"index": {"status": status, "error": "not today"}}]}
        )
