"""What chat does when something happens elsewhere."""

from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone

from chat import actions, hub
from chat.rights import session_hash
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


def session_ended(sender: Any, instance: Session, **kwargs: Any) -> None:
    """Somebody signed out, or got a new session with a new password: the sockets of the old one end everywhere."""
    if instance.expire_date > timezone.now():  # cleaning up old ones is no news
        hub.publish_on_commit(hub.RIGHTS, {"session": session_hash(instance.pk)})


def rights_changed(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Somebody joined or left a team, role, circle or organisation: their open sockets look again."""
    hub.publish_on_commit(hub.RIGHTS, {"user": getattr(instance, "user_id", None) or instance.pk})
