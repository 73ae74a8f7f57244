"""Telling an asker who is not looking that there is an answer: by inbox and mail, or by mail with the link."""

from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from chat import links, presence
from chat.models import Conversation, Event
from notifications.actions import Text, mail, notify


def tell_asker(conversation: Conversation, event: Event) -> None:
    """There is an answer. Does nothing while the asker has the conversation open. In the caller's transaction."""
    if presence.asker_is_here(conversation.pk):
        return
    title = format_lazy(_("{team} answered: {subject}"), team=conversation.team.label, subject=conversation.subject)
    if conversation.customer:
        notify(
            recipients=[conversation.customer],
            event="chat.answered",
            title=title,
            body=event.body,
            url=reverse_lazy("chat:conversation", args=[conversation.pk]),
            key=conversation.key,
            actor=event.author,
        )
    elif conversation.email and _has_read(conversation):
        _mail(conversation, title, event.body)
        Conversation.objects.filter(pk=conversation.pk).update(told_number=event.number)


def tell_asker_of_faq(conversation: Conversation, event: Event) -> None:
    """The answer can now be found by everybody. kb tells askers with an account; this mails those without."""
    if conversation.customer_id or not conversation.email:
        return
    title = format_lazy(_("Your question helped others: {title}"), title=event.body)
    _mail(conversation, title, f"{event.body}\n{urljoin(settings.BASE_URL, event.url)}")


def _has_read(conversation: Conversation) -> bool:
    """One mail until they come back: a second answer before that adds nothing they need to hurry for."""
    if not conversation.told_number:
        return True
    return conversation.participants.filter(is_staff=False, last_seen__gte=conversation.told_number).exists()


def _mail(conversation: Conversation, title: Text, body: Text) -> None:
    mail(
        to=conversation.email,
        subject=title,
        body=body,
        url=links.url(conversation),
        language=conversation.language,
        reason=_("You get this because you left your e-mail address when you asked a question in the chat."),
    )
