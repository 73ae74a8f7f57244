"""Conversations for tests that are about all findable kinds together."""

from accounts import audiences, visitors
from chat import actions
from chat.models import Conversation
from tests.people import People


def make(people: People) -> None:
    """Conversations of a person and of a visitor, with each team."""
    visitor = audiences.viewer_for(people.anonymous, visitors.new_token())
    for team in (people.hr, people.ict):
        for viewer in (people.viewer("owner"), people.viewer("outsider"), visitor):
            actions.start_conversation(by=viewer, team=team, question="Hoe zit het met mijn laptop?", language="nl")


def change(people: People) -> None:
    """Hand one conversation to the other team."""
    conversation = Conversation.objects.filter(team=people.hr).earliest("pk")
    actions.take(by=people.viewer("agent"), conversation=conversation)
    actions.transfer(by=people.viewer("agent"), conversation=conversation, team=people.ict)
