"""The link by which an anonymous asker comes back to a conversation: signed, with 192 random bits of its own."""

from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare

from accounts.visitors import AGE
from chat.models import Conversation

_SALT = "chat.link"


def path(conversation: Conversation) -> str:
    """The address of the link, in the conversation's language."""
    signed = signing.dumps([conversation.pk, conversation.link_nonce], salt=_SALT)
    with translation.override(conversation.language):
        return reverse("chat:link", args=[signed])


def url(conversation: Conversation) -> str:
    """The link as it stands in a mail."""
    return urljoin(settings.BASE_URL, path(conversation))


def read(signed: str) -> Conversation | None:
    """The conversation of a link, or None when the link is altered, older than half a year or replaced."""
    try:
        pk, nonce = signing.loads(signed, salt=_SALT, max_age=AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    conversation = Conversation.objects.for_lists().select_related("audience").filter(pk=pk).first()
    if conversation is None or not constant_time_compare(conversation.link_nonce, nonce):
        return None
    return conversation
