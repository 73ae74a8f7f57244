"""Too large, too many or too slow bodies are refused before they are read: under ASGI, WSGI and by a real server."""

import asyncio
import io
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.handlers.asgi import ASGIHandler
from django.test import Client

from config.wsgi import application as wsgi
from tests.people import People
from tests.server import Site, embedded
from web.bodies import BodyLimit

MIB = 1024 * 1024
FORM = "application/x-www-form-urlencoded"
CHUNK = b"q=" + b"a" * (64 * 1024 - 2)


class Sender:
    """A browser that sends chunks for as long as the server reads them."""

    def __init__(self, chunks: int, size: int = len(CHUNK), pause: float = 0) -> None:
        self.chunks, self.size, self.pause = chunks, size, pause
        self.sent = self.at_answer = 0
        self.status, self.headers, self.body = 0, {}, b""

    async def receive(self) -> dict[str, Any]:
        """Return the next chunk."""
        if self.sent == self.chunks:
            await asyncio.Event().wait()
        if self.pause:
            await asyncio.sleep(self.pause)
        self.sent += 1
        return {"type": "http.request", "body": CHUNK[: self.size], "more_body": self.sent < self.chunks}

    async def send(self, message: dict[str, Any]) -> None:
        """Record what the server answers."""
        if message["type"] == "http.response.start":
            self.status, self.at_answer = message["status"], self.sent
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        self.body += message.get("body", b"")


@async_to_sync
async def ask(sender: Sender, path: str = "/nl/chat/", **headers: str) -> Sender:
    """POST through the ASGI application of pages."""
    application = BodyLimit(ASGIHandler())
    given = {"host": "testserver", "content-type": FORM, **{k.replace("_", "-"): v for k, v in headers.items()}}
    scope = {
        "type": "http", "method": "POST", "path": path, "query_string": b"", "http_version": "1.1", "scheme": "http",
        "client": ("127.0.0.1", 1), "server": ("testserver", 80), "root_path": "",
        "headers": [(k.encode(), v.encode()) for k, v in given.items()],
    }  # fmt: skip
    await application(scope, sender.receive, sender.send)
    return sender


@pytest.mark.django_db(transaction=True)  # the handler closes connections
@pytest.mark.parametrize("language, words", [("nl", "te veel in één keer"), ("en", "too much at once")])
def test_a_declared_length_that_is_too_much_is_refused_unread(language: str, words: str) -> None:
    found = ask(Sender(1000), f"/{language}/chat/", content_length=str(60 * MIB))
    assert (found.status, found.at_answer) == (413, 0)
    assert words in found.body.decode()
    assert found.headers["connection"] == "close"


@pytest.mark.django_db(transaction=True)  # the handler closes connections
def test_chunks_are_counted_and_refused_at_the_limit() -> None:
    found = ask(Sender(1000), transfer_encoding="chunked")
    assert found.status == 413
    assert found.at_answer == 17, f"{found.at_answer} chunks of 64 KiB were read before the answer"
    assert found.sent <= 17 + 512, "the rest is thrown away, and not without end"


@pytest.mark.django_db(transaction=True)  # the handler closes connections
def test_bodies_that_are_not_forms_have_a_small_limit() -> None:
    found = ask(Sender(1000), transfer_encoding="chunked", content_type="application/json")
    assert (found.status, found.at_answer) == (413, 2)


@pytest.mark.django_db(transaction=True)  # the handler closes connections
def test_a_slow_body_is_refused(settings: Any) -> None:
    settings.BODY_LIMITS = {"": (MIB, 200, 0.2)}
    found = ask(Sender(1000, size=1, pause=0.01), transfer_encoding="chunked")
    assert found.status == 408
    assert "Het versturen duurde te lang" in found.body.decode()


@pytest.mark.django_db(transaction=True)  # the handler closes connections
def test_more_fits_under_cms_only_for_who_is_signed_in(people: People, client: Client) -> None:
    client.force_login(people.administrator, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = f"sessionid={client.cookies['sessionid'].value}"
    asked = {
        "signed in, /cms/": (ask(Sender(32), "/cms/", cookie=session, transfer_encoding="chunked"), False),
        "signed in, /nl/": (ask(Sender(32), cookie=session, transfer_encoding="chunked"), True),
        "anonymous, /cms/": (ask(Sender(32), "/cms/", transfer_encoding="chunked"), True),
        "invented, /cms/": (
            ask(Sender(32), "/cms/", cookie="sessionid=" + "a" * 32, transfer_encoding="chunked"),
            True,
        ),
        "junk, /cms/": (
            ask(Sender(32), "/cms/", cookie='sessionid="a\\000bcdefgh"', transfer_encoding="chunked"),
            True,
        ),
        "too much, /cms/": (ask(Sender(500), "/cms/", cookie=session, transfer_encoding="chunked"), True),
    }
    assert {name: found.status == 413 for name, (found, _) in asked.items()} == {n: r for n, (_, r) in asked.items()}


class Unread(io.RawIOBase):
    """A body that must not be read."""

    def read(self, size: int = -1) -> bytes:
        """Fail."""
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.django_db
def test_wsgi_refuses_by_the_declared_length_unread() -> None:
    answers = {}
    for path, kind, length in [
        ("/nl/chat/", FORM, 60 * MIB), ("/cms/", FORM, 2 * MIB), ("/nl/zoeken/gezien/", "application/json", 65 * 1024),
    ]:  # fmt: skip
        environ = {
            "REQUEST_METHOD": "POST", "PATH_INFO": path, "SERVER_NAME": "testserver", "SERVER_PORT": "80",
            "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(length), "wsgi.input": Unread(), "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(), "REMOTE_ADDR": "127.0.0.1",
        }  # fmt: skip
        wsgi(environ, lambda status, _headers, path=path: answers.update({path: status[:3]}))
    assert answers == dict.fromkeys(answers, "413")


@pytest.mark.django_db
def test_fields_are_counted_before_they_are_parsed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*_arguments: Any) -> None:
        raise AssertionError("the form was parsed")

    few, many = {f"f{n}": "" for n in range(150)}, {f"f{n}": "" for n in range(9_000)}
    assert client.post("/nl/chat/", few).status_code == 422
    monkeypatch.setattr("django.http.request.MultiPartParser.__init__", parse)
    monkeypatch.setattr("django.http.request.QueryDict.__init__", parse)
    assert client.generic("POST", "/nl/chat/", b"a&" * 9_000, content_type=FORM).status_code == 400
    monkeypatch.undo()
    monkeypatch.setattr("django.http.request.MultiPartParser.__init__", parse)
    assert client.post("/nl/chat/", many).status_code == 400
    assert client.post("/cms/", many).status_code == 400


@pytest.mark.django_db
def test_a_query_string_has_as_many_fields_as_a_form(client: Client, people: People) -> None:
    """Every link of a page may carry them on."""
    assert client.get("/nl/zoeken/?q=a" + "&b=" * 190).status_code == 200
    for path in ("/nl/zoeken/", "/nl/community/", "/cms/", "/bestaat-niet/"):
        assert client.get(f"{path}?q=a" + "&b=" * 5_000).status_code == 400, path
    client.force_login(people.curator, backend="accounts.backends.RoleBackend")
    assert client.get("/cms/?q=a" + "&b=" * 5_000).status_code == 200
    assert client.get("/cms/?q=a" + "&b=" * 15_000).status_code == 400


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with embedded(tmp_path_factory.mktemp("bodies"), SEARCH_MEANING="off") as site:
        yield site


def test_a_real_server_answers_before_it_has_all_and_closes(site: Site) -> None:
    """Takes seconds: it starts the product."""
    pid = site.processes["server"].pid
    sizes = []
    for _request in range(4):  # the first ones load what all need, and a thread of the server may be loading as well
        sent, answer = sixty_mib(site.port)
        assert sent < 60 * MIB, "everything was taken"
        assert answer.startswith(b"HTTP/1.1 413"), answer[:200]
        sizes.append(_memory(pid))
    assert min(b - a for a, b in pairwise(sizes)) < 16 * 1024, f"KiB after each request: {sizes}"


def sixty_mib(port: int) -> tuple[int, bytes]:
    """Send so much in chunks. Return how much was accepted, and the answer."""
    sent, answer = 0, b""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as server:
        head = f"POST /nl/chat/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {FORM}\r\n"
        server.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        with suppress(BrokenPipeError, ConnectionResetError):
            while sent < 60 * MIB:
                server.sendall(b"10000\r\n" + CHUNK + b"\r\n")
                sent += len(CHUNK)
            server.sendall(b"0\r\n\r\n")
        with suppress(ConnectionResetError):
            while piece := server.recv(65_536):
                answer += piece
    return sent, answer


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])
