"""What each incoming frame does. The functions with a session run in a thread and use the database.

Who somebody is and what they may see is read again for every frame.
"""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied

from accounts.audiences import Person
from accounts.models import Team
from chat import actions, executor, hub, permissions, presence, published
from chat.forms import MessageForm, TransferForm
from chat.frames import event_frame, state_frame
from chat.models import Conversation, Event
from chat.rights import Session
from chat.turns import Failed, Full
from markup.text import TooLong
from web import limits

if TYPE_CHECKING:
    from chat.consumers import ChatConsumer

PAGE = 200  # events read at once in a replay
MAX_SUBSCRIPTIONS = 60  # conversations that one socket follows


class Refused(Exception):
    """The frame was not carried out; `code` is one of those in docs/chat-protocol.md."""

    def __init__(self, code: str, retry_after: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


# -- in a thread ----------------------------------------------------------------------------------


def find(viewer: Person, pk: int) -> Conversation:
    """The conversation, if it exists for the viewer. Raises Refused."""
    rows = Conversation.objects.for_lists().select_related("audience").filter(pk=pk)
    conversation: Conversation | None = rows.first()
    if conversation is None or not permissions.can_see(viewer, conversation):
        raise Refused("not_found")
    return conversation


def events_after(session: Session, pk: int, after: int) -> list[tuple[int, str]]:
    """At most PAGE events, as number and text; after the last one how the conversation stands, since that may have got
    lost too. Raises Refused when the conversation is not there for this person any more."""
    viewer = session.viewer()
    conversation = find(viewer, pk)
    rows = Event.objects.filter(conversation=pk, number__gt=after).select_related("author", "conversation")
    events = published.as_seen_by(viewer, rows.order_by("number")[:PAGE])
    frames = [(e.number, event_frame(e)) for e in events]
    if frames and frames[-1][0] == conversation.last_number:
        frames.append((conversation.last_number, state_frame(conversation)))
    return [(number, json.dumps(frame, ensure_ascii=False)) for number, frame in frames]


def still_visible(session: Session, pks: list[int]) -> tuple[dict[int, tuple[int, int]], set[int]]:
    """Which of these conversations the person may still see, with audience and team; the teams whose desk they have."""
    viewer = session.viewer()
    rows = Conversation.objects.visible_to(viewer).filter(pk__in=pks).values_list("pk", "audience_id", "team_id")
    seen = {pk: (audience, team) for pk, audience, team in rows} if pks else {}
    return seen, set(viewer.team_ids) if permissions.can_use_desk(viewer) else set()


def gone(asking: set[int], agent_id: int | None, teams: set[int]) -> None:
    """The last socket of an asker or agent closed."""
    for pk in asking:
        presence.left_conversation(pk)
    if agent_id:
        presence.left_desk(agent_id)
    for pk in teams:
        hub.publish(hub.queue_room(pk), {"type": "queue", "team": pk})


@dataclass
class Subscription:
    """What a subscribing socket is told."""

    state: dict[str, Any]
    asks: bool
    team_id: int
    audience_id: int


def _subscribe(session: Session, pk: int) -> Subscription:
    viewer = session.viewer()
    conversation = find(viewer, pk)
    asks = permissions.is_asker(viewer, conversation)
    if asks:
        presence.in_conversation(conversation.pk)
    return Subscription(state_frame(conversation), asks, conversation.team_id, conversation.audience_id)


def _post(session: Session, frame: dict[str, Any], attempts: int = 0) -> dict[str, Any]:
    viewer = session.viewer()
    conversation = find(viewer, frame["conversation"])
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
    conversation = find(viewer, pk)
    if not permissions.can_post(viewer, conversation):
        raise Refused("not_allowed")
    staff = not permissions.is_asker(viewer, conversation)
    author = str(viewer.user) if viewer.user.is_authenticated else conversation.name
    payload = {"type": "typing", "conversation": conversation.pk, "staff": staff, "author": author}
    hub.publish(hub.conversation_room(conversation.pk), payload)


def _act(session: Session, frame: dict[str, Any]) -> None:
    viewer = session.viewer()
    conversation = find(viewer, frame["conversation"])
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
        hub.publish(hub.queue_room(pk), {"type": "queue", "team": pk})
    return teams


def _ping(session: Session, sent: dict[int, int], asking: set[int], desk: bool) -> list[int]:
    """Renew presence; the conversations of which events got lost on the way."""
    viewer = session.viewer()
    if desk and permissions.can_use_desk(viewer):
        presence.at_desk(session.user_id or 0)
    for pk in asking:
        presence.in_conversation(pk)
    last = dict(Conversation.objects.visible_to(viewer).filter(pk__in=sent).values_list("pk", "last_number"))
    return [pk for pk, number in last.items() if number > sent[pk]]


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


async def _in_turn(socket: "ChatConsumer", frame: dict[str, Any], attempt: Callable[[int], Awaitable[Any]]) -> Any:
    """What changes a conversation, after whatever else is changing it.

    Anybody may name one that they cannot see. Who does not follow it waits in a line of their own, and for its row."""
    pk = frame["conversation"]
    try:
        return await hub.here().turns.run(pk if pk in socket.sent else (socket.session.who, pk), attempt)
    except Failed:
        raise Refused("failed") from None
    except Full:
        raise Refused("too_fast", 1) from None


async def on_subscribe(socket: "ChatConsumer", frame: dict[str, Any]) -> None:
    """Everything of a conversation after the number the client has, and from then on all that happens in it."""
    pk = frame["conversation"]
    quota = hub.here().quota
    if pk not in socket.sent and (len(socket.sent) >= MAX_SUBSCRIPTIONS or not quota.may_subscribe(socket.session.who)):
        raise Refused("too_many")
    found: Subscription = await _run(_subscribe, socket.session, pk)
    socket.sent[pk], socket.audiences[pk] = frame["after"], found.audience_id
    if found.asks:
        socket.asking[pk] = found.team_id
        socket.wait_for_teams()
    # First the room, then the log: what happens in between comes twice rather than never, and is dropped by number.
    hub.here().enter(hub.conversation_room(pk), socket)
    socket.reply(found.state | {"type": "subscribed"})
    socket.deliver(hub.Frame(hub.conversation_room(pk), ""))


async def on_unsubscribe(socket: "ChatConsumer", frame: dict[str, Any]) -> None:
    """No more of a conversation."""
    pk = frame["conversation"]
    if pk in socket.sent:
        asked = {pk} & set(socket.asking)
        socket.drop(pk)
        await socket._gone(asked, set())


async def on_post(socket: "ChatConsumer", frame: dict[str, Any]) -> None:
    """A message: saved, then acknowledged."""
    socket.reply(await _in_turn(socket, frame, lambda attempts: _run(_post, socket.session, frame, attempts)))


async def on_typing(socket: "ChatConsumer", frame: dict[str, Any]) -> None:
    """Passed on to the room, at most every two seconds."""
    pk, now = frame["conversation"], time.monotonic()
    if pk in socket.sent and now - socket.typed.get(pk, 0) >= 2:
        socket.typed[pk] = now
        await _run(_typing, socket.session, pk)


async def on_act(socket: "ChatConsumer", frame: dict[str, Any]) -> None:
    """Take, release, close, reopen, transfer, seen."""
    await _in_turn(socket, frame, lambda _attempts: _run(_act, socket.session, frame))
    if frame["type"] != "seen":
        socket.reply({"type": "done", "of": frame["type"], "conversation": frame["conversation"]})


async def on_desk(socket: "ChatConsumer", frame: dict[str, Any]) -> None:
    """From here on this agent is at the desk, and hears of everything in their teams' queues."""
    socket.desk_teams = await _run(_desk, socket.session)
    for pk in socket.desk_teams:
        hub.here().enter(hub.desk_room(pk), socket)
    socket.reply({"type": "desk_open", "teams": sorted(socket.desk_teams)})


async def on_ping(socket: "ChatConsumer", frame: dict[str, Any]) -> None:
    """A sign of life; what got lost on the way is sent again."""
    for pk in await _run(_ping, socket.session, dict(socket.sent), set(socket.asking), bool(socket.desk_teams)):
        socket.deliver(hub.Frame(hub.conversation_room(pk), ""))
    socket.reply({"type": "pong"})


HANDLERS: dict[str, Callable[["ChatConsumer", dict[str, Any]], Awaitable[None]]] = {
    "subscribe": on_subscribe,
    "unsubscribe": on_unsubscribe,
    "post": on_post,
    "typing": on_typing,
    "seen": on_act,
    "take": on_act,
    "release": on_act,
    "close": on_act,
    "reopen": on_act,
    "transfer": on_act,
    "desk": on_desk,
    "ping": on_ping,
}
IN_TURN = {name for name, handler in HANDLERS.items() if handler in (on_post, on_act)}
COSTLY = HANDLERS.keys() - {"post", "seen", "typing", "unsubscribe", "ping"}


async def handle(socket: "ChatConsumer", frame: dict[str, Any]) -> None:
    """Carry out a frame that `schema.parse` let in. Raises Refused, SignedOut."""
    if frame["type"] in COSTLY and (wait := hub.here().quota.work.take(socket.session.who)):
        raise Refused("too_fast", wait)
    await HANDLERS[frame["type"]](socket, frame)
