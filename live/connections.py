"""The sending half of a socket: the rooms that it is in, and one bounded queue for all that goes out.

One task empties the queue, so order holds. A reader who cannot keep up is closed (4408), and replays from the database
after reconnecting. Rights that changed are checked before anything more goes out.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

from channels.generic.websocket import AsyncWebsocketConsumer

from live import executor, hub, rooms
from live.close_codes import FAILED, SIGNED_OUT, TOO_SLOW
from live.rights import Session, SignedOut
from live.rooms import Envelope
from live.turns import first_line
from web.backoff import Backoff
from web.live import Payload, Refused, Replay, Subscriptions
from web.outages import UNANSWERED

logger = logging.getLogger(__name__)
T = TypeVar("T")
QUEUE = 256  # envelopes that may wait for one slow reader
_END = Envelope("", "")


class RoomConnection(AsyncWebsocketConsumer):
    """What the hub and the handlers of packages know of an open socket."""

    session: Session
    sender: asyncio.Task[None] | None = None
    doubtful = over = False
    _closing: asyncio.Future[None] | None = None

    def prepare(self) -> None:
        """Begin with an empty queue, in no room."""
        self.outgoing: asyncio.Queue[Envelope] = asyncio.Queue(QUEUE)
        self.logs: dict[str, int] = {}  # rooms with a log → number of the last event that was sent
        self.audiences: dict[str, int] = {}  # the same rooms → their audience when it was last looked at
        self.subscriptions: dict[type, Subscriptions] = {made: made(self) for made in rooms.subscriptions()}
        self.behind: set[str] = set()  # rooms of which something waits for the database
        self.pause = Backoff(first=0.5, most=5)

    def start_sending(self) -> None:
        """Start the task that empties the queue."""
        self.sender = asyncio.create_task(self._send_all())

    async def stop_sending(self) -> None:
        """End that task."""
        if self.sender is not None:
            self.sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.sender

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close once. Frames that the client had sent already are ignored."""
        if not self.over:
            self.over = True
            with contextlib.suppress(OSError):  # they closed first
                await super().close(code, reason)

    # -- rooms --------------------------------------------------------------------------------

    def subscribed(self, kind: type[T]) -> T:
        """Return what a package keeps for this socket, by its class."""
        return cast(T, self.subscriptions[kind])

    def enter(self, room: str) -> None:
        """Send what happens in a room from now on."""
        hub.here().enter(room, self)

    def leave(self, room: str) -> None:
        """Send no more of a room."""
        in_log = self.logs.pop(room, None) is not None
        self.audiences.pop(room, None)
        hub.here().leave(room, self)
        if in_log:
            for each in self.subscriptions.values():
                each.left(room)

    def follow(self, room: str, *, after: int, audience: int) -> None:
        """Enter a room with a log. The caller replies, and then delivers `rooms.missed(room)` to replay the log after
        the event `after`. In that order an event may come twice, and is dropped by its number; none gets lost."""
        self.logs[room], self.audiences[room] = after, audience
        hub.here().enter(room, self)

    async def send_gone(self, room: str) -> None:
        """Leave a room with a log that is not there for this person any more, and say so."""
        self.leave(room)
        log, pk = rooms.log_and_pk(room)
        await self.send_now(log.gone(pk))

    # -- out ----------------------------------------------------------------------------------

    def reply(self, payload: Payload) -> None:
        """Queue a frame for this connection alone."""
        self.deliver(Envelope("", rooms.encoded(payload)))

    def deliver(self, envelope: Envelope) -> None:
        """Queue an envelope. A full queue ends the connection: it would fall behind for good."""
        try:
            self.outgoing.put_nowait(envelope)
        except asyncio.QueueFull:
            self.end(TOO_SLOW)

    def end(self, code: int = SIGNED_OUT) -> None:
        """Close at once, whatever still waits to be sent."""
        if self._closing is None:
            if self.sender is not None:
                self.sender.cancel()
            self._closing = asyncio.ensure_future(self.close(code))

    def doubt(self) -> None:
        """Rights changed: the sender checks them before anything more goes out. Hundreds of changes at once wake it
        once, so that they do not fill the queue."""
        if not self.doubtful:
            self.doubtful = True
            self.deliver(_END)

    async def send_now(self, payload: Payload) -> None:
        """Send a frame past the queue. Only the sender's own task does this."""
        await self.send(text_data=rooms.encoded(payload))

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
            self.end(FAILED)

    async def _send_surely(self, envelope: Envelope) -> None:
        """Send an envelope, after checking rights when that is due. While the database does not answer, replies go on,
        and what needs the database is sent later."""
        if envelope.room and envelope.room in self.behind:
            return
        own = not envelope.room and envelope is not _END
        try:
            if self.doubtful and not (own and self.pause.left()):
                await self._check_rights()
            await self._send_one(envelope)
            if envelope.room and not envelope.text:
                self.pause.succeeded()
        except UNANSWERED as error:
            if not self.pause.failures:
                logger.warning("A socket waits: the database does not answer: %s", first_line(error))
            if not self.pause.left():
                asyncio.get_running_loop().call_later(self.pause.failed(), self._go_on)
            if own:
                await self._send_one(envelope)
            elif envelope.room:
                self.behind.add(envelope.room)

    def _go_on(self) -> None:
        """Replay what could not be sent."""
        behind, self.behind = self.behind, set()
        for room in behind:
            self.deliver(rooms.missed(room))
        if self.doubtful:
            self.deliver(_END)

    async def _send_one(self, envelope: Envelope) -> None:
        room = envelope.room
        if envelope is _END or (room and not hub.here().is_in(room, self)):
            return
        sent = self.logs.get(room)
        if sent is None:
            if envelope.text:
                await self.send(text_data=envelope.text)
        elif 0 < envelope.last < sent:
            return  # how it stood before something that went out already
        elif not envelope.number and envelope.text:
            await self.send(text_data=envelope.text)
        elif envelope.number == sent + 1:
            self.logs[room] = envelope.number
            await self.send(text_data=envelope.text)
        elif not envelope.number or envelope.number > sent:
            await self._replay(room)  # something got lost or overtaken on the way

    async def _replay(self, room: str) -> None:
        """Send from the database what this connection has not had yet. Rights may end before it hears of them."""
        while room in self.logs:
            try:
                events, more = await executor.run(_events_after, self.session, room, self.logs[room])
            except Refused:
                return await self.send_gone(room)
            for number, text in events:
                self.logs[room] = number
                await self.send(text_data=text)
            if not more:
                return

    async def _check_rights(self) -> None:
        """Leave what this person may no longer see."""
        self.doubtful, asked = False, set(self.logs)
        kept = list(self.subscriptions.values())
        try:
            found = await executor.run(_check, self.session, [each.check() for each in kept])
        except UNANSWERED:
            self.doubtful = True
            raise
        if set(self.logs) - asked:  # followed meanwhile, perhaps by rights from before the doubt
            self.doubt()
        for each, visible in zip(kept, found, strict=True):
            await each.checked(visible)


def _events_after(session: Session, room: str, number: int) -> Replay:
    return rooms.events_after(session.viewer(), room, number)


def _check(session: Session, checks: list[Callable[[Any], Any]]) -> list[Any]:
    viewer = session.viewer()
    return [check(viewer) for check in checks]
