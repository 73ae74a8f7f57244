"""A server between the product and its Elasticsearch that can be half dead, on loopback.

    with HalfDead("http://127.0.0.1:9200") as between:
        ElasticEngine(between.url, …)
        between.mode = "drip"

Modes: `pass` hands requests on; `silent` takes them and never answers; `drip` answers a byte a second; `cut` ends
in the middle of the answer; `500`, `429`, `401`, `nonsense` answer that at once. Without `upstream` nothing is found.
"""

import http.client
import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

NOTHING = {
    "took": 1, "timed_out": False, "_shards": {"total": 1, "successful": 1, "failed": 0},
    "hits": {"total": {"value": 0, "relation": "eq"}, "max_score": None, "hits": []},
}  # fmt: skip


class HalfDead:
    """The server; ends with the block."""

    def __init__(self, upstream: str = "") -> None:
        self.upstream = upstream
        self.mode = "pass"
        self.asked = 0  # requests that came
        self.over = threading.Event()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Those who ask give up: that is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    owner: ClassVar[HalfDead]
    protocol_version = "HTTP/1.1"
    server: socketserver.BaseServer

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def _answer(self) -> None:
        owner = self.owner
        owner.asked += 1
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mode = owner.mode
        if mode == "silent":
            owner.over.wait(60)
            self.close_connection = True
        elif mode == "pass":
            status, headers, content = self._upstream(body)
            self._send(status, headers, content)
        elif mode in ("drip", "cut"):
            self._partly(mode, *self._upstream(body))
        elif mode == "nonsense":
            self._send(200, {"Content-Type": "text/html"}, b"<h1>It works!</h1>")
        else:
            self._send(int(mode), {"Content-Type": "application/json"}, b'{"error": "made up"}')

    def _upstream(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if not self.owner.upstream:
            headers = {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}
            return 200, headers, json.dumps(NOTHING).encode()
        parts = urlsplit(self.owner.upstream)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=40)
        try:
            passed = {n: v for n, v in self.headers.items() if n.lower() not in ("host", "connection")}
            connection.request(self.command, self.path, body or None, passed)
            answer = connection.getresponse()
            kept = ("content-type", "x-elastic-product", "location")
            return answer.status, {n: v for n, v in answer.getheaders() if n.lower() in kept}, answer.read()
        finally:
            connection.close()

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _partly(self, mode: str, status: int, headers: dict[str, str], content: bytes) -> None:
        head = f"HTTP/1.1 {status} OK\r\nContent-Length: {len(content)}\r\n".encode()
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n"
        whole = head + content
        if mode == "cut":
            self.wfile.write(whole[: len(head) + len(content) // 2])
        else:
            for byte in whole:
                self.wfile.write(bytes([byte]))
                if self.owner.over.wait(1):
                    break
        self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer
