"""Outgoing mail: a background task for each mail, delivered to a mail server or stored as a row."""

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
PAUSES = (300.0, 6 * 3600.0)  # seconds between attempts: the first and the longest pause; two days in all
LONGEST = 90.0  # seconds to send one mail
KEEP = timedelta(days=90)


class Letter(TypedDict):
    """A mail as the arguments of a task."""

    to: list[str]
    subject: str
    text: str
    html: str
    sender: str
    headers: dict[str, str]
    shows: NotRequired[list[str]]  # keys of the rows whose words it contains
    person: NotRequired[int]  # the recipient: a person,
    reader: NotRequired[list[str]]  # or somebody with these audience keys


class QueuedMailBackend(BaseEmailBackend):
    """Django's EMAIL_BACKEND: each mail of any app becomes a task in the transaction in which it is sent."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue the mails. Attachments are not supported."""
        for message in email_messages:
            queue(as_letter(message))
        return len(email_messages)


class KeptMailBackend(BaseEmailBackend):
    """Delivery without a mail server: mails are stored as rows, which administrators read (Management → Sent mail)."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store the mails, for as long as KEEP."""
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
    """Return what a task needs of a Django message: addresses, subject, text and its HTML alternative."""
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
    """Return a plain mail from the site to one address."""
    local, at, domain = to.rpartition("@")
    to = local + at + punycode(domain)  # in ASCII: an address with a display name allows nothing else
    return {
        "to": [formataddr((" ".join(name.split()), to)) if name else to],
        "subject": " ".join(subject.split()),
        "text": text,
        "html": "",
        "sender": settings.DEFAULT_FROM_EMAIL,
        "headers": {"Auto-Submitted": "auto-generated"},
    }


def compose(template: str, language: str, **context: Any) -> str:
    """Render the text of a mail in a language. `url` in the context becomes absolute."""
    if (url := str(context.get("url", ""))).startswith("/"):
        context["url"] = settings.BASE_URL + url
    with translation.override(language):
        text = render_to_string(
            template, {"site_name": settings.WAGTAIL_SITE_NAME, "base_url": settings.BASE_URL, **context}
        )
    return text.strip() + "\n"


def queue(mail: Letter) -> None:
    """Deliver a mail after the surrounding transaction commits: its task is a row of that transaction.

    Message-ID and date are set here. If a mail is delivered twice, because we died before recording that the server
    accepted it, mail programs recognise the duplicate.
    """
    own = {name.lower() for name in mail["headers"]}
    fixed = {name: value for name, value in _fixed(mail["sender"]).items() if name.lower() not in own}
    deliver.enqueue(dict(mail) | {"headers": fixed | mail["headers"]})


def _fixed(sender: str) -> dict[str, str]:
    _name, _at, domain = address_of(sender).partition("@")
    domain = domain or urlsplit(settings.BASE_URL).hostname or "localhost"
    return {"Message-ID": make_msgid(domain=punycode(domain)), "Date": formatdate()}


def may_mail(address: str) -> bool:
    """Return True if an unconfirmed address may get another mail today, and take one of its allowance."""
    try:
        limits.take("mail.address", f"mail:{mailbox(address)}")
    except limits.TooMany:
        logger.info("no mail: an address that anybody can type got enough today")
        return False
    return True


def may_read(mail: dict[str, Any]) -> bool:
    """Return True if the recipient may see, now, every row whose words are in the mail."""
    if not (shows := mail.get("shows")):
        return True
    if (pk := mail.get("person")) is None:
        return showing.sees_all(AudienceViewer(frozenset(mail.get("reader", ()))), shows)
    person = User.objects.filter(pk=pk, is_active=True).first()
    return person is not None and showing.sees_all(viewer_for(person), shows)


@task(queue_name="mail")
def deliver(mail: dict[str, Any], attempt: int = 1) -> None:
    """Deliver one mail to the server.

    While the server is unavailable the whole queue waits (TryAgain with `rest`), and no attempt is counted. A failure
    of this mail alone is retried at most ATTEMPTS times within two days. A permanent refusal by the server ends it at
    once.

    Permissions are checked at each attempt: a mail waits in the queue, and its subject may have been closed or hidden.
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
    """Send a mail.

    Raise OSError, or TryAgain if the server cannot be reached. Errors after it accepted the mail are ignored.

    A server that answers only slowly would block us forever, so the connection is closed after LONGEST.
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
    """Close the socket, so that a blocked read of the server's answer ends."""
    smtp = getattr(connection, "connection", None) or getattr(connection, "_partial_connection", None)
    if (sock := getattr(smtp, "sock", None)) is not None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _refused(error: OSError) -> bool:
    """Return True if the server never accepts this mail.

    A refused sender is a configuration error that can be mended.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPSenderRefused):
        return False
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return isinstance(error, smtplib.SMTPNotSupportedError)


@task()
def mail_notifications(ids: list[int]) -> None:
    """Mail inbox rows to their recipients, each row once, unless they chose otherwise or have read it already."""
    from notifications.models import Notification

    rows = Notification.objects.filter(pk__in=ids, mailed=None, read=None, recipient__is_active=True)
    rows = rows.exclude(recipient__notification_choice__by_mail=False).select_related("recipient", "actor")
    for row in rows.prefetch_related("subjects"):
        person = row.recipient
        text = compose("notifications/mail/notification.txt", person.language, url=row.url, notification=row)
        mail = letter(to=person.email, name=person.name, subject=row.title, text=text)
        with transaction.atomic():  # claim and queue together: a task that runs twice must not send twice
            if Notification.objects.filter(pk=row.pk, mailed=None).update(mailed=timezone.now()):
                queue(mail | {"shows": [subject.key for subject in row.subjects.all()], "person": person.pk})


def decoded(header: str) -> str:
    """Return a header decoded: "=?utf-8?q?Zo=C3=AB?= <zoe@…>" → "Zoë <zoe@…>"; unchanged if it is malformed."""
    try:
        return " ".join(str(make_header(decode_header(header))).split())
    except (HeaderParseError, LookupError, UnicodeError):
        return header


def address_of(text: str) -> str:
    """Return the bare address in "Name <address>"."""
    return parseaddr(text)[1]
