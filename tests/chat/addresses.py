"""Rows for addresses with parameters."""

from chat import actions
from tests.examples import Examples
from tests.people import People


def examples(people: People) -> Examples:
    """A conversation of the owner that an agent answered."""
    conversation = actions.start_conversation(
        by=people.viewer("owner"), team=people.hr, question="Klopt mijn salaris?", language="nl"
    )
    actions.post_message(by=people.viewer("agent"), conversation=conversation, body="Dat zoek ik uit.")
    owners = [("the owner's", {"pk": conversation.pk})]
    return {
        "kb:capture": [("the owner's chat", {"kind": "conversation", "pk": conversation.pk})],
        "chat:conversation": owners,
        "chat:status": owners,
        "chat:post": owners,
        "chat:act": [
            ("close", {"pk": conversation.pk, "act": "close"}),
            ("take", {"pk": conversation.pk, "act": "take"}),
        ],
        "chat:desk_conversation": owners,
        "chat:link": [("a forged one", {"signed": "forged"})],
    }
