"""The one consumer of sockets. It knows sessions, rooms and the shape of frames; packages declare what they are about.

Protocol: docs/socket-protocol.md. Frames come in one at a time; the socket goes on with later frames while one that is
declared `concurrent` waits. While the database does not answer, frames are answered `failed`; no socket is closed for
that.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import parse_qs

from channels.consumer import get_handler_name
from django.utils.module_loading import import_string

from live import executor, hub, presence, schema
from live.close_codes import (
    BAD_FRAME,
    SIGNED_OUT,
    TOO_FAST,
    TOO_LARGE,
    TOO_MANY_SOCKETS,
    TRY_AGAIN_LATER,
    VERSION_UNKNOWN,
)
from live.connections import RoomConnection
from live.rights import Session, SignedOut
from live.turns import Failed, Full, first_line
from web.live import BadFrame, Refused
from web.outages import UNANSWERED

logger = logging.getLogger(__name__)
T = TypeVar("T")
DRAIN = 10.0  # seconds for frames still under way when a socket closed
UNDER_WAY = 50  # concurrent frames of one socket


class SocketConsumer(RoomConnection):
    """One open socket."""

    joined = counted = False

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Channels would first close idle database connections in a thread; none is used on this side."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        """Accept, say hello; close again without a person or visitor. The most costly check comes last."""
        self.session = Session(self.scope)
        if hub.here().quota.knocking.take(self.session.who):
            return await self.close()
        self.prepare()
        self.under_way: set[asyncio.Task[None]] = set()
        await self.accept()
        version = str(schema.VERSION)
        if parse_qs(self.scope["query_string"].decode("latin-1")[:200]).get("v", [version]) != [version]:
            await self.close(VERSION_UNKNOWN)
        elif not (self.session.key or self.session.visitor):
            await self.close(SIGNED_OUT)
        else:
            try:
                await self._begin()
            except UNANSWERED as error:
                logger.warning("A socket cannot be opened: the database does not answer: %s", first_line(error))
                await self.close(TRY_AGAIN_LATER)

    async def _begin(self) -> None:
        """Join the hub first and read the session then: a sign-out in between is not missed."""
        self.joined = True
        hub.here().connect(self)
        await executor.run(self.session.find)
        quota, who = hub.here().quota, self.session.who
        if not self.session.somebody:
            return await self.close(SIGNED_OUT)
        if quota.opening.take(who):
            return await self.close(TOO_FAST)
        self.counted = quota.enter(who, self)
        if not self.counted:
            return await self.close(TOO_MANY_SOCKETS)
        try:
            await executor.run(self.session.check)
        except SignedOut:
            return await self.close(SIGNED_OUT)
        if self._closing is None:
            self.start_sending()
            self.reply({"type": "hello", "version": schema.VERSION, "heartbeat": presence.HEARTBEAT})

    async def disconnect(self, code: int) -> None:
        """Leave every room, and let each package know."""
        if not self.joined:
            return
        await self.stop_sending()
        if self.counted:
            hub.here().quota.leave(self.session.who, self)
        hub.here().disconnect(self)
        for each in self.subscriptions.values():
            await each.closed()
        if self.under_way:  # what was sent before closing is carried out
            await asyncio.wait(self.under_way, timeout=DRAIN)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Check size, rate and shape of a frame, then hand it to the handler of its type."""
        if self.over:
            return
        if text_data is None or len(text_data) > schema.MAX_FRAME:
            return await self.close(TOO_LARGE if text_data else BAD_FRAME)
        if hub.here().quota.frames.take(self.session.who):
            return await self.close(TOO_FAST)
        try:
            frame = schema.parse(text_data)
        except BadFrame as refused:
            return self.reply({"type": "error", "code": refused.code, **refused.about})
        if not schema.frames()[frame["type"]].concurrent:
            await self._carry_out(frame)
        elif len(self.under_way) < UNDER_WAY:
            task = asyncio.create_task(self._carry_out(frame))
            self.under_way.add(task)
            task.add_done_callback(self.under_way.discard)
        else:
            self.reply({"type": "error", "code": "too_fast", "retry_after": 1, **schema.about(frame)})

    async def _carry_out(self, frame: dict[str, Any]) -> None:
        about = schema.about(frame)
        try:
            await self._handle(frame)
        except Refused as refusal:
            extra = {"retry_after": refusal.retry_after} if refusal.retry_after else {}
            self.reply({"type": "error", "code": refusal.code, **about, **extra})
        except SignedOut:
            await self.close(SIGNED_OUT)
        except UNANSWERED as error:
            logger.warning("A frame (%s) failed: the database does not answer: %s", frame["type"], first_line(error))
            self.reply({"type": "error", "code": "failed", **about})
        except Exception:
            logger.exception("A frame failed")
            self.reply({"type": "error", "code": "failed", **about})

    async def _handle(self, frame: dict[str, Any]) -> None:
        declared = schema.frames()[frame["type"]]
        if declared.costly and (wait := hub.here().quota.work.take(self.session.who)):
            raise Refused("too_fast", wait)
        await import_string(declared.handler)(self, frame)

    async def in_turn(self, room: str, attempt: Callable[[int], Awaitable[T]]) -> T:
        """Return what `attempt(n)` returns, after all earlier frames that change the row of a room. Raises Refused.

        Anybody may name a row that they cannot see. Frames of a socket that is not in its room wait in a line of that
        person, and for the row itself.
        """
        try:
            return await hub.here().turns.run(room if room in self.logs else (self.session.who, room), attempt)
        except Failed:
            raise Refused("failed") from None
        except Full:
            raise Refused("too_fast", 1) from None
