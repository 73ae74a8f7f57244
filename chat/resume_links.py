"""The link by which an anonymous asker comes back to a conversation: signed, with 192 random bits of its own.

The page of the conversation shows one; a mail carries another, which also says to which address it went. Only the
latter shows that whoever follows it reads that mailbox.
"""

import hashlib
from dataclasses import dataclass
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare

from accounts.visitors import AGE
from chat.models import Conversation

_SALT = "chat.link"


@dataclass(frozen=True, slots=True)
class ResumeLink:
    """What a link leads to. `mailed` is the mark of the address it was mailed to, or ""."""

    conversation: Conversation
    mailed: str = ""

    @property
    def confirms(self) -> bool:
        """Whether following it shows for the first time that the address is the asker's."""
        return bool(self.mailed) and not self.conversation.email_confirmed


def mark(email: str) -> str:
    """What a link says of the address it was mailed to; "" for none."""
    return hashlib.sha256(email.lower().encode()).hexdigest()[:20] if email else ""


def path(conversation: Conversation, *, mailed: bool = False) -> str:
    """The address of the link, in the conversation's language. `mailed`: it goes to the asker's mail address."""
    values = [conversation.pk, conversation.link_nonce]
    signed = signing.dumps([*values, mark(conversation.email)] if mailed else values, salt=_SALT)
    with translation.override(conversation.language):
        return reverse("chat:link", args=[signed])


def url(conversation: Conversation) -> str:
    """The link as it stands in a mail."""
    return urljoin(settings.BASE_URL, path(conversation, mailed=True))


def read(signed: str) -> ResumeLink | None:
    """What a link leads to, or None when it is altered, older than half a year or replaced, was mailed to an address
    that the asker has changed since, or its asker has an account by now."""
    try:
        pk, nonce, *mailed = signing.loads(signed, salt=_SALT, max_age=AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    conversation = Conversation.objects.for_lists().select_related("audience").filter(pk=pk, customer=None).first()
    if conversation is None or not constant_time_compare(conversation.link_nonce, nonce):
        return None
    if mailed and mailed[0] != mark(conversation.email):
        return None
    return ResumeLink(conversation, *mailed)
