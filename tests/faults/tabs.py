"""Tabs that chat, many in one thread: each follows docs/socket-protocol.md as the product's own client does.

    room = Tabs(url, history, seed=1)
    room.open("tab1", cookie, conversation)      # … twenty times
    room.talking = True
    …
    room.talking = False
    wait_until(room.settled, …)
    room.shown()                                 # what each has on its screen
    room.close()

A tab that hears nothing for a while closes its line, comes back after pauses that grow to PAUSE, asks for what it
missed and says again what has no answer yet, under the same client_id. Everything is in the history first.
"""

import asyncio
import json
import random
import threading
import time
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.faults.checker import Shown
from tests.faults.history import History

BEAT, SILENCE = 4.0, 6.0  # seconds between pings, and until a line without an answer counts as dead
PAUSE = 4.0  # seconds: at most, between tries to connect. A browser's grow to 15: it is the server that is measured
AGAIN = 1.0  # seconds until what was refused as `failed` or `too_fast` is said again


class Tab:
    """One conversation on one socket."""

    def __init__(self, room: "Tabs", who: str, cookie: str, conversation: int) -> None:
        self.room, self.who, self.cookie, self.conversation = room, who, cookie, conversation
        self.events: list[tuple[int, str]] = []
        self.last = 0
        self.waiting: dict[str, str] = {}  # client_id → text, without an answer
        self.connections = 0
        self.socket: ClientConnection | None = None
        self._random = random.Random(f"{room.seed} {who}")
        self._said = 0

    # -- the line ---------------------------------------------------------------------------------

    async def stay(self) -> None:
        """Connect, and again whenever the line is lost."""
        tries = 0
        while True:
            with suppress(OSError, InvalidHandshake, ConnectionClosed, TimeoutError, EOFError):
                opening = connect(
                    f"ws{self.room.url.removeprefix('http')}/ws/?v=1", origin=self.room.url,
                    additional_headers={"Cookie": self.cookie}, open_timeout=SILENCE, close_timeout=0.5,
                    ping_interval=None, max_queue=None, proxy=None,
                )  # fmt: skip
                async with opening as socket:
                    if await self._begin(socket):
                        tries = 0
                        await self._listen(socket)
            if self.socket is not None:
                self.socket = None
                self.room.history.note(self.who, "lost", conversation=self.conversation)
            await asyncio.sleep(min(PAUSE, 0.5 * 2**tries) * self._random.uniform(0.5, 1))
            tries += 1

    async def _begin(self, socket: ClientConnection) -> bool:
        async with asyncio.timeout(SILENCE):
            if json.loads(await socket.recv())["type"] != "hello":
                return False
            await self._send(socket, type="subscribe", after=self.last)
            while (frame := json.loads(await socket.recv()))["type"] != "subscribed":
                if frame["type"] == "error":
                    return False
                self._heard(frame)
        self.socket, self.connections = socket, self.connections + 1
        self.room.history.note(self.who, "open", conversation=self.conversation)
        for id in list(self.waiting):
            await self._post(id)
        return True

    async def _listen(self, socket: ClientConnection) -> None:
        """Until the line is closed, or dead."""
        heard, beaten = time.monotonic(), 0.0
        while time.monotonic() - heard < BEAT + SILENCE:
            if time.monotonic() - beaten > BEAT:
                await self._send(socket, type="ping")
                beaten = time.monotonic()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    frame = json.loads(await socket.recv())
                heard = time.monotonic()
                self._heard(frame)

    async def _send(self, socket: ClientConnection, **frame: Any) -> None:
        async with asyncio.timeout(SILENCE):  # a line may be full
            await socket.send(json.dumps({"conversation": self.conversation, **frame}))

    async def _post(self, id: str) -> None:
        if self.socket is not None and id in self.waiting:
            with suppress(ConnectionClosed, TimeoutError):  # noticed by whoever listens
                await self._send(self.socket, type="post", client_id=id, body=self.waiting[id])

    # -- what is said -----------------------------------------------------------------------------

    def _heard(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "event" and frame["number"] > self.last:
            self.last = frame["number"]
            self.events.append((frame["number"], frame["client_id"]))
        elif kind == "ack" and self.waiting.pop(frame["client_id"], None) is not None:
            more = {"conversation": self.conversation, "id": frame["client_id"], "number": frame["number"]}
            self.room.history.note(self.who, "ack", **more)
        elif kind == "gone":  # nobody takes these conversations away: the checker finds that this tab is behind
            self.room.history.note(self.who, "gone", conversation=self.conversation)
        elif kind == "error" and frame.get("client_id"):
            self.room.errors[frame["code"]] = self.room.errors.get(frame["code"], 0) + 1
            self.room.later(self._again(frame["client_id"], float(frame.get("retry_after", AGAIN))))

    async def _again(self, id: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._post(id)

    async def talk(self) -> None:
        """Say something every so often, whether there is a line or not."""
        while True:
            await asyncio.sleep(self._random.expovariate(self.room.rate))
            if self.room.talking:
                await self.say()

    async def say(self, more: str = "") -> None:
        """Say one thing."""
        self._said += 1
        id = f"{self.room.seed}-{self.who}-{self._said}".rjust(8, "0")
        text = f"Bericht {self._said} van {self.who}{more}"
        self.waiting[id] = text
        self.room.history.note(self.who, "say", conversation=self.conversation, id=id, text=text)
        await self._post(id)


class Tabs:
    """All tabs, in a thread of their own. `rate`: messages of one tab, a second."""

    def __init__(self, url: str, history: History, seed: str, rate: float = 0.15) -> None:
        self.url, self.history, self.seed, self.rate = url, history, seed, rate
        self.talking = False
        self.tabs: list[Tab] = []
        self.errors: dict[str, int] = {}  # how often by code
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tabs", daemon=True)
        self._thread.start()

    def open(self, who: str, cookie: str, conversation: int) -> Tab:
        """One more."""
        tab = Tab(self, who, cookie, conversation)
        self.tabs.append(tab)
        self._loop.call_soon_threadsafe(self.later, tab.stay())
        self._loop.call_soon_threadsafe(self.later, tab.talk())
        return tab

    def later(self, work: Any) -> None:
        """Do something beside everything else; in the loop's own thread."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def say(self, tab: Tab, more: str) -> None:
        """Have a tab say something now."""
        asyncio.run_coroutine_threadsafe(tab.say(more), self._loop).result(timeout=10)

    def connected(self) -> bool:
        """Whether all have a line."""
        return all(tab.socket is not None for tab in self.tabs)

    def settled(self) -> bool:
        """Whether all have a line, and everything said has its answer."""
        return self.connected() and not any(tab.waiting for tab in self.tabs)

    def shown(self) -> list[Shown]:
        """What each has on its screen."""
        return [Shown(tab.who, tab.conversation, list(tab.events)) for tab in self.tabs]

    def close(self) -> None:
        """End all of it."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(timeout=20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _end(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
