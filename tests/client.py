"""A customer of a running server (tests/server.py), over real HTTP and WebSockets, without a browser.

web = Web(site.url)
web.sign_in("owner@t-waterland.example")
page = web.get("/nl/zoeken/", q="verlof")          # page.status, page.text, page.url, page.seconds
web.post("/nl/vraag-stellen/", q="…", space="3")          # with the CSRF token
with Tab(web, conversation) as tab:                # follows docs/socket-protocol.md as the product's own client does
    tab.say("Hallo")
    tab.settle()                                   # everything said is acknowledged, whatever happened meanwhile
"""

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any, Self

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

HEARTBEAT = 5.0  # seconds between signs of life; browsers take longer


@dataclass(frozen=True, repr=False)
class Page:
    """An answer, redirects followed."""

    status: int
    text: str
    url: str
    seconds: float
    headers: Any

    def __str__(self) -> str:
        words = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", self.text, flags=re.S)
        return f"{self.status} {self.url}: {' '.join(words.split())[:1500]}"

    __repr__ = __str__


class Web:
    """Cookies, pages and forms."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str, **query: str) -> Page:
        """A page, of whatever status."""
        return self._open(urllib.request.Request(self._address(path, query)))

    def post(self, path: str, **fields: str) -> Page:
        """Send a form, with the CSRF token of the cookie."""
        if "csrftoken" not in self.jar():
            self.get("/nl/account/login/")
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": self.jar()["csrftoken"], **fields}).encode()
        return self._open(urllib.request.Request(self._address(path, {}), data))

    def _address(self, path: str, query: dict[str, str]) -> str:
        return self.url + path + (f"?{urllib.parse.urlencode(query)}" if query else "")

    def _open(self, request: urllib.request.Request) -> Page:
        began = time.monotonic()
        try:
            with self._opener.open(request, timeout=30) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                answer, status, text = error, error.code, error.read().decode()
        return Page(status, text, answer.url, time.monotonic() - began, answer.headers)

    def jar(self) -> dict[str, str]:
        """The cookies by name."""
        return {cookie.name: cookie.value or "" for cookie in self.cookies}

    def sign_in(self, email: str, password: str = "test") -> None:
        """By the form."""
        page = self.post("/nl/account/login/", login=email, password=password)
        assert page.status == 200, page
        assert "/account/" not in page.url, page

    def chat(self, question: str, **fields: str) -> int:
        """Ask the first team that takes chats; the number of the conversation."""
        form = self.get("/nl/chat/")
        (team, *_others) = re.findall(r'name="team" [^>]*value="(\d+)"', form.text)
        page = self.post("/nl/chat/", q=question, team=team, **fields)
        found = re.search(r"/nl/chat/(\d+)/$", page.url)
        assert found, page
        return int(found[1])


class Tab:
    """One conversation on a socket: reconnects, resumes after the last number, sends again what has no answer yet."""

    def __init__(self, web: Web, conversation: int) -> None:
        self.web, self.conversation = web, conversation
        self.events: dict[int, dict[str, Any]] = {}
        self.acknowledged: dict[str, int] = {}  # client_id → number
        self.said: dict[str, str] = {}  # client_id → text
        self.connections = 0
        self._pinged = 0.0
        self._socket: ClientConnection | None = None
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._closing.close()

    # -- the connection ---------------------------------------------------------------------------

    def open(self, seconds: float = 60) -> None:
        """Connect, as often as it takes; subscribe after the last number; send what is not acknowledged."""
        end = time.monotonic() + seconds
        while not self._try():
            assert time.monotonic() < end, f"no socket for {seconds} s"
            time.sleep(0.2)

    def _try(self) -> bool:
        cookies = "; ".join(f"{name}={value}" for name, value in self.web.jar().items())
        address = f"ws{self.web.url.removeprefix('http')}/ws/?v=1"
        try:
            self._closing.close()
            opening = connect(
                address, additional_headers={"Cookie": cookies}, origin=self.web.url, open_timeout=5, close_timeout=1
            )
            self._socket = self._closing.enter_context(opening)
            assert json.loads(self._socket.recv(timeout=10))["type"] == "hello"
            self.connections += 1
            self._send(type="subscribe", conversation=self.conversation, after=max(self.events, default=0))
            for client_id in self.said:
                if client_id not in self.acknowledged:
                    self._post(client_id)
        except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
            return False
        return True

    def _send(self, **frame: Any) -> None:
        assert self._socket is not None
        self._socket.send(json.dumps(frame))

    def _post(self, client_id: str) -> None:
        self._send(type="post", conversation=self.conversation, client_id=client_id, body=self.said[client_id])

    # -- talking ----------------------------------------------------------------------------------

    def say(self, text: str, client_id: str = "") -> str:
        """Send a message, or the same one again; its client_id. A lost connection is noticed when reading."""
        client_id = client_id or uuid.uuid4().hex
        self.said[client_id] = text
        try:
            self._post(client_id)
        except (ConnectionClosed, OSError):
            pass
        return client_id

    def read(self, seconds: float = 1) -> dict[str, Any] | None:
        """The next frame, or None; reconnects when the connection is lost."""
        assert self._socket is not None
        try:
            if time.monotonic() > self._pinged + HEARTBEAT:
                self._pinged = time.monotonic()
                self._send(type="ping")
            frame: dict[str, Any] = json.loads(self._socket.recv(timeout=seconds))
        except TimeoutError:
            return None
        except (ConnectionClosed, OSError):
            self.open()
            return None
        if frame["type"] == "event" and frame["number"] not in self.events:
            self.events[frame["number"]] = frame
        elif frame["type"] == "ack":
            known = self.acknowledged.setdefault(frame["client_id"], frame["number"])
            assert known == frame["number"], "the same message was acknowledged with two numbers"
        elif frame["type"] == "error":
            assert frame["code"] in ("failed", "too_fast"), frame
            if client_id := frame.get("client_id"):
                time.sleep(0.5)  # as a client would: a moment later, the same again
                self.say(self.said[client_id], client_id)
        return frame

    def settle(self, seconds: float = 60) -> None:
        """Read until everything said is acknowledged and has come back as an event."""
        end = time.monotonic() + seconds
        while not self.settled():
            assert time.monotonic() < end, f"{len(self.said) - len(self.acknowledged)} messages without an answer"
            self.read()

    def settled(self) -> bool:
        """Whether everything said is acknowledged and was seen."""
        return set(self.said) <= set(self.acknowledged) and set(self.acknowledged.values()) <= set(self.events)

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Read until a message with this text came."""
        end = time.monotonic() + seconds
        while not any(text in event["html"] for event in self.events.values()):
            assert time.monotonic() < end, f"nobody said {text!r}"
            self.read()

    def check(self) -> None:
        """What a reader sees: numbers without gaps, and everything said exactly once."""
        assert sorted(self.events) == list(range(1, len(self.events) + 1))
        ids = [event["client_id"] for event in self.events.values()]
        for client_id, number in self.acknowledged.items():
            assert ids.count(client_id) == 1
            assert self.events[number]["client_id"] == client_id
