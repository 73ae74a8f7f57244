"""What the pages of a conversation show."""

from typing import Any

from django.http import Http404

from accounts.audiences import Person
from accounts.requests import Request
from chat import permissions, presence, published
from chat.forms import MessageForm, new_client_id
from chat.models import Conversation, Event

NEWEST = 200  # events shown at first


def find(viewer: Person, pk: int) -> Conversation:
    """The conversation. Raises Http404 when it does not exist for the viewer."""
    row: Conversation | None = Conversation.objects.for_lists().select_related("audience").filter(pk=pk).first()
    if row is None or not permissions.can_see(viewer, row):
        raise Http404
    return row


def conversation_context(request: Request, conversation: Conversation, *, events: bool = True) -> dict[str, Any]:
    """Who is there, the place in the queue, the events and an empty composer. At most six queries."""
    viewer = request.viewer
    waiting = conversation.state == Conversation.State.WAITING
    context: dict[str, Any] = {
        "conversation": conversation,
        "here": presence.agents_here([conversation.team_id])[conversation.team_id],
        "position": Conversation.objects.position(conversation) if waiting else 0,
        "can_post": permissions.can_post(viewer, conversation),
    }
    if not events:
        return context
    rows = Event.objects.filter(conversation=conversation).select_related("author").order_by("-number")
    if "all" not in request.GET:
        rows = rows[:NEWEST]
    shown = published.as_seen_by(viewer, reversed(rows))
    for event in shown:
        event.conversation = conversation
    return context | {
        "events": shown,
        "earlier": bool(shown) and shown[0].number > 1,
        "kinds": blank_events(conversation),
        "form": MessageForm(initial={"client_id": new_client_id()}),
    }


def blank_events(conversation: Conversation) -> list[Event]:
    """An empty event of each kind and side: the browser fills copies of what they look like."""
    sides = [(Event.Kind.MESSAGE, True), (Event.Kind.MESSAGE, False)]
    sides += [(Event.Kind(kind), True) for kind in Event.Kind.values if kind != Event.Kind.MESSAGE]
    sides += [(Event.Kind.CLOSED, False), (Event.Kind.REOPENED, False)]
    return [Event(conversation=conversation, kind=kind, is_staff=staff, number=0) for kind, staff in sides]
