"""Fan-out: from an action to every open socket that is in a room.

Each process has one hub on its event loop. An event is encoded once and handed to the local connections of its room in
a loop, and by Redis (live/wire.py) to the hubs of other processes. No socket waits for Redis. The database is the
truth: what gets lost on the way, connections read from there. A change of rights may get lost too, or be made without a
signal, so each process looks every LOOK seconds at the rights of all its connections.
"""

import asyncio
import json
import logging
import os
import threading
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction

from live import executor, rooms
from live.quota import Quota
from live.rights import Session, look
from live.rooms import RIGHTS, Envelope
from live.turns import Turns
from live.wire import Listener, Sender

logger = logging.getLogger(__name__)
RETRY = 1.0  # seconds between tries to find what was missed, while the database is away
LOOK = 8.0  # seconds between looks at everybody's rights: with the time it takes within 10
AT_ONCE = 2_000  # connections in the one query of a look


class Connection(Protocol):
    """What the hub knows of a socket. Calls are made on the event loop and must not wait."""

    session: Session
    audiences: dict[str, int]  # rooms with a log that it is in → their audience when that was last looked at
    logs: dict[str, int]  # the same rooms → number of the last event that was sent

    def deliver(self, envelope: Envelope) -> None:
        """Queue the envelope for sending."""

    def doubt(self) -> None:
        """What this person may see has changed: check it before anything more is sent."""

    def end(self) -> None:
        """The session has ended: close at once, send nothing more."""


class Hub:
    """The connections of one event loop, by room. Call its methods on that loop; none waits for Redis."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.rooms: dict[str, set[Connection]] = {}
        self.connections: dict[Connection, set[str]] = {}  # and the rooms that each is in
        self.quota = Quota()
        self.turns = Turns(max(1, settings.CHAT_THREADS - 1))
        self.sender = Sender()
        self._listener = Listener(self.sender.name, self.deliver, self._joined)
        self._looker: asyncio.Task[None] | None = None
        self._behind: set[str] = set()  # rooms in which something may have been missed
        self._catching_up: asyncio.Task[None] | None = None

    def connect(self, connection: Connection) -> None:
        """Add a socket that opened."""
        self.connections[connection] = set()
        if self._looker is None:
            self._looker = asyncio.create_task(self._look_again_and_again())
            if settings.REDIS_URL:
                self._listener.join(RIGHTS)

    def disconnect(self, connection: Connection) -> None:
        """Remove a socket that closed, from every room."""
        for room in list(self.connections.get(connection, ())):
            self.leave(room, connection)
        self.connections.pop(connection, None)
        if self.connections:
            return
        self._listener.stop()
        for task in (self._looker, self._catching_up):
            if task is not None:
                task.cancel()
        self._looker = self._catching_up = None
        self._behind.clear()

    def enter(self, room: str, connection: Connection) -> None:
        """Deliver to a connection what happens in a room from now on: here at once, in other processes as soon as Redis
        has been told. What happened there until then the connection replays."""
        if connection not in self.connections:
            return  # it closed meanwhile
        if room not in self.rooms:
            self.rooms[room] = set()
            if settings.REDIS_URL:
                self._listener.join(room)
        self.rooms[room].add(connection)
        self.connections[connection].add(room)

    def leave(self, room: str, connection: Connection) -> None:
        """Deliver no more of a room to a connection."""
        self.connections.get(connection, set()).discard(room)
        members = self.rooms.get(room, set())
        members.discard(connection)
        if not members and self.rooms.pop(room, None) is not None and settings.REDIS_URL:
            self._listener.leave(room)

    def is_in(self, room: str, connection: Connection) -> bool:
        """True if the connection is in the room."""
        return room in self.connections.get(connection, ())

    def publish(self, envelope: Envelope) -> None:
        """Hand an envelope to the local connections of its room, and to the other processes."""
        self.deliver(envelope)
        if settings.REDIS_URL:
            self.sender.send(envelope)

    def deliver(self, envelope: Envelope) -> None:
        """Hand an envelope to the local connections of its room."""
        if envelope.room == RIGHTS:
            self._doubt(**json.loads(envelope.text))
            return
        for connection in list(self.rooms.get(envelope.room, ())):
            connection.deliver(envelope)

    def _joined(self, room: str) -> None:
        self._behind.add(room)
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.create_task(self._catch_up())

    async def _catch_up(self) -> None:
        """Have those connections replay that missed something, by one query for many rooms."""
        while self._behind:
            behind, self._behind = self._behind, set()
            try:
                last = await executor.run_apart(rooms.last_numbers, list(behind))
            except Exception as error:  # noqa: BLE001  # the database is away: what was missed is there afterwards
                logger.warning("Nothing could be replayed: %s", error)
                self._behind |= behind
                await asyncio.sleep(RETRY)
                continue
            for room in behind:
                self._catch_up_with(room, last.get(room, 0))

    def _catch_up_with(self, room: str, last: int) -> None:
        if room == RIGHTS:
            for connection in list(self.connections):
                connection.doubt()
        elif rooms.log_of(room) is not None:
            for connection in list(self.rooms.get(room, ())):
                if connection.logs.get(room, 0) < last:
                    connection.deliver(Envelope(room, ""))
        else:
            self.deliver(rooms.missed(room))

    def _doubt(self, user: int | None = None, session: str = "", **rows: int) -> None:
        """Have those connections check their rights that belong to a person, or are in the room of a row: {name of the
        room: pk}. End those of a session."""
        named = [rooms.by_name(name, pk) for name, pk in rows.items()]
        doubtful = {c for room in named for c in self.rooms.get(room, ())}
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
        now = await executor.run_apart(look, people, sessions, {room for each in followed.values() for room in each})
        for connection in some:
            session = connection.session
            if session.user_id is not None and session.key in sessions and session.key not in now.sessions:
                connection.end()
                continue
            changed = any(now.audiences.get(room) != audience for room, audience in followed[connection].items())
            if session.user_id in people and now.people[session.user_id] != session.rights:
                session.rights, changed = now.people[session.user_id], True
            if changed:
                connection.doubt()


_hub: Hub | None = None
_publisher: tuple[int, asyncio.AbstractEventLoop, Sender] | None = None
_publisher_lock = threading.Lock()


def here() -> Hub:
    """Return the hub of the running event loop. The first call makes this loop the one that publishes go to."""
    global _hub
    loop = asyncio.get_running_loop()
    if _hub is None or _hub.loop is not loop:
        _hub = Hub(loop)
    return _hub


def publish(room: str, payload: dict[str, Any]) -> None:
    """Send `payload` to every connection in a room, from any thread of any process. Returns at once, never raises."""
    _publish(Envelope(room, rooms.encoded(payload), payload.get("number", 0), payload.get("last", 0)))


def _publish(envelope: Envelope) -> None:
    try:
        if _hub is not None and (_hub.loop.is_running() or not settings.REDIS_URL):
            _hub.loop.call_soon_threadsafe(_hub.publish, envelope)
        elif settings.REDIS_URL:
            loop, sender = _own_sender()
            loop.call_soon_threadsafe(sender.send, envelope)
    except RuntimeError:
        logger.info("The server is going down; a frame for %s stays in the database", envelope.room)


def publish_on_commit(room: str, payload: dict[str, Any]) -> None:
    """Publish once the transaction commits."""
    transaction.on_commit(lambda: publish(room, payload))


def replay_on_commit(room: str) -> None:
    """Have every connection in a room read its log once the transaction commits: for events that not everybody in the
    room may read."""
    transaction.on_commit(lambda: _publish(Envelope(room, "")))


def doubt_on_commit(*, user: int | None = None, session: str = "", **rows: int) -> None:
    """Have connections check their rights once the transaction commits: those of a person, or in the room of a row
    (`conversation=7`). `session`, a hash: end its connections."""
    payload: dict[str, Any] = rows | ({"user": user} if user is not None else {})
    publish_on_commit(RIGHTS, payload | ({"session": session} if session else {}))


def _own_sender() -> tuple[asyncio.AbstractEventLoop, Sender]:
    """Return the loop and sender of a process without sockets (WSGI workers, commands)."""
    global _publisher
    with _publisher_lock:
        if _publisher is None or _publisher[0] != os.getpid():  # a forked worker inherits no threads
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="live-publisher", daemon=True).start()
            _publisher = (os.getpid(), loop, Sender())
        return _publisher[1:]
