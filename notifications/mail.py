"""Mail on its way out: from the request to a background task, from there to the server or to the kept mails."""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import formataddr, parseaddr
from typing import Any, NotRequired, TypedDict

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django_tasks import task

from accounts.audiences import viewer_for
from accounts.models import User
from notifications import showing
from search.learning.viewers import Readers
from web import limits
from web.mailboxes import mailbox

logger = logging.getLogger(__name__)
ATTEMPTS = 6
KEEP = timedelta(days=90)


class Letter(TypedDict):
    """A mail as a task carries it."""

    to: list[str]
    subject: str
    text: str
    html: str
    sender: str
    headers: dict[str, str]
    shows: NotRequired[list[str]]  # keys of the rows whose words are in it
    person: NotRequired[int]  # who gets it: a person,
    reader: NotRequired[list[str]]  # or whoever holds these audience keys


class QueuedMailBackend(BaseEmailBackend):
    """Django's EMAIL_BACKEND: whatever any app sends is delivered by a task, once the transaction commits."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue the mails. Attachments are not carried."""
        for message in email_messages:
            queue(as_letter(message))
        return len(email_messages)


class KeptMailBackend(BaseEmailBackend):
    """Delivery without a mail server: mails are kept as rows; administrators read them (Management → Sent mail)."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the mails, and drop those older than KEEP."""
        from notifications.models import SentMail

        for message in email_messages:
            letter = as_letter(message)
            SentMail.objects.create(
                to=", ".join(decoded(address) for address in letter["to"]),
                sender=decoded(letter["sender"]),
                subject=letter["subject"],
                text=letter["text"],
                html=letter["html"],
            )
        SentMail.objects.filter(created__lt=timezone.now() - KEEP).delete()
        return len(email_messages)


def as_letter(message: EmailMessage) -> Letter:
    """What of a Django message is carried: addresses, subject, text and its HTML alternative."""
    alternatives: Iterable[Any] = getattr(message, "alternatives", [])
    html = next((str(content) for content, kind in alternatives if kind == "text/html"), "")
    return {
        "to": list(message.recipients()),
        "subject": " ".join(str(message.subject).split()),
        "text": str(message.body),
        "html": html,
        "sender": str(message.from_email),
        "headers": {str(k): str(v) for k, v in message.extra_headers.items()},
    }


def letter(*, to: str, subject: str, text: str, name: str = "") -> Letter:
    """A plain mail from the site to one address."""
    return {
        "to": [formataddr((" ".join(name.split()), to)) if name else to],
        "subject": " ".join(subject.split()),
        "text": text,
        "html": "",
        "sender": settings.DEFAULT_FROM_EMAIL,
        "headers": {"Auto-Submitted": "auto-generated"},
    }


def compose(template: str, language: str, **context: Any) -> str:
    """The text of a mail in a language; `url` in the context becomes absolute."""
    if (url := str(context.get("url", ""))).startswith("/"):
        context["url"] = settings.BASE_URL + url
    with translation.override(language):
        text = render_to_string(
            template, {"site_name": settings.WAGTAIL_SITE_NAME, "base_url": settings.BASE_URL, **context}
        )
    return text.strip() + "\n"


def queue(mail: Letter) -> None:
    """Have a mail delivered after the commit of the surrounding transaction."""
    transaction.on_commit(lambda: deliver.enqueue(dict(mail)))


def may_mail(address: str) -> bool:
    """Whether an address that anybody may have typed gets another mail today; takes one of its allowance."""
    try:
        limits.take("mail.address", f"mail:{mailbox(address)}")
    except limits.TooMany:
        logger.info("no mail: an address that anybody can type got enough today")
        return False
    return True


def may_read(mail: dict[str, Any]) -> bool:
    """Whether whoever gets a mail may see, now, every row whose words are in it."""
    if not (shows := mail.get("shows")):
        return True
    if (pk := mail.get("person")) is None:
        return showing.sees_all(Readers(frozenset(mail.get("reader", ()))), shows)
    person = User.objects.filter(pk=pk, is_active=True).first()
    return person is not None and showing.sees_all(viewer_for(person), shows)


@task()
def deliver(mail: dict[str, Any], attempt: int = 1) -> None:
    """Hand one mail to the server; when that fails, again later, at most ATTEMPTS times in about a day.

    Rights are asked each time: a mail waits in the queue, and what it speaks of may have been closed or hidden.
    """
    if not may_read(mail):
        logger.info("mail not sent: its reader may no longer see what it is about")
        return
    connection = get_connection(settings.MAIL_DELIVERY)
    message = EmailMultiAlternatives(
        mail["subject"], mail["text"], mail["sender"], mail["to"], headers=mail["headers"], connection=connection
    )
    if mail["html"]:
        message.attach_alternative(mail["html"], "text/html")
    try:
        message.send()
    except OSError:  # smtplib's errors are OSErrors too
        if attempt >= ATTEMPTS or not deliver.get_backend().supports_defer:
            raise
        logger.warning("mail not delivered at attempt %s, trying again later", attempt, exc_info=True)
        deliver.using(run_after=timezone.now() + timedelta(minutes=4**attempt)).enqueue(mail, attempt + 1)


@task()
def mail_notifications(ids: list[int]) -> None:
    """Mail inbox rows to their recipients, each row once, unless they chose otherwise or read it already."""
    from notifications.models import Notification

    rows = Notification.objects.filter(pk__in=ids, mailed=None, read=None, recipient__is_active=True)
    rows = rows.exclude(recipient__notification_choice__by_mail=False).select_related("recipient", "actor")
    for row in rows.prefetch_related("subjects"):
        # Claimed before it is sent: a task that runs twice does not send twice.
        if Notification.objects.filter(pk=row.pk, mailed=None).update(mailed=timezone.now()):
            person = row.recipient
            text = compose("notifications/mail/notification.txt", person.language, url=row.url, notification=row)
            mail = letter(to=person.email, name=person.name, subject=row.title, text=text)
            queue(mail | {"shows": [subject.key for subject in row.subjects.all()], "person": person.pk})


def decoded(header: str) -> str:
    """A header as people read it: "=?utf-8?q?Zo=C3=AB?= <zoe@…>" → "Zoë <zoe@…>"; unchanged when it cannot be read."""
    try:
        return " ".join(str(make_header(decode_header(header))).split())
    except (HeaderParseError, LookupError, UnicodeError):
        return header


def address_of(text: str) -> str:
    """The bare address in "Name <address>"."""
    return parseaddr(text)[1]
