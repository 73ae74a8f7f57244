"""Fan-out: from an action to every open socket that shows its room.

Rooms are names: `c.7` a conversation, `t.3` the desks of a team, `q.3` those who wait for a team, `rights` changes of
what people may see, and sessions that ended. Each process has one hub on its event loop and, with Redis, one layer
channel that joins the group of a room when the first local connection enters it. An event is encoded once and handed to
those connections in a loop. Nothing here is the truth: what gets lost on the way, connections replay from the database.
Since a change of rights may get lost too, or be made without a word, each process looks every LOOK seconds at the
rights of all its connections.
"""

import asyncio
import contextlib
import json
import logging
import os
import threading
from dataclasses import dataclass
from typing import Any, Protocol

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import transaction
from redis import RedisError

from chat import threads
from chat.quota import Quota
from chat.rights import Session, look

logger = logging.getLogger(__name__)
RIGHTS = "rights"
RETRY = 1.0  # seconds between tries to join, while Redis is away
LOOK = 8.0  # seconds between looks at everybody's rights: with the time it takes within 10
AT_ONCE = 2_000  # connections in the one query of a look


def conversation_room(pk: int) -> str:
    """Those who look at a conversation."""
    return f"c.{pk}"


def desk_room(team_id: int) -> str:
    """The desks of a team."""
    return f"t.{team_id}"


def queue_room(team_id: int) -> str:
    """Those who wait for a team: told when the queue moves or somebody comes to the desk."""
    return f"q.{team_id}"


@dataclass(frozen=True, slots=True)
class Frame:
    """One event on its way: its room, its text as sockets get it, its number in the conversation (0: not numbered)."""

    room: str
    text: str
    number: int = 0


class Connection(Protocol):
    """What the hub knows of a socket. Calls are made on the event loop and must not wait."""

    session: Session
    audiences: dict[int, int]  # conversations that it follows → their audience when that was last looked at

    def deliver(self, frame: Frame) -> None:
        """Queue the frame for sending."""

    def doubt(self) -> None:
        """What this person may see has changed: look again before anything more is sent."""

    def end(self) -> None:
        """The session has ended: close at once, send nothing more."""


class Hub:
    """The connections of one event loop, by room."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.rooms: dict[str, set[Connection]] = {}
        self.connections: set[Connection] = set()
        self.quota = Quota()
        self._looker: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._channel = ""
        self._reader: asyncio.Task[None] | None = None
        self._missing: set[str] = set()  # rooms whose groups could not be joined
        self._joiner: asyncio.Task[None] | None = None

    async def connect(self, connection: Connection) -> None:
        """A socket opened."""
        self.connections.add(connection)
        if self._looker is None:
            self._looker = asyncio.create_task(self._look_again_and_again())
        layer = get_channel_layer()
        if not _in_process(layer):
            async with self._lock:
                if not self._channel:
                    await self._join(layer, RIGHTS)

    async def disconnect(self, connection: Connection) -> None:
        """A socket closed; it leaves every room."""
        self.connections.discard(connection)
        for room in [name for name, members in self.rooms.items() if connection in members]:
            await self.leave(room, connection)
        if self.connections:
            return
        for task in (self._reader, self._looker):
            if task is not None:
                task.cancel()
        self._reader, self._looker, self._channel = None, None, ""

    async def enter(self, room: str, connection: Connection) -> None:
        """From here on the connection gets what happens in the room."""
        self.rooms.setdefault(room, set()).add(connection)
        layer = get_channel_layer()
        if not _in_process(layer):
            async with self._lock:  # whoever comes second waits until the first has subscribed
                await self._join(layer, room)

    async def _join(self, layer: Any, room: str) -> bool:
        """Join the layer's group of a room; whether that went well. While Redis is away it is tried again later."""
        try:
            if not self._channel:
                self._channel = await layer.new_channel("hub.")
                self._reader = asyncio.create_task(self._read(layer))
            await layer.group_add(room, self._channel)
        except Exception as error:  # noqa: BLE001  # whatever Redis or its client raises, the database has the events
            logger.warning("Not in %s yet: the channel layer does not answer: %s", room, error)
            self._missing.add(room)
            if self._joiner is None or self._joiner.done():
                self._joiner = asyncio.create_task(self._join_later(layer))
            return False
        self._missing.discard(room)
        return True

    async def _join_later(self, layer: Any) -> None:
        """Join what could not be joined, and have the connections look up what they missed."""
        while self._missing and self.connections:
            await asyncio.sleep(RETRY)
            for room in list(self._missing):
                async with self._lock:
                    joined = room in self.rooms or room == RIGHTS
                    if not joined:
                        self._missing.discard(room)
                    elif not await self._join(layer, room):
                        break
                if joined:
                    self._look_up(room)
        self._missing.clear()

    def _look_up(self, room: str) -> None:
        if room == RIGHTS:
            for connection in list(self.connections):
                connection.doubt()
        else:
            self.deliver(Frame(room, ""))

    async def leave(self, room: str, connection: Connection) -> None:
        """No more of this room."""
        members = self.rooms.get(room, set())
        members.discard(connection)
        if members or room not in self.rooms:
            return
        layer = get_channel_layer()
        if not _in_process(layer):
            async with self._lock:
                if not self.rooms.get(room):
                    with contextlib.suppress(RedisError):  # while Redis is away there is nothing to leave
                        await layer.group_discard(room, self._channel)
        if not self.rooms.get(room):
            self.rooms.pop(room, None)

    def deliver(self, frame: Frame) -> None:
        """Hand a frame to the local connections of its room."""
        if frame.room == RIGHTS:
            self._doubt(**json.loads(frame.text))
            return
        for connection in list(self.rooms.get(frame.room, ())):
            connection.deliver(frame)

    def _doubt(self, user: int | None = None, conversation: int = 0, session: str = "") -> None:
        doubtful = set(self.rooms.get(conversation_room(conversation), ()))
        doubtful |= {c for c in self.connections if user is not None and c.session.user_id == user}
        for connection in doubtful:
            connection.doubt()
        for connection in [c for c in self.connections if session and c.session.hash == session]:
            connection.end()

    async def _look_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  # the database is away: then nothing new can be sent either
                logger.warning("Nobody's rights could be looked at: %s", error)

    async def look(self) -> None:
        """Look at the sessions and rights of all connections: one query, or one for each AT_ONCE of them."""
        everybody = list(self.connections)
        for begin in range(0, len(everybody), AT_ONCE):
            await self._look_at(everybody[begin : begin + AT_ONCE])

    async def _look_at(self, some: list[Connection]) -> None:
        people = {c.session.user_id for c in some if c.session.user_id is not None}
        sessions = {c.session.key for c in some if c.session.user_id is not None}
        followed = {c: dict(c.audiences) for c in some}
        conversations = {pk for audiences in followed.values() for pk in audiences}
        now = await threads.run_apart(look, people, sessions, conversations)
        for connection in some:
            session = connection.session
            if session.user_id is not None and session.key in sessions and session.key not in now.sessions:
                connection.end()
                continue
            changed = any(now.audiences.get(pk) != audience for pk, audience in followed[connection].items())
            if session.user_id in people and now.people[session.user_id] != session.rights:
                session.rights, changed = now.people[session.user_id], True
            if changed:
                connection.doubt()

    async def _read(self, layer: Any) -> None:
        while True:
            message = await layer.receive(self._channel)
            self.deliver(Frame(message["room"], message["text"], message["number"]))


_hub: Hub | None = None
_publisher: tuple[int, asyncio.AbstractEventLoop] | None = None
_publisher_lock = threading.Lock()


def here() -> Hub:
    """The hub of the running event loop; the first call makes this loop the one that publishes go to."""
    global _hub
    loop = asyncio.get_running_loop()
    if _hub is None or _hub.loop is not loop:
        _hub = Hub(loop)
    return _hub


def publish(room: str, payload: dict[str, Any]) -> None:
    """Send `payload` to every connection in a room, from any thread of any process. Returns at once, never raises."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    _publish(Frame(room, text, payload.get("number", 0)))


def _publish(frame: Frame) -> None:
    layer = get_channel_layer()
    try:
        if not _in_process(layer):
            asyncio.run_coroutine_threadsafe(_send(layer, frame), _publishing_loop())
        elif _hub is not None:
            # `group_send` through the in-memory layer would not wake the loop, and it drops what exceeds its capacity.
            _hub.loop.call_soon_threadsafe(_hub.deliver, frame)
    except RuntimeError:
        logger.info("The server is going down; a frame for %s stays in the database", frame.room)


def publish_on_commit(room: str, payload: dict[str, Any]) -> None:
    """Publish once the transaction commits."""
    transaction.on_commit(lambda: publish(room, payload))


def replay_on_commit(room: str) -> None:
    """Have every connection in the room of a conversation read for itself, once the transaction commits, what is new:
    for what not everybody in it may read."""
    transaction.on_commit(lambda: _publish(Frame(room, "")))


def _in_process(layer: Any) -> bool:
    return layer is None or isinstance(layer, InMemoryChannelLayer)


async def _send(layer: Any, frame: Frame) -> None:
    try:
        message = {"type": "hub", "room": frame.room, "text": frame.text, "number": frame.number}
        await layer.group_send(frame.room, message)
    except Exception:  # noqa: BLE001  # whatever Redis or its client raises, the database has the event
        logger.warning("No fan-out to %s: the channel layer does not answer", frame.room, exc_info=True)
        if _hub is not None and _hub.loop is asyncio.get_running_loop():
            _hub.deliver(frame)


def _publishing_loop() -> asyncio.AbstractEventLoop:
    """The server's loop where there is one; else (WSGI workers, commands) one in a thread of this process."""
    global _publisher
    if _hub is not None and _hub.loop.is_running():
        return _hub.loop
    with _publisher_lock:
        if _publisher is None or _publisher[0] != os.getpid():  # a forked worker inherits no threads
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="chat-publisher", daemon=True).start()
            _publisher = (os.getpid(), loop)
        return _publisher[1]
