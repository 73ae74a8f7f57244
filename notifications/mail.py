"""Mail on its way out: from the request to a background task, from there to the server or to the kept mails."""

import logging
import smtplib
import socket
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import formataddr, formatdate, make_msgid, parseaddr
from typing import Any, NotRequired, TypedDict
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.encoding import punycode
from django_tasks import task

from accounts.audiences import viewer_for
from accounts.models import User
from notifications import showing
from search.viewers import AudienceViewer
from web import limits
from web.backoff import pause
from web.mailboxes import mailbox
from web.tasks import TryAgain

logger = logging.getLogger(__name__)
ATTEMPTS = 14
PAUSES = (300.0, 6 * 3600.0)  # seconds between attempts: at first, and at most; together two days at the most
LONGEST = 90.0  # seconds that the server gets for one mail, once it has greeted
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
    """Django's EMAIL_BACKEND: whatever any app sends becomes a task, in the transaction in which it is sent."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue the mails. Attachments are not carried."""
        for message in email_messages:
            queue(as_letter(message))
        return len(email_messages)


class KeptMailBackend(BaseEmailBackend):
    """Delivery without a mail server: mails are kept as rows; administrators read them (Management → Sent mail)."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the mails, for as long as KEEP."""
        from notifications.models import SentMail

        for message in email_messages:
            letter = as_letter(message)
            kept = {
                "to": ", ".join(decoded(address) for address in letter["to"]),
                "sender": decoded(letter["sender"]),
                "subject": letter["subject"],
                "text": letter["text"],
                "html": letter["html"],
            }
            SentMail.objects.get_or_create(kept, message_id=letter["headers"].get("Message-ID") or make_msgid())
        return len(email_messages)


def purge_kept() -> int:
    """Delete mails that were kept instead of sent, once they are old; how many."""
    from notifications.models import SentMail

    return SentMail.objects.filter(created__lt=timezone.now() - KEEP).delete()[0]


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
    local, at, domain = to.rpartition("@")
    to = local + at + punycode(domain)  # as servers write it: beside a name nothing else can stand
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
    """Have a mail delivered once the surrounding transaction has committed: its task is a row of that transaction.

    Message-ID and date are fixed here: whoever gets a mail twice, since we died before noting that the server took
    it, has a program that sees that it is the same.
    """
    own = {name.lower() for name in mail["headers"]}
    fixed = {name: value for name, value in _fixed(mail["sender"]).items() if name.lower() not in own}
    deliver.enqueue(dict(mail) | {"headers": fixed | mail["headers"]})


def _fixed(sender: str) -> dict[str, str]:
    _name, _at, domain = address_of(sender).partition("@")
    domain = domain or urlsplit(settings.BASE_URL).hostname or "localhost"
    return {"Message-ID": make_msgid(domain=punycode(domain)), "Date": formatdate()}


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
        return showing.sees_all(AudienceViewer(frozenset(mail.get("reader", ()))), shows)
    person = User.objects.filter(pk=pk, is_active=True).first()
    return person is not None and showing.sees_all(viewer_for(person), shows)


@task(queue_name="mail")
def deliver(mail: dict[str, Any], attempt: int = 1) -> None:
    """Hand one mail to the server.

    While the server is away the whole queue waits (TryAgain with `rest`), and no attempt is counted; what fails for
    this mail is tried at most ATTEMPTS times within two days; what the server refuses for good ends it at once.
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
        _send(message, connection)
    except OSError as error:  # smtplib's errors are OSErrors too
        if _refused(error) or attempt >= ATTEMPTS:
            raise
        about_mail = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
        raise TryAgain(
            f"{type(error).__name__}: {error}",
            seconds=pause(attempt, *PAUSES), args=[mail, attempt + 1], rest=not about_mail,
        ) from error  # fmt: skip


def _send(message: EmailMessage, connection: Any) -> None:
    """Raises OSError, and TryAgain when the server cannot be reached. What happens after it took the mail is no error.

    A server that answers a letter now and then would keep us for ever: after LONGEST it is hung up on.
    """
    guard = threading.Timer(LONGEST, _hang_up, [connection])
    guard.daemon = True
    guard.start()
    try:
        try:
            connection.open()
        except OSError as error:
            raise TryAgain(f"the mail server is away: {type(error).__name__}: {error}", rest=True) from error
        message.send()
    finally:
        with suppress(OSError):
            connection.close()
        guard.cancel()


def _hang_up(connection: Any) -> None:
    """Whoever waits for the server's answer reads the end instead."""
    smtp = getattr(connection, "connection", None) or getattr(connection, "_partial_connection", None)
    if (sock := getattr(smtp, "sock", None)) is not None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _refused(error: OSError) -> bool:
    """Whether the server never takes this mail. Refusing the sender is about our set-up, which somebody may mend."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPSenderRefused):
        return False
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return isinstance(error, smtplib.SMTPNotSupportedError)


@task()
def mail_notifications(ids: list[int]) -> None:
    """Mail inbox rows to their recipients, each row once, unless they chose otherwise or read it already."""
    from notifications.models import Notification

    rows = Notification.objects.filter(pk__in=ids, mailed=None, read=None, recipient__is_active=True)
    rows = rows.exclude(recipient__notification_choice__by_mail=False).select_related("recipient", "actor")
    for row in rows.prefetch_related("subjects"):
        person = row.recipient
        text = compose("notifications/mail/notification.txt", person.language, url=row.url, notification=row)
        mail = letter(to=person.email, name=person.name, subject=row.title, text=text)
        with transaction.atomic():  # claimed and queued, or neither: a task that runs twice does not send twice
            if Notification.objects.filter(pk=row.pk, mailed=None).update(mailed=timezone.now()):
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
