"""The socket of a browser tab: all its conversations, and the desk. Frames: docs/chat-protocol.md.

Frames come in one at a time; those that change a conversation take turns there (chat/turns.py), while the socket goes
on with others. Whatever goes out goes through one bounded queue and one task, so order holds, and a reader who cannot
keep up is sent away (4408) and replays from the database when they come back. An outage of the database is answered
`failed`; it closes no socket.
"""

import asyncio
import contextlib
import json
import logging
from typing import Any
from urllib.parse import parse_qs

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer

from chat import executor, handlers, hub, presence, schema
from chat.frames import MAX_FRAME, VERSION
from chat.handlers import Refused
from chat.rights import Session, SignedOut
from chat.turns import first_line
from chat.wire import Frame
from web.backoff import Backoff
from web.outages import UNANSWERED

logger = logging.getLogger(__name__)
QUEUE = 256  # frames that may wait for one slow reader
DRAIN = 10.0  # seconds for what was still under way when a socket closed
UNDER_WAY = 50  # frames of one socket that may wait for their turn
BAD_FRAME, SIGNED_OUT, VERSION_UNKNOWN, TOO_SLOW, TOO_LARGE, TOO_FAST = 4400, 4401, 4406, 4408, 4413, 4429
TOO_MANY_SOCKETS = 4430
TRY_AGAIN_LATER = 1013
_END = Frame("", "")


class ChatConsumer(AsyncWebsocketConsumer):
    """One open socket."""

    sender: asyncio.Task[None] | None = None
    joined = counted = doubtful = over = False
    _closing: asyncio.Future[None] | None = None

    # -- life ---------------------------------------------------------------------------------

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Channels would first close idle database connections in a thread; none is used on this side."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        """Accept, say hello; without a person or visitor, close again. What costs most is looked at last."""
        self.session = Session(self.scope)
        if hub.here().quota.knocking.take(self.session.who):
            return await self.close()
        self.outgoing: asyncio.Queue[Frame] = asyncio.Queue(QUEUE)
        self.sent: dict[int, int] = {}  # conversation → number of the last event that went out
        self.audiences: dict[int, int] = {}  # the same conversations → their audience when last looked at
        self.asking: dict[int, int] = {}  # conversations in which this person asks → their team
        self.queue_teams: set[int] = set()  # those teams: whose queue this socket hears of
        self.desk_teams: set[int] = set()
        self.typed: dict[int, float] = {}
        self.under_way: set[asyncio.Task[None]] = set()
        self.behind: set[str] = set()  # rooms of which something waits for the database
        self.pause = Backoff(first=0.5, most=5)
        await self.accept()
        if parse_qs(self.scope["query_string"].decode("latin-1")[:200]).get("v", [str(VERSION)]) != [str(VERSION)]:
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
        """First the hub, then the session: whoever signs out in between is told of rather than missed."""
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
            self.sender = asyncio.create_task(self._send_all())
            self.reply({"type": "hello", "version": VERSION, "heartbeat": presence.HEARTBEAT})

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close once; what the client had sent already is not looked at any more."""
        if not self.over:
            self.over = True
            with contextlib.suppress(OSError):  # they closed first
                await super().close(code, reason)

    async def disconnect(self, code: int) -> None:
        """Leave every room; say so where nobody else of this person stays."""
        if not self.joined:
            return
        if self.sender is not None:
            self.sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.sender
        if self.counted:
            hub.here().quota.leave(self.session.who, self)
        hub.here().disconnect(self)
        await self._gone(set(self.asking), set(self.desk_teams))
        if self.under_way:  # what was sent before closing is carried out
            await asyncio.wait(self.under_way, timeout=DRAIN)

    async def _gone(self, asking: set[int], teams: set[int]) -> None:
        rooms = hub.here().rooms
        asking = {pk for pk in asking if not any(pk in c.asking for c in rooms.get(hub.conversation_room(pk), ()))}  # type: ignore[attr-defined]
        still = {c.session.user_id for pk in teams for c in rooms.get(hub.desk_room(pk), ())}
        agent = self.session.user_id
        if asking or (teams and agent not in still):
            await executor.run(handlers.gone, asking, agent if teams else None, teams)

    # -- out ----------------------------------------------------------------------------------

    def reply(self, payload: dict[str, Any]) -> None:
        """Queue a frame for this connection alone."""
        self.deliver(Frame("", json.dumps(payload, ensure_ascii=False, separators=(",", ":"))))

    def deliver(self, frame: Frame) -> None:
        """Queue a frame. A full queue ends the connection: it would fall behind for good."""
        try:
            self.outgoing.put_nowait(frame)
        except asyncio.QueueFull:
            self.end(TOO_SLOW)

    def end(self, code: int = SIGNED_OUT) -> None:
        """Close at once, whatever still waits to be sent."""
        if self._closing is None:
            if self.sender is not None:
                self.sender.cancel()
            self._closing = asyncio.ensure_future(self.close(code))

    def doubt(self) -> None:
        """Rights changed: the sender looks again before anything more goes out."""
        self.doubtful = True
        self.deliver(_END)

    async def _send_all(self) -> None:
        try:
            while True:
                await self._send_surely(await self.outgoing.get())
        except SignedOut:
            self.end()
        except OSError:
            logger.debug("The client left while something was sent")
        except Exception:
            logger.exception("A socket ends: sending failed")
            self.end(1011)

    async def _send_surely(self, frame: Frame) -> None:
        """Send a frame, and first look again when that is due. What the database is needed for comes later while it
        does not answer; replies go on."""
        if frame.room and frame.room in self.behind:
            return
        own = not frame.room and frame is not _END
        try:
            if self.doubtful and not (own and self.pause.left()):
                await self._look_again()
            await self._send_one(frame)
            if frame.room and not frame.text:
                self.pause.succeeded()
        except UNANSWERED as error:
            if not self.pause.failures:
                logger.warning("A socket waits: the database does not answer: %s", first_line(error))
            if not self.pause.left():
                asyncio.get_running_loop().call_later(self.pause.failed(), self._go_on)
            if own:
                await self._send_one(frame)
            elif frame.room:
                self.behind.add(frame.room)

    def _go_on(self) -> None:
        """Replay what could not be sent."""
        behind, self.behind = self.behind, set()
        for room in behind:
            self.deliver(hub.missed(room))
        if self.doubtful:
            self.deliver(_END)

    async def _send_one(self, frame: Frame) -> None:
        kind, _, pk = frame.room.partition(".")
        if frame is _END or (kind == "c" and int(pk) not in self.sent):
            return
        if (kind == "t" and int(pk) not in self.desk_teams) or (kind == "q" and int(pk) not in self.queue_teams):
            return
        if kind == "c" and 0 < frame.last < self.sent[int(pk)]:
            return  # how it stood before something that went out already
        if not frame.number:
            if frame.text:
                await self.send(text_data=frame.text)
            elif kind == "c":
                await self._replay(int(pk))
        elif frame.number == self.sent[int(pk)] + 1:
            self.sent[int(pk)] = frame.number
            await self.send(text_data=frame.text)
        elif frame.number > self.sent[int(pk)]:
            await self._replay(int(pk))  # something got lost or overtaken on the way

    async def _replay(self, pk: int) -> None:
        """Send from the database what this connection has not had yet. Rights may end before it hears of them."""
        while pk in self.sent:
            try:
                texts = await executor.run(handlers.events_after, self.session, pk, self.sent[pk])
            except Refused:
                return await self._send_gone(pk)
            for number, text in texts:
                self.sent[pk] = number
                await self.send(text_data=text)
            if len(texts) < handlers.PAGE:
                return

    async def _look_again(self) -> None:
        """Drop what this person may no longer see."""
        self.doubtful, asked = False, set(self.sent)
        try:
            seen, teams = await executor.run(handlers.still_visible, self.session, list(asked))
        except UNANSWERED:
            self.doubtful = True
            raise
        if set(self.sent) - asked:  # subscribed to meanwhile, perhaps by what held before the doubt
            self.doubt()
        for pk in asked.intersection(self.sent) - set(seen):
            await self._send_gone(pk)
        for pk, (audience, team) in seen.items():
            self.audiences[pk] = audience
            if pk in self.asking:
                self.asking[pk] = team
        for pk in self.wait_for_teams():  # what was said in its room before this came too early
            await self.send(text_data=json.dumps({"type": "queue", "team": pk}))
        for pk in self.desk_teams - teams:
            self.desk_teams.discard(pk)
            hub.here().leave(hub.desk_room(pk), self)

    async def _send_gone(self, pk: int) -> None:
        self.drop(pk)
        await self.send(text_data=json.dumps({"type": "gone", "conversation": pk}))

    def drop(self, pk: int) -> None:
        """No more of this conversation."""
        for known in (self.sent, self.audiences, self.asking, self.typed):
            known.pop(pk, None)
        hub.here().leave(hub.conversation_room(pk), self)
        self.wait_for_teams()

    def wait_for_teams(self) -> set[int]:
        """Hear of the queues of the teams that this person asks now, and of no others. Returns those that are new."""
        wanted = set(self.asking.values())
        new = wanted - self.queue_teams
        for pk in self.queue_teams - wanted:
            hub.here().leave(hub.queue_room(pk), self)
        for pk in new:
            hub.here().enter(hub.queue_room(pk), self)
        self.queue_teams = wanted
        return new

    # -- in -----------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Check size, pace and shape of a frame, then do what it asks."""
        if self.over:
            return
        if text_data is None or len(text_data) > MAX_FRAME:
            return await self.close(TOO_LARGE if text_data else BAD_FRAME)
        if hub.here().quota.frames.take(self.session.who):
            return await self.close(TOO_FAST)
        try:
            frame = schema.parse(text_data)
        except schema.BadFrame as refused:
            return self.reply({"type": "error", "code": refused.code, **refused.about})
        if frame["type"] not in handlers.IN_TURN:
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
            await handlers.handle(self, frame)
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
