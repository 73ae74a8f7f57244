"""The frames of chat that sockets get. docs/socket-protocol.md describes them."""

from typing import Any

from chat.models import Conversation, Event


def event_frame(event: Event) -> dict[str, Any]:
    """Return an event as every reader gets it: no words in a language, nothing that depends on who reads. Events
    that name something with an audience of its own come from `published.as_seen_by`."""
    return {
        "type": "event",
        "conversation": event.conversation_id,
        "number": event.number,
        "kind": event.kind,
        "staff": event.is_staff,
        "author": author_label(event),
        "html": event.body_html,
        "text": "" if event.kind == Event.Kind.MESSAGE else event.body,
        "url": event.url,
        "at": event.at.isoformat(timespec="milliseconds"),
        "client_id": event.client_id,
    }


def author_label(event: Event) -> str:
    """Return who said it; "" for an anonymous asker without a name and for the system."""
    if event.author_id:
        return str(event.author)
    return "" if event.is_staff else event.conversation.name


def state_frame(conversation: Conversation) -> dict[str, Any]:
    """Return how a conversation stands."""
    return {
        "type": "state",
        "conversation": conversation.pk,
        "state": conversation.state,
        "taken_by": str(conversation.taken_by) if conversation.taken_by_id else "",
        "team": conversation.team_id,
        "last": conversation.last_number,
    }
