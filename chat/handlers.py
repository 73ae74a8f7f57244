"""What each incoming frame of chat does. The functions with a session run in a thread and use the database.

The person and what they may see are read again for every frame.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied

from accounts.audiences import Person
from accounts.models import Team
from chat import actions, event_log, permissions, presence
from chat.forms import MessageForm, TransferForm
from chat.frames import state_frame
from chat.models import Conversation
from chat.rooms import conversation_room, queue_frame, queue_room
from chat.subscriptions import ChatSubscriptions
from live import executor, hub, rooms
from live.consumers import SocketConsumer
from live.rights import Session
from markup.text import TooLong
from web import limits
from web.live import Refused

MAX_SUBSCRIPTIONS = 60  # conversations that one socket follows

# -- in a thread ----------------------------------------------------------------------------------


@dataclass
class Subscription:
    """What a subscribing socket is told."""

    state: dict[str, Any]
    asks: bool
    team_id: int
    audience_id: int


def _subscribe(session: Session, pk: int) -> Subscription:
    viewer = session.viewer()
    conversation = event_log.find(viewer, pk)
    asks = permissions.is_asker(viewer, conversation)
    if asks:
        presence.in_conversation(conversation.pk)
    return Subscription(state_frame(conversation), asks, conversation.team_id, conversation.audience_id)


def _post(session: Session, frame: dict[str, Any], attempts: int = 0) -> dict[str, Any]:
    viewer = session.viewer()
    conversation = event_log.find(viewer, frame["conversation"])
    form = MessageForm({"body": frame["body"], "client_id": frame["client_id"]})
    if not form.is_valid():
        raise Refused("invalid")
    for each in limits.payers(session.who, session.visitor) if not attempts else ():
        limits.take("chat.message", each)
    with actions.without_waiting():
        event = actions.post_message(by=viewer, conversation=conversation, **form.cleaned_data)
    return {"type": "ack", "conversation": conversation.pk, "client_id": event.client_id, "number": event.number}


def _typing(session: Session, pk: int) -> None:
    viewer = session.viewer()
    conversation = event_log.find(viewer, pk)
    if not permissions.can_post(viewer, conversation):
        raise Refused("not_allowed")
    staff = not permissions.is_asker(viewer, conversation)
    author = str(viewer.user) if viewer.user.is_authenticated else conversation.name
    payload = {"type": "typing", "conversation": conversation.pk, "staff": staff, "author": author}
    hub.publish(conversation_room(conversation.pk), payload)


def _act(session: Session, frame: dict[str, Any]) -> None:
    viewer = session.viewer()
    conversation = event_log.find(viewer, frame["conversation"])
    with actions.without_waiting():
        _do(viewer, conversation, frame)


def _do(viewer: Person, conversation: Conversation, frame: dict[str, Any]) -> None:
    match frame["type"]:
        case "take":
            actions.take(by=viewer, conversation=conversation, over=frame["over"])
        case "release":
            actions.release(by=viewer, conversation=conversation)
        case "close":
            actions.close(by=viewer, conversation=conversation)
        case "reopen":
            actions.reopen(by=viewer, conversation=conversation)
        case "seen":
            actions.mark_seen(by=viewer, conversation=conversation, number=frame["number"])
        case "transfer":
            form = TransferForm({"team": frame["team"]}, without=conversation.team_id)
            if not form.is_valid():
                raise Refused("invalid")
            team: Team = form.cleaned_data["team"]
            actions.transfer(by=viewer, conversation=conversation, team=team)


def _desk(session: Session) -> set[int]:
    viewer = session.viewer()
    if not permissions.can_use_desk(viewer):
        raise Refused("not_allowed")
    teams = set(viewer.team_ids)
    presence.at_desk(session.user_id or 0)
    for pk in teams:
        hub.publish(queue_room(pk), queue_frame(pk))
    return teams


# -- on the event loop ------------------------------------------------------------------------------


async def _run(function: Callable[..., Any], *args: Any) -> Any:
    """In a thread; what an action refuses becomes a code."""
    try:
        return await executor.run(function, *args)
    except PermissionDenied:
        raise Refused("not_allowed") from None
    except actions.Closed:
        raise Refused("closed") from None
    except actions.Taken:
        raise Refused("taken") from None
    except actions.Conflict:
        raise Refused("conflict") from None
    except TooLong:
        raise Refused("invalid") from None
    except limits.TooMany as wait:
        raise Refused("too_fast", wait.retry_after) from None


async def on_subscribe(socket: SocketConsumer, frame: dict[str, Any]) -> None:
    """Follow a conversation: everything after the number that the client has, and from then on all that happens."""
    pk, chat = frame["conversation"], socket.subscribed(ChatSubscriptions)
    room, quota = conversation_room(pk), hub.here().quota
    if room not in socket.logs and (len(chat.sent) >= MAX_SUBSCRIPTIONS or not quota.may_subscribe(socket.session.who)):
        raise Refused("too_many")
    found: Subscription = await _run(_subscribe, socket.session, pk)
    if found.asks:
        chat.asking[pk] = found.team_id
        chat.wait_for_teams()
    socket.follow(room, after=frame["after"], audience=found.audience_id)
    socket.reply(found.state | {"type": "subscribed"})
    socket.deliver(rooms.missed(room))


async def on_unsubscribe(socket: SocketConsumer, frame: dict[str, Any]) -> None:
    """Follow a conversation no more."""
    pk, chat = frame["conversation"], socket.subscribed(ChatSubscriptions)
    if conversation_room(pk) in socket.logs:
        asked = {pk} & set(chat.asking)
        socket.leave(conversation_room(pk))
        await chat.end_presence(asked, set())


async def on_post(socket: SocketConsumer, frame: dict[str, Any]) -> None:
    """Save a message, then acknowledge it."""
    room = conversation_room(frame["conversation"])
    socket.reply(await socket.in_turn(room, lambda attempts: _run(_post, socket.session, frame, attempts)))


async def on_typing(socket: SocketConsumer, frame: dict[str, Any]) -> None:
    """Tell the room, at most every two seconds."""
    pk, now, typed = frame["conversation"], time.monotonic(), socket.subscribed(ChatSubscriptions).typed
    if conversation_room(pk) in socket.logs and now - typed.get(pk, 0) >= 2:
        typed[pk] = now
        await _run(_typing, socket.session, pk)


async def on_act(socket: SocketConsumer, frame: dict[str, Any]) -> None:
    """Take, release, close, reopen, transfer, seen."""
    room = conversation_room(frame["conversation"])
    await socket.in_turn(room, lambda _attempts: _run(_act, socket.session, frame))
    if frame["type"] != "seen":
        socket.reply({"type": "done", "of": frame["type"], "conversation": frame["conversation"]})


async def on_desk(socket: SocketConsumer, frame: dict[str, Any]) -> None:
    """Be at the desk from now on, and hear of everything in the queues of this agent's teams."""
    teams: set[int] = await _run(_desk, socket.session)
    socket.subscribed(ChatSubscriptions).be_at_desks(teams)
    socket.reply({"type": "desk_open", "teams": sorted(teams)})
