"""Conversations, who takes part in them, and everything that happened in them."""

from chat.models.conversation import Conversation, ConversationQuerySet, Participant
from chat.models.event import Event

__all__ = ["Conversation", "ConversationQuerySet", "Event", "Participant"]
