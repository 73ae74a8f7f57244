"""The frame that belongs to no package."""

from collections.abc import Callable
from typing import Any

from live import executor
from live.consumers import SocketConsumer
from live.rights import Session
from live.rooms import Envelope
from web.http import Viewer

Renewal = Callable[[Viewer], list[str]]


async def on_ping(socket: SocketConsumer, frame: dict[str, Any]) -> None:
    """Renew the presence of this socket's person, and send again what did not arrive. A socket that has nothing to
    renew costs no query: its session is looked at every 8 seconds anyway."""
    renewals = [renewal for each in socket.subscriptions.values() if (renewal := each.renewal()) is not None]
    for room in await executor.run(_renew, socket.session, renewals) if renewals else ():
        socket.deliver(Envelope(room, ""))
    socket.reply({"type": "pong"})


def _renew(session: Session, renewals: list[Renewal]) -> list[str]:
    viewer = session.viewer()
    return [room for renewal in renewals for room in renewal(viewer)]
