"""Fan-out: from an action to every open socket that shows its room.

Rooms are names: `c.7` a conversation, `t.3` the desks of a team, `q.3` those who wait for a team, `rights` changes of
what people may see, and sessions that ended. Each process has one hub on its event loop. An event is encoded once and
handed to the local connections of its room in a loop, and by Redis (chat/wire.py) to the hubs of other processes. No
socket waits for Redis, and nothing here is the truth: what gets lost on the way, connections replay from the database.
Since a change of rights may get lost too, or be made without a word, each process looks every LOOK seconds at the
rights of all its connections.
"""

import asyncio
import json
import logging
import os
import threading
from collections.abc import Iterator
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction

from chat import executor
from chat.models import Conversation
from chat.quota import Quota
from chat.rights import Session, look
from chat.turns import Turns
from chat.wire import Frame, Listener, Sender

logger = logging.getLogger(__name__)
RIGHTS = "rights"
RETRY = 1.0  # seconds between tries to look what was missed, while the database is away
LOOK = 8.0  # seconds between looks at everybody's rights: with the time it takes within 10
AT_ONCE = 2_000  # connections in the one query of a look, and conversations in that of a catching up


def conversation_room(pk: int) -> str:
    """Those who look at a conversation."""
    return f"c.{pk}"


def desk_room(team_id: int) -> str:
    """The desks of a team."""
    return f"t.{team_id}"


def queue_room(team_id: int) -> str:
    """Those who wait for a team: told when the queue moves or somebody comes to the desk."""
    return f"q.{team_id}"


def missed(room: str) -> Frame:
    """What makes those in a room look for themselves, when something in it may not have reached them."""
    kind, _dot, pk = room.partition(".")
    if kind == "c":
        return Frame(room, "")
    return Frame(
        room, _encoded({"type": "queue", "team": int(pk)} if kind == "q" else {"type": "desk", "conversation": 0})
    )


class Connection(Protocol):
    """What the hub knows of a socket. Calls are made on the event loop and must not wait."""

    session: Session
    audiences: dict[int, int]  # conversations that it follows → their audience when that was last looked at
    sent: dict[int, int]  # the same conversations → number of the last event that went out

    def deliver(self, frame: Frame) -> None:
        """Queue the frame for sending."""

    def doubt(self) -> None:
        """What this person may see has changed: look again before anything more is sent."""

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
        """A socket opened."""
        self.connections[connection] = set()
        if self._looker is None:
            self._looker = asyncio.create_task(self._look_again_and_again())
            if settings.REDIS_URL:
                self._listener.join(RIGHTS)

    def disconnect(self, connection: Connection) -> None:
        """A socket closed; it leaves every room."""
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
        """From here on the connection gets what happens in the room: here at once, in other processes as soon as Redis
        has been told. What happened there until then it replays."""
        if connection not in self.connections:
            return  # it closed meanwhile
        if room not in self.rooms:
            self.rooms[room] = set()
            if settings.REDIS_URL:
                self._listener.join(room)
        self.rooms[room].add(connection)
        self.connections[connection].add(room)

    def leave(self, room: str, connection: Connection) -> None:
        """No more of this room."""
        self.connections.get(connection, set()).discard(room)
        members = self.rooms.get(room, set())
        members.discard(connection)
        if not members and self.rooms.pop(room, None) is not None and settings.REDIS_URL:
            self._listener.leave(room)

    def publish(self, frame: Frame) -> None:
        """Hand a frame to the local connections of its room, and to the other processes."""
        self.deliver(frame)
        if settings.REDIS_URL:
            self.sender.send(frame)

    def deliver(self, frame: Frame) -> None:
        """Hand a frame to the local connections of its room."""
        if frame.room == RIGHTS:
            self._doubt(**json.loads(frame.text))
            return
        for connection in list(self.rooms.get(frame.room, ())):
            connection.deliver(frame)

    def _joined(self, room: str) -> None:
        self._behind.add(room)
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.create_task(self._catch_up())

    async def _catch_up(self) -> None:
        """Have those connections replay that missed something, by one query for many rooms."""
        while self._behind:
            behind, self._behind = self._behind, set()
            try:
                last = await executor.run_apart(_last_numbers, [int(room[2:]) for room in behind if room[:2] == "c."])
            except Exception as error:  # noqa: BLE001  # the database is away: what was missed is there afterwards
                logger.warning("Nothing could be replayed: %s", error)
                self._behind |= behind
                await asyncio.sleep(RETRY)
                continue
            for room in behind:
                self._catch_up_with(room, last)

    def _catch_up_with(self, room: str, last: dict[int, int]) -> None:
        kind, _dot, pk = room.partition(".")
        if room == RIGHTS:
            for connection in list(self.connections):
                connection.doubt()
        elif kind == "c":
            for connection in list(self.rooms.get(room, ())):
                if connection.sent.get(int(pk), 0) < last.get(int(pk), 0):
                    connection.deliver(Frame(room, ""))
        else:
            self.deliver(missed(room))

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
        now = await executor.run_apart(look, people, sessions, conversations)
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


def _last_numbers(pks: list[int]) -> dict[int, int]:
    def found() -> Iterator[tuple[int, int]]:
        for begin in range(0, len(pks), AT_ONCE):
            rows = Conversation.objects.filter(pk__in=pks[begin : begin + AT_ONCE])
            yield from rows.values_list("pk", "last_number")

    return dict(found())


_hub: Hub | None = None
_publisher: tuple[int, asyncio.AbstractEventLoop, Sender] | None = None
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
    _publish(Frame(room, _encoded(payload), payload.get("number", 0), payload.get("last", 0)))


def _encoded(payload: dict[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def _publish(frame: Frame) -> None:
    try:
        if _hub is not None and (_hub.loop.is_running() or not settings.REDIS_URL):
            _hub.loop.call_soon_threadsafe(_hub.publish, frame)
        elif settings.REDIS_URL:
            loop, sender = _own_sender()
            loop.call_soon_threadsafe(sender.send, frame)
    except RuntimeError:
        logger.info("The server is going down; a frame for %s stays in the database", frame.room)


def publish_on_commit(room: str, payload: dict[str, Any]) -> None:
    """Publish once the transaction commits."""
    transaction.on_commit(lambda: publish(room, payload))


def replay_on_commit(room: str) -> None:
    """Have every connection in the room of a conversation read for itself, once the transaction commits, what is new:
    for what not everybody in it may read."""
    transaction.on_commit(lambda: _publish(Frame(room, "")))


def _own_sender() -> tuple[asyncio.AbstractEventLoop, Sender]:
    """Of a process without sockets (WSGI workers, commands): a loop in a thread, and its sender."""
    global _publisher
    with _publisher_lock:
        if _publisher is None or _publisher[0] != os.getpid():  # a forked worker inherits no threads
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="chat-publisher", daemon=True).start()
            _publisher = (os.getpid(), loop, Sender())
        return _publisher[1:]
