"""The wire between processes: Redis pub/sub, by which a hub hears what happens in other processes.

Nobody waits for it: `Sender.send`, `Listener.join` and `leave` return at once, and a task of each does the rest. A loss
is reported. After Redis was away, the sender tells each room of what it could not send to look in the database. The
listener reports each room whose subscription Redis confirmed, the first time and after every interruption, since
something may have been missed in it before that.
"""

import asyncio
import contextlib
import logging
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from django.conf import settings
from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import RedisError

from live.rooms import Envelope, log_of
from web.backoff import Backoff

logger = logging.getLogger(__name__)
PATIENCE = 4.0  # seconds for an answer from Redis
BEAT = 3.0  # seconds of silence after which Redis is pinged
SILENT = 9.0  # seconds of silence after which the connection counts as cut
AT_ONCE = 500  # envelopes or rooms in one round trip
MOST = 10_000  # envelopes that wait for Redis; of older ones only the rooms are kept


@contextlib.asynccontextmanager
async def _redis() -> AsyncIterator[Any]:
    again = Retry(NoBackoff(), 1, supported_errors=(Unreachable,))  # for a connection that went stale
    options: dict[str, Any] = {
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
        "socket_keepalive": True,
        "retry": again,
    }
    client = aioredis.Redis.from_url(settings.REDIS_URL, protocol=2, **options)
    try:
        yield client
    finally:
        await client.aclose()


def _prefix() -> str:
    return f"{settings.REDIS_PREFIX}.room."


class Sender:
    """Sends the envelopes of this process to all others. Belongs to one event loop."""

    def __init__(self, name: str = "") -> None:
        self.name = name or uuid.uuid4().hex  # of this process, whose own envelopes are delivered already
        self._queue: deque[Envelope] = deque()
        self._lost: dict[str, Envelope] = {}  # room → what to send once Redis answers
        self._waiting = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def send(self, envelope: Envelope) -> None:
        """Send an envelope soon. Call this on the loop."""
        self._queue.append(envelope)
        while len(self._queue) > MOST:
            self._lose(self._queue.popleft())
        self._waiting.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Close the connection; the next envelope opens another."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        backoff = Backoff(first=0.25, most=2)
        async with _redis() as redis:
            while True:
                if not self._queue and not self._lost:
                    self._waiting.clear()
                    await self._waiting.wait()
                envelopes = [self._queue.popleft() for _ in range(min(AT_ONCE, len(self._queue)))]
                envelopes += [self._lost.pop(room) for room in list(self._lost)[: AT_ONCE - len(envelopes)]]
                try:
                    async with asyncio.timeout(PATIENCE):
                        await self._publish(redis, envelopes)
                except (RedisError, OSError) as error:
                    for envelope in envelopes:
                        self._lose(envelope)
                    if not backoff.failures:
                        logger.warning("Nothing is sent to other processes: Redis does not answer: %s", error)
                    await asyncio.sleep(backoff.failed())
                else:
                    backoff.succeeded()

    async def _publish(self, redis: Any, envelopes: list[Envelope]) -> None:
        pipeline = redis.pipeline(transaction=False)
        for envelope in envelopes:
            text = f"{self.name} {envelope.number} {envelope.last} {envelope.text}"
            pipeline.publish(_prefix() + envelope.room, text)
        await pipeline.execute()

    def _lose(self, envelope: Envelope) -> None:
        """Keep what tells the room of the loss: the latest envelope, or for a room with a log that there was one."""
        self._lost[envelope.room] = Envelope(envelope.room, "") if log_of(envelope.room) else envelope


class Listener:
    """Receives what other processes send to the rooms of this one. Belongs to one event loop.

    `deliver` and `joined` are called on that loop and must not wait.
    """

    def __init__(self, name: str, deliver: Callable[[Envelope], None], joined: Callable[[str], None]) -> None:
        self.name = name
        self._deliver, self._joined = deliver, joined
        self._rooms: set[str] = set()  # those to be subscribed to
        self._changed: set[str] = set()
        self._change = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def join(self, room: str) -> None:
        """Subscribe to a room. `joined` is called once Redis confirmed it, and again after every interruption."""
        self._rooms.add(room)
        self._note(room)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def leave(self, room: str) -> None:
        """Unsubscribe from a room."""
        self._rooms.discard(room)
        self._note(room)

    def stop(self) -> None:
        """Leave every room and close the connection."""
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self._rooms.clear()
        self._change = asyncio.Event()  # the task that is ending waits for the old one

    def _note(self, room: str) -> None:
        self._changed.add(room)
        self._change.set()

    async def _run(self) -> None:
        backoff = Backoff(first=0.25, most=4)
        while True:
            try:
                await self._listen(backoff)
            except Exception as error:  # noqa: BLE001  # whatever Redis or its client raises, try again
                if not backoff.failures:
                    logger.warning("Other processes are not heard: %s", error or type(error).__name__)
            await asyncio.sleep(backoff.failed())

    async def _listen(self, backoff: Backoff) -> None:
        """Subscribe to all rooms and deliver what comes, until the connection ends. Raises what ended it."""
        async with _redis() as redis, redis.pubsub() as pubsub:
            asked: set[str] = set()
            change = self._change = asyncio.Event()
            self._changed = set(self._rooms)
            await self._ask(pubsub, asked)
            asking = asyncio.create_task(self._go_on_asking(pubsub, asked, change))
            heard = time.monotonic()
            try:
                while not asking.done():
                    message = await pubsub.get_message(timeout=BEAT)
                    if message is not None:
                        heard = time.monotonic()
                        backoff.succeeded()
                        self._receive(message)
                    elif time.monotonic() - heard > SILENT:
                        raise Unreachable(f"silent for {SILENT:.0f} s")
                    else:
                        await pubsub.ping()
                await asking
            finally:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)

    async def _go_on_asking(self, pubsub: Any, asked: set[str], change: asyncio.Event) -> None:
        while True:
            await change.wait()
            change.clear()
            if change is not self._change:
                return  # the listener was stopped, and another task of it listens
            await self._ask(pubsub, asked)

    async def _ask(self, pubsub: Any, asked: set[str]) -> None:
        """Send Redis the subscriptions that changed; it answers between the messages. `asked`: those sent before."""
        changed, self._changed = self._changed, set()
        new = [room for room in changed if room in self._rooms and room not in asked]
        old = [room for room in changed if room not in self._rooms and room in asked]
        for change, rooms in ((pubsub.subscribe, new), (pubsub.unsubscribe, old)):
            for begin in range(0, len(rooms), AT_ONCE):
                await change(*(_prefix() + room for room in rooms[begin : begin + AT_ONCE]))
        asked.update(new)
        asked.difference_update(old)

    def _receive(self, message: dict[str, Any]) -> None:
        room = (message["channel"] or b"").decode().removeprefix(_prefix())
        if message["type"] == "subscribe":
            self._joined(room)
        elif message["type"] == "message":
            name, number, last, text = message["data"].decode().split(" ", 3)
            if name != self.name:
                self._deliver(Envelope(room, text, int(number), int(last)))
