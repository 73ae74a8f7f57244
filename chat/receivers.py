"""What chat does when something happens elsewhere."""

from typing import Any

from chat import actions
from web import params


def faq_published(sender: Any, faq: Any, origins: Any, **kwargs: Any) -> None:
    """An answer given in chat became an FAQ: say so in each conversation it came from."""
    for origin in origins:
        kind, _, pk = origin.key.partition(":")
        if kind == "conversation" and (number := params.number(pk)):
            actions.add_faq(conversation_id=number, faq_id=faq.pk, title=faq.question, url=faq.get_absolute_url())


def visitor_signed_in(sender: Any, user: Any, visitor: str, **kwargs: Any) -> None:
    """What somebody asked before they signed in goes with them."""
    actions.hand_over(by=user, visitor=visitor)
