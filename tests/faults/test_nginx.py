"""The shipped nginx configuration in front of processes that die, break off and hang: two for pages, two for sockets.

They are stand-ins, so that it is known what each was asked.
"""

import http.client
import os
import shlex
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import Server, ServerConnection, serve

from tests.server import _nginx, free_port, wait_until

pytestmark = pytest.mark.faults
UNAVAILABLE = {"nl": "even niet bereikbaar", "en": "temporarily unavailable"}


def bound(server: Callable[[], Any]) -> Any:
    """A server on a port that a connection of somebody else's may have for a moment."""
    for _ in range(100):
        with suppress(OSError):
            return server()
        time.sleep(0.1)
    return server()


class Pages:
    """A process for pages. `mode`: `answer`, `break` off after reading, or `hang`."""

    def __init__(self, port: int) -> None:
        self.port, self.mode = port, "answer"
        self.asked: list[str] = []
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Answer on its port."""
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                pages.asked.append(f"{self.command} {self.path}")
                if pages.mode == "hang":
                    time.sleep(2)
                if pages.mode != "answer":
                    return
                self.send_response(413 if self.path == "/too-large/" else 200)
                self.end_headers()
                self.wfile.write(b"a page")

            do_POST = do_GET

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = bound(lambda: ThreadingHTTPServer(("127.0.0.1", self.port), Handler))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Refuse connections."""
        server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()


class Sockets:
    """A process for sockets, which keeps them open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._server: Server | None = None

    def start(self) -> None:
        """Accept sockets."""

        def stay(connection: ServerConnection) -> None:
            for _frame in connection:
                pass

        self._server = bound(lambda: serve(stay, "127.0.0.1", self.port))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Refuse connections."""
        server, self._server = self._server, None
        if server:
            server.shutdown()


@dataclass
class Front:
    """nginx and what stands behind it."""

    port: int
    pages: tuple[Pages, Pages]
    sockets: tuple[Sockets, Sockets]
    closing: ExitStack = field(default_factory=ExitStack)

    def ask(self, path: str = "/nl/", method: str = "GET", body: bytes | None = None, **headers: str) -> Any:
        """An answer, with its text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer: Any = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        return answer

    def open(self) -> ClientConnection:
        """A socket that stays open until the test ends."""
        return self.closing.enter_context(connect(f"ws://127.0.0.1:{self.port}/ws/", open_timeout=5, close_timeout=0))

    def listens(self) -> bool:
        """Whether nginx does."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def pages_asked(self) -> bool:
        """Whether either process was asked anything since the last time."""
        return any(pages.asked for pages in self.pages)

    def asked(self) -> list[str]:
        """What both processes were asked since the last time."""
        asked = [each for pages in self.pages for each in pages.asked]
        for pages in self.pages:
            pages.asked.clear()
        return asked


@contextmanager
def running(folder: Path, seconds: int) -> Iterator[Front]:
    """nginx as it is shipped, but for how long it waits for an answer."""
    if not shutil.which("nginx") and not Path("/usr/sbin/nginx").exists():
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail("no nginx")
        pytest.skip("no nginx")
    ports = [free_port() for _ in range(5)]
    named = {"nginx": ports[0], "web": ports[1], "sockets": ports[3]}
    command = _nginx(folder, named, web=(ports[2],), sockets=(ports[4],))
    conf = folder / "nginx.conf"
    conf.write_text(conf.read_text().replace("proxy_read_timeout 20s;", f"proxy_read_timeout {seconds}s;"))
    front = Front(ports[0], (Pages(ports[1]), Pages(ports[2])), (Sockets(ports[3]), Sockets(ports[4])))
    with (folder / "nginx.log").open("wb") as log:
        nginx = subprocess.Popen(shlex.split(command), stdout=log, stderr=log)
    try:
        for each in (*front.pages, *front.sockets):
            each.start()
        wait_until(front.listens, f"nginx; its log: {folder / 'nginx.log'}", 10)
        with front.closing:
            yield front
    finally:
        nginx.terminate()
        nginx.wait(timeout=10)
        for each in (*front.pages, *front.sockets):
            each.stop()


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    """nginx that waits a second."""
    with running(tmp_path, 1) as front:
        front.asked()
        yield front


@pytest.fixture
def away(front: Front) -> Front:
    """The same with nothing behind it."""
    for each in (*front.pages, *front.sockets):
        each.stop()
    return front


def test_the_page_when_no_process_answers(away: Front) -> None:
    languages = {
        ("/nl/", "en", ""): "nl",
        ("/en/search/?q=a", "nl", ""): "en",
        ("/", "en-GB,en;q=0.9,nl;q=0.8", ""): "en",
        ("/", "nl,en;q=0.9", ""): "nl",
        ("/", "de, fr;q=0.9, en;q=0.5", ""): "en",
        ("/", "de", ""): "nl",
        ("/cms/", "nl", "django_language=en"): "en",
    }
    for (path, accepted, cookie), language in languages.items():
        answer = away.ask(path, Accept_Language=accepted, Cookie=cookie, Accept="text/html,*/*")
        assert answer.status == 503, (path, accepted)
        assert UNAVAILABLE[language] in answer.text, (path, accepted)
        assert f'<html lang="{language}">' in answer.text
        assert (answer.headers["Retry-After"], answer.headers["Cache-Control"]) == ("5", "no-store")
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Refresh"] == "15"
        assert "/static/" not in answer.text
    sent = away.ask("/nl/chat/", "POST", b"q=a")
    assert (sent.status, sent.headers["Refresh"], sent.headers["Retry-After"]) == (503, None, "5")
    assert away.ask("/nl/", "POST", b"x" * 2_000_000).status == 503
    assert UNAVAILABLE["nl"] in away.ask("/nl/account/welcome/secret/").text


def test_fragments_data_and_sockets_get_something_small(away: Front) -> None:
    for headers in ({"HX_Request": "true"}, {"Accept": "application/json"}):
        answer = away.ask("/nl/", **headers)
        assert (answer.status, answer.text) == (503, '{"error": "unavailable"}')
        assert (answer.headers["Retry-After"], answer.headers["Cache-Control"]) == ("5", "no-store")
    with pytest.raises(InvalidStatus) as refused:
        away.open()
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["Retry-After"] == "5"
    assert len(refused.value.response.body) < 100


def test_our_page_is_for_nobody_who_asks_for_it(front: Front) -> None:
    assert front.ask("/unavailable/nl.html").status == 404
    assert front.ask("/unavailable/short").status == 404


@pytest.mark.parametrize("mode", ["break", "hang"])
def test_what_was_read_is_asked_of_the_other_and_what_was_sent_never_twice(front: Front, mode: str) -> None:
    front.pages[0].mode = front.pages[1].mode = mode
    assert front.ask().status == 503
    assert front.asked() == ["GET /nl/"] * 2
    wait_until(
        lambda: front.ask("/nl/chat/", "POST", b"q=a").status == 503 and front.pages_asked(), "one to be asked", 5
    )
    assert front.asked() == ["POST /nl/chat/"]
    front.pages[1].mode = "answer"
    wait_until(lambda: front.ask().status == 200, "a page", 5)
    assert [front.ask().status for _ in range(4)] == [200] * 4
    front.pages[0].stop()
    assert [front.ask("/nl/chat/", "POST", b"q=a").status for _ in range(4)] == [200] * 4


def test_pages_are_there_soon_after_both_came_back(front: Front) -> None:
    for pages in front.pages:
        pages.stop()
    for _ in range(20):
        assert front.ask().status == 503
    for pages in front.pages:
        pages.start()
    began = time.monotonic()
    wait_until(lambda: front.ask().status == 200, "a page", 5, pause=0.05)
    assert time.monotonic() - began < 2.5
    assert {front.ask().status for _ in range(20)} == {200}


def test_sockets_open_at_once_after_both_processes_came_back(front: Front) -> None:
    for sockets in front.sockets:
        sockets.stop()
    for _ in range(10):
        with pytest.raises(InvalidStatus):
            front.open()
    front.sockets[0].start()
    began = time.monotonic()
    for _ in range(10):
        front.open()
    front.sockets[1].start()
    for _ in range(10):
        front.open()
    assert time.monotonic() - began < 3
