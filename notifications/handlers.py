"""What the incoming frame of notifications does."""

from typing import Any

from live import executor
from live.consumers import SocketConsumer
from live.rights import Session
from notifications.models import Notification
from notifications.rooms import inbox_room
from web.live import Refused


async def on_unread(socket: SocketConsumer, frame: dict[str, Any]) -> None:
    """Enter the room of one's own inbox, and answer how many notifications are unread."""
    if socket.session.user_id is None:
        raise Refused("not_allowed")
    socket.enter(inbox_room(socket.session.user_id))  # first, so that what comes while it counts is not missed
    socket.reply({"type": "unread", "count": await executor.run(_unread, socket.session)})


def _unread(session: Session) -> int:
    count: int = Notification.objects.unread_count(session.viewer())
    return count
