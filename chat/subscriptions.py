"""What one socket has subscribed to of chat: conversations, the queues of teams it waits for, and desks."""

from collections.abc import Callable
from functools import partial

from accounts.audiences import Person
from chat import event_log, permissions, presence
from chat.event_log import Visible
from chat.rooms import CONVERSATION, conversation_room, desk_room, queue_frame, queue_room
from live import executor, hub
from live.connections import RoomConnection
from live.rooms import parts


class ChatSubscriptions:
    """Kept for each open socket (`web.live.Subscriptions`)."""

    def __init__(self, socket: RoomConnection) -> None:
        self.socket = socket
        self.asking: dict[int, int] = {}  # conversations in which this person asks → their team
        self.queue_teams: set[int] = set()  # those teams: this socket hears of their queues
        self.desk_teams: set[int] = set()
        self.typed: dict[int, float] = {}  # conversations → when this socket last sent `typing`

    @property
    def sent(self) -> dict[int, int]:
        """The conversations that this socket follows → number of the last event that was sent."""
        followed = ((parts(room), number) for room, number in self.socket.logs.items())
        return {pk: number for (room, pk), number in followed if room is CONVERSATION}

    # -- called by the consumer -----------------------------------------------------------------

    def check(self) -> Callable[[Person], Visible]:
        """Look at the conversations that are followed now."""
        pks = list(self.sent)
        return lambda viewer: event_log.still_visible(viewer, pks)

    async def checked(self, found: Visible) -> None:
        """Leave what this person may no longer see, and follow conversations to their new teams."""
        for pk in found.asked.intersection(self.sent) - set(found.seen):
            await self.socket.send_gone(conversation_room(pk))
        for pk, (audience, team) in found.seen.items():
            self.socket.audiences[conversation_room(pk)] = audience
            if pk in self.asking:
                self.asking[pk] = team
        for pk in self.wait_for_teams():  # what was said in its room before this came too early
            await self.socket.send_now(queue_frame(pk))
        self.be_at_desks(self.desk_teams & found.desks)

    def renewal(self) -> Callable[[Person], list[str]] | None:
        """Renew presence at the desk and in conversations; None without either."""
        sent, desk = self.sent, bool(self.desk_teams)
        return partial(renew, sent=sent, asking=set(self.asking), desk=desk) if sent or desk else None

    def left(self, room: str) -> None:
        """Forget a conversation."""
        declaration, pk = parts(room)
        if declaration is CONVERSATION:
            self.asking.pop(pk, None)
            self.typed.pop(pk, None)
            self.wait_for_teams()

    async def closed(self) -> None:
        """End the presence of this person where no other socket of theirs stays."""
        await self.end_presence(set(self.asking), set(self.desk_teams))

    # -- called by the handlers -----------------------------------------------------------------

    def be_at_desks(self, teams: set[int]) -> None:
        """Be in the desk rooms of these teams, and in no others."""
        for pk in self.desk_teams - teams:
            self.socket.leave(desk_room(pk))
        for pk in teams:
            self.socket.enter(desk_room(pk))
        self.desk_teams = teams

    def wait_for_teams(self) -> set[int]:
        """Be in the queue rooms of the teams that this person asks now, and in no others. Return the new teams."""
        wanted = set(self.asking.values())
        new = wanted - self.queue_teams
        for pk in self.queue_teams - wanted:
            self.socket.leave(queue_room(pk))
        for pk in new:
            self.socket.enter(queue_room(pk))
        self.queue_teams = wanted
        return new

    async def end_presence(self, asking: set[int], teams: set[int]) -> None:
        """End presence in conversations and at the desks of teams where no other socket of this person stays."""
        asking = {pk for pk in asking if not any(pk in each.asking for each in _others(conversation_room(pk)))}
        still = {each.socket.session.user_id for pk in teams for each in _others(desk_room(pk))}
        agent = self.socket.session.user_id
        if asking or (teams and agent not in still):
            await executor.run(_end_presence, asking, agent if teams else None, teams)


def _others(room: str) -> list[ChatSubscriptions]:
    """Return what the sockets in a room keep, once this one has left it."""
    members = hub.here().rooms.get(room, ())
    return [each.subscribed(ChatSubscriptions) for each in members if isinstance(each, RoomConnection)]


# -- in a thread ------------------------------------------------------------------------------------


def renew(viewer: Person, *, sent: dict[int, int], asking: set[int], desk: bool) -> list[str]:
    """Renew presence. Return the rooms of conversations of which an event got lost on the way."""
    if desk and permissions.can_use_desk(viewer):
        presence.at_desk(viewer.user.pk or 0)
    for pk in asking:
        presence.in_conversation(pk)
    return [conversation_room(pk) for pk in event_log.missing(viewer, sent)]


def _end_presence(asking: set[int], agent_id: int | None, teams: set[int]) -> None:
    for pk in asking:
        presence.left_conversation(pk)
    if agent_id:
        presence.left_desk(agent_id)
    for pk in teams:
        hub.publish(queue_room(pk), queue_frame(pk))
