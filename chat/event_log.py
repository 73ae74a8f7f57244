"""What sockets read of conversations. These functions run in a thread, with the viewer as they are at that moment."""

from dataclasses import dataclass

from accounts.audiences import Person
from chat import permissions, published
from chat.frames import event_frame, state_frame
from chat.models import Conversation, Event
from live.rooms import encoded
from web.live import Refused, Replay

PAGE = 200  # events read at once in a replay


def find(viewer: Person, pk: int) -> Conversation:
    """Return the conversation, if it exists for the viewer. Raises Refused."""
    rows = Conversation.objects.for_lists().select_related("audience").filter(pk=pk)
    conversation: Conversation | None = rows.first()
    if conversation is None or not permissions.can_see(viewer, conversation):
        raise Refused("not_found")
    return conversation


def events_after(viewer: Person, pk: int, after: int) -> Replay:
    """Return at most PAGE events, and after the last one how the conversation stands, since that may have got lost too.
    Raises Refused when the conversation is not there for this person any more."""
    conversation = find(viewer, pk)
    rows = Event.objects.filter(conversation=pk, number__gt=after).select_related("author", "conversation")
    events = published.as_seen_by(viewer, rows.order_by("number")[:PAGE])
    frames = [(e.number, event_frame(e)) for e in events]
    if frames and frames[-1][0] == conversation.last_number:
        frames.append((conversation.last_number, state_frame(conversation)))
    more = len(frames) >= PAGE
    return Replay([(number, encoded(frame)) for number, frame in frames], more)


def last_numbers(pks: list[int]) -> dict[int, int]:
    """Return the number of the last event of each conversation, whoever may see it."""
    return dict(Conversation.objects.filter(pk__in=pks).values_list("pk", "last_number"))


@dataclass(frozen=True, slots=True)
class Visible:
    """What a person may still see. `asked`: the conversations that were looked at; `seen`: those that they see, with
    audience and team; `desks`: the teams whose desk they have."""

    asked: set[int]
    seen: dict[int, tuple[int, int]]
    desks: set[int]


def still_visible(viewer: Person, pks: list[int]) -> Visible:
    """Find which of these conversations the viewer may still see, and the teams whose desk they have."""
    rows = Conversation.objects.visible_to(viewer).filter(pk__in=pks).values_list("pk", "audience_id", "team_id")
    seen = {pk: (audience, team) for pk, audience, team in rows} if pks else {}
    return Visible(set(pks), seen, set(viewer.team_ids) if permissions.can_use_desk(viewer) else set())


def missing(viewer: Person, sent: dict[int, int]) -> list[int]:
    """Return the conversations that have events after those that were sent: {pk: number of the last one}."""
    rows = Conversation.objects.visible_to(viewer).filter(pk__in=sent).values_list("pk", "last_number")
    return [pk for pk, number in rows if number > sent[pk]]
