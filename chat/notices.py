"""Telling an asker who is not looking that there is an answer: by inbox and mail, or by mail with the link."""

from datetime import UTC, datetime
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from accounts.audiences import PUBLIC
from chat import presence, resume_links
from chat.models import Conversation, Event
from live.presence import FADES
from notifications.actions import Text, mail, notify
from web import leases


def tell_asker(conversation: Conversation, event: Event) -> None:
    """There is an answer. In the caller's transaction.

    While the asker has the conversation open they see it; whether they really did is looked at a little later, since
    who just left still counts as being there.
    """
    if presence.asker_is_here(conversation.pk):
        _look_later(conversation)
    else:
        _tell(conversation, event)


def _look_later(conversation: Conversation) -> None:
    backend = tell_unless_seen.get_backend()
    if backend.supports_defer and presence.look_later(conversation.pk):
        later = datetime.fromtimestamp(leases.now() / 1000 + FADES + 5, UTC)  # the database's clock
        tell_unless_seen.using(run_after=later).enqueue(conversation.pk)


@task()
@transaction.atomic
def tell_unless_seen(conversation_id: int) -> None:
    """Tell the asker of the last answer when they did not see it after all."""
    rows = Conversation.objects.select_related("team", "customer").select_for_update(of=("self",))
    conversation = rows.filter(pk=conversation_id).first()
    if conversation is None:
        return
    said = conversation.events.filter(kind=Event.Kind.MESSAGE, is_staff=True).order_by("-number").first()
    asker = conversation.participants.filter(is_staff=False)
    if said is not None and not asker.filter(last_seen__gte=said.number).exists():
        tell_asker(conversation, said)


def _tell(conversation: Conversation, event: Event) -> None:
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
        _mail(conversation, title, event.body, key=conversation.key)
        Conversation.objects.filter(pk=conversation.pk).update(told_number=event.number)


def tell_asker_of_faq(conversation: Conversation, event: Event, faq_key: str) -> None:
    """The answer can now be found by everybody. kb tells askers with an account; this mails those without."""
    if conversation.customer_id or not conversation.email:
        return
    title = format_lazy(_("Your question helped others: {title}"), title=event.body)
    _mail(conversation, title, f"{event.body}\n{urljoin(settings.BASE_URL, event.url)}", key=faq_key)


def _has_read(conversation: Conversation) -> bool:
    """One mail until they come back: a second answer before that adds nothing they need to hurry for."""
    if not conversation.told_number:
        return True
    return conversation.participants.filter(is_staff=False, last_seen__gte=conversation.told_number).exists()


def _mail(conversation: Conversation, title: Text, body: Text, *, key: str) -> None:
    """The words go to an address that the asker showed to be theirs. Anybody may type somebody else's: until its holder
    has come back by the link in a mail, that mail says nothing that came from outside, and no more than that.
    """
    confirmed = conversation.email_confirmed
    if not confirmed:
        title = _("There is an answer to your question")
        body = _(
            "Somebody, probably you, asked a question in our chat and left this address for the answer. There is news: "
            "open the conversation by the link below. If it was not you, do nothing, and do not use the link."
        )
    mail(
        to=conversation.email,
        subject=title,
        body=body,
        url=resume_links.url(conversation),
        language=conversation.language,
        reason=_("You get this because you left your e-mail address when you asked a question in the chat.")
        if confirmed
        else _("You get this because somebody typed this address in the chat."),
        confirmed=confirmed,
        shows=[key] if confirmed else [],
        reader=conversation.audience.key_set | {PUBLIC},
    )
