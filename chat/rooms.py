"""The rooms of chat: who is in a conversation, at the desk of a team, or waiting for a team."""

from typing import Any

from web.live import Log, Room

_SUBSCRIPTIONS = "chat.subscriptions.ChatSubscriptions"


def gone_frame(pk: int) -> dict[str, Any]:
    """The conversation is not there for this person any more."""
    return {"type": "gone", "conversation": pk}


def queue_frame(team_id: int) -> dict[str, Any]:
    """The queue of a team moved, or somebody came to or left its desk."""
    return {"type": "queue", "team": team_id}


def desk_frame(conversation_id: int) -> dict[str, Any]:
    """A conversation in the queues of this desk changed; 0: several may have."""
    return {"type": "desk", "conversation": conversation_id}


def _desk_missed(_team_id: int) -> dict[str, Any]:
    return desk_frame(0)


CONVERSATION = Room(
    kind="c",
    name="conversation",
    subscriptions=_SUBSCRIPTIONS,
    log=Log(
        model="chat.Conversation",
        events_after="chat.event_log.events_after",
        last_numbers="chat.event_log.last_numbers",
        gone=gone_frame,
    ),
)
DESK = Room(kind="t", name="desk", subscriptions=_SUBSCRIPTIONS, missed=_desk_missed)
QUEUE = Room(kind="q", name="queue", subscriptions=_SUBSCRIPTIONS, missed=queue_frame)

conversation_room = CONVERSATION.room
desk_room = DESK.room
queue_room = QUEUE.room
