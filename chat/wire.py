"""The wire between processes: Redis pub/sub, by which a hub hears what happens in other processes.

Nobody waits for it: frames are handed to `Sender.send`, rooms to `Listener.join` and `leave`, and both do the rest in a
task of their own. What gets lost is told: after Redis was away the sender has the rooms of what it could not send look
in the database, and the listener reports each room whose subscription Redis confirmed, the first time and after every
interruption, since what happened in it before that may have been missed.
"""

import asyncio
import contextlib
import logging
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import RedisError

from web.backoff import Backoff

logger = logging.getLogger(__name__)
PATIENCE = 4.0  # seconds for an answer; nobody waits for these
BEAT = 3.0  # seconds without a word after which Redis is asked for a sign of life …
SILENT = 9.0  # … and after which the connection counts as cut, though nobody said so
AT_ONCE = 500  # frames or rooms in one round trip
MOST = 10_000  # frames that wait for Redis; of older ones only the rooms are kept


@dataclass(frozen=True, slots=True)
class Frame:
    """One event on its way: its room, its text as sockets get it ("": look in the database), its number in the
    conversation (0: not numbered), and for the state of a conversation the number of the event it followed."""

    room: str
    text: str
    number: int = 0
    last: int = 0


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
    """Sends the frames of this process to all others. Belongs to one event loop."""

    def __init__(self, name: str = "") -> None:
        self.name = name or uuid.uuid4().hex  # of this process: its own frames it has delivered already
        self._frames: deque[Frame] = deque()
        self._lost: dict[str, Frame] = {}  # room → what to tell it once Redis answers
        self._waiting = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def send(self, frame: Frame) -> None:
        """Send it soon. Call this on the loop."""
        self._frames.append(frame)
        while len(self._frames) > MOST:
            self._lose(self._frames.popleft())
        self._waiting.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Close the connection; the next frame opens another."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        backoff = Backoff(first=0.25, most=2)
        async with _redis() as redis:
            while True:
                if not self._frames and not self._lost:
                    self._waiting.clear()
                    await self._waiting.wait()
                frames = [self._frames.popleft() for _ in range(min(AT_ONCE, len(self._frames)))]
                frames += [self._lost.pop(room) for room in list(self._lost)[: AT_ONCE - len(frames)]]
                try:
                    async with asyncio.timeout(PATIENCE):
                        await self._publish(redis, frames)
                except (RedisError, OSError) as error:
                    for frame in frames:
                        self._lose(frame)
                    if not backoff.failures:
                        logger.warning("Nothing is sent to other processes: Redis does not answer: %s", error)
                    await asyncio.sleep(backoff.failed())
                else:
                    backoff.succeeded()

    async def _publish(self, redis: Any, frames: list[Frame]) -> None:
        pipeline = redis.pipeline(transaction=False)
        for frame in frames:
            text = f"{self.name} {frame.number} {frame.last} {frame.text}"
            pipeline.publish(_prefix() + frame.room, text)
        await pipeline.execute()

    def _lose(self, frame: Frame) -> None:
        """Keep of a frame what says that there was one."""
        self._lost[frame.room] = Frame(frame.room, "") if frame.room.startswith("c.") else frame


class Listener:
    """Hears what other processes send to the rooms of this one. Belongs to one event loop; `deliver` and `joined` are
    called on it and must not wait."""

    def __init__(self, name: str, deliver: Callable[[Frame], None], joined: Callable[[str], None]) -> None:
        self.name = name
        self._deliver, self._joined = deliver, joined
        self._rooms: set[str] = set()  # those that are wanted
        self._changed: set[str] = set()
        self._change = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def join(self, room: str) -> None:
        """Hear of this room; `joined` is called once that is so, and again after every interruption."""
        self._rooms.add(room)
        self._note(room)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def leave(self, room: str) -> None:
        """No more of it."""
        self._rooms.discard(room)
        self._note(room)

    def stop(self) -> None:
        """Leave every room and close the connection."""
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self._rooms.clear()
        self._change = asyncio.Event()  # what the task that is ending waits for does not come any more

    def _note(self, room: str) -> None:
        self._changed.add(room)
        self._change.set()

    async def _run(self) -> None:
        backoff = Backoff(first=0.25, most=4)
        while True:
            try:
                await self._listen(backoff)
            except Exception as error:  # noqa: BLE001  # whatever Redis or its client raises, it is tried again
                if not backoff.failures:
                    logger.warning("Other processes are not heard: %s", error or type(error).__name__)
            await asyncio.sleep(backoff.failed())

    async def _listen(self, backoff: Backoff) -> None:
        """Subscribe to all rooms and hand on what comes, until the connection ends. Raises what ended it."""
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
                        raise Unreachable(f"not a word for {SILENT:.0f} s")
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
        """Send Redis what has changed since; its answers come between the messages. `asked`: what it was asked for."""
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
                self._deliver(Frame(room, text, int(number), int(last)))
