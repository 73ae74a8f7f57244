"""The room of a person's inbox: where their open pages hear that the number of unread notifications changed."""

from typing import Any

from web.live import Frame, Room


def inbox_frame(_user_id: int = 0) -> dict[str, Any]:
    """Something in the inbox changed. It says no number: what counts depends on what its reader may see at that
    moment, so each open page asks for it with `unread`."""
    return {"type": "inbox"}


INBOX = Room(kind="i", name="inbox", missed=inbox_frame)
FRAMES = (Frame(type="unread", handler="notifications.handlers.on_unread", costly=True),)

inbox_room = INBOX.room
