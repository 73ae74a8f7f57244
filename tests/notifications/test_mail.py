"""Outgoing mail."""

import re
import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.test.utils import override_settings
from django_tasks_db.models import DBTaskResult

from notifications import mail as post
from notifications.actions import notify
from notifications.mail import ATTEMPTS, deliver, letter, mail_notifications, queue
from notifications.models import Notification, SentMail
from tests.people import People
from tests.smtp import DRIP, MailServer, mail_server
from tests.tasks import queue_in_database
from web.tasks import TryAgain


@pytest.fixture
def waiting(settings: Any) -> Any:
    """Let tasks wait in the database, and return those of a queue."""
    queue_in_database(settings)
    return lambda queue: DBTaskResult.objects.filter(queue_name=queue)


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """A mail server, configured in the settings."""
    with mail_server(settings, 5) as server:
        yield server


def a_mail(**changes: Any) -> dict[str, Any]:
    return dict(letter(to="a@example.org", subject="S", text="T")) | changes


def test_whatever_is_sent_is_delivered_after_commit(db: None, django_capture_on_commit_callbacks) -> None:
    backend = get_connection("notifications.mail.QueuedMailBackend")
    with django_capture_on_commit_callbacks(execute=True):
        EmailMessage("Subject", "Body", to=["a@example.org"], connection=backend).send()
        assert not SentMail.objects.exists()
    assert SentMail.objects.get().to == "a@example.org"


@pytest.mark.django_db(transaction=True)
def test_tasks_are_committed_with_their_cause_or_not_at_all(people: People, waiting: Any) -> None:
    def act() -> None:
        queue(letter(to="a@example.org", subject="S", text="T"))
        notify(recipients=[people.owner], event="test.happened", title="T")

    class Oops(Exception):
        pass

    with pytest.raises(Oops), transaction.atomic():
        act()
        raise Oops
    assert not DBTaskResult.objects.exists()
    seen = []
    with transaction.atomic():
        # The first of all that runs after the commit: a process may die right before it.
        transaction.on_commit(lambda: seen.append((waiting("mail").count(), waiting("default").count())))
        act()
    assert seen == [(1, 1)]


def test_the_id_and_date_of_a_mail_are_fixed_when_it_is_queued(db: None, waiting: Any, server: MailServer) -> None:
    queue(letter(to="a@example.org", subject="S", text="T"))
    carried = waiting("mail").get().args_kwargs["args"][0]
    assert re.fullmatch(r"<\S+@localhost>", carried["headers"]["Message-ID"]), "the domain of the sender"
    for attempt in (1, 2):
        deliver.call(carried, attempt)
    assert [m["Message-ID"] for m in server.mails] == [carried["headers"]["Message-ID"]] * 2
    assert [m["Date"] for m in server.mails] == [carried["headers"]["Date"]] * 2
    with override_settings(BASE_URL="https://vragen.example"):
        own = a_mail(sender="Zoë <zoë@bücher.example>", headers={"Message-Id": "<own@x>"})
        assert post._fixed(own["sender"])["Message-ID"].endswith("@xn--bcher-kva.example>")
        assert post._fixed("nobody")["Message-ID"].endswith("@vragen.example>")
        queue(own)
    assert waiting("mail").last().args_kwargs["args"][0]["headers"].keys() == {"Message-Id", "Date"}


def test_the_servers_answer_ends_or_delays_a_mail(db: None, server: MailServer) -> None:
    """Expected: the mail ends, or is delayed by some seconds, and whether the other mails wait too."""
    cases = {
        ("RCPT", "550 no such person"): "ended",
        ("RCPT", "450 greylisted"): (True, False),
        (".", "554 spam"): "ended",
        (".", "451 try later"): (True, False),
        ("DATA", "452 full"): (True, False),
        ("MAIL", "530 sign in first"): (True, True),
        ("MAIL", "421 too many"): (True, True),
        ("GREETING", "554 go away"): (False, True),
        ("GREETING", "421 busy"): (False, True),
        ("EHLO", "500 what?"): None,  # HELO will do
    }
    wrong = {}
    for (verb, answer), wanted in cases.items():
        server.answers = {verb: answer}
        try:
            got = deliver.call(a_mail())
        except TryAgain as again:
            got = (again.seconds > 0, again.rest)
            assert bool(again.arguments) == (again.seconds > 0), "an attempt counts when this mail is put off"
        except smtplib.SMTPException:
            got = "ended"
        if got != wanted:
            wrong[verb, answer] = got
    assert not wrong


def test_a_stored_mail_is_stored_once(db: None) -> None:
    mail = a_mail(headers={"Message-ID": "<one@x>"})
    for again in (mail, mail, a_mail(), a_mail()):
        deliver.call(again)
    assert SentMail.objects.count() == 3


def test_attempts_end(db: None, server: MailServer) -> None:
    server.answers["RCPT"] = "450 greylisted"
    with pytest.raises(TryAgain) as again:
        deliver.call(a_mail(), 1)
    assert again.value.arguments == {"args": [a_mail(), 2], "kwargs": {}}
    assert 150 <= again.value.seconds <= 300
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        deliver.call(a_mail(), ATTEMPTS)
    longest = sum(min(300 * 2**n, 6 * 3600) for n in range(ATTEMPTS - 1))
    assert 40 <= longest / 3600 <= 48


def test_the_connection_to_a_slow_server_is_closed(
    db: None, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "LONGEST", 0.3)
    for verb in ("EHLO", "DATA", "."):
        server.answers = {verb: DRIP}
        with pytest.raises(TryAgain):
            deliver.call(a_mail())


def test_errors_after_the_server_accepted_a_mail_are_ignored(db: None, server: MailServer) -> None:
    server.answers["QUIT"] = "500 never"
    deliver.call(a_mail())
    assert len(server.mails) == 1


def test_a_worker_killed_between_two_mails_sends_the_rest_later(
    people: People, waiting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipients = [people.owner, people.colleague, people.outsider]
    notify(recipients=recipients, event="test.happened", title="T")
    ids = list(Notification.objects.values_list("pk", flat=True))
    letters, whole = [], post.queue

    def dying(mail: Any) -> None:
        whole(mail)
        letters.append(mail)
        if len(letters) == 2:
            raise SystemExit  # after the row was written, before the commit

    monkeypatch.setattr(post, "queue", dying)
    with pytest.raises(SystemExit):
        mail_notifications.call(ids)
    assert Notification.objects.exclude(mailed=None).count() == waiting("mail").count() == 1
    mail_notifications.call(ids)
    mail_notifications.call(ids)
    to = sorted(row.args_kwargs["args"][0]["to"][0] for row in waiting("mail"))
    assert [post.address_of(address) for address in to] == sorted(p.email for p in recipients)


def test_no_header_can_be_injected(db: None) -> None:
    mail = letter(to="a@example.org", name="A\nBcc: b@example.org", subject="S\r\nBcc: c@example.org", text="T")
    deliver.call(dict(mail))
    kept = SentMail.objects.get()
    assert "\n" not in kept.subject
    assert "\n" not in kept.to


@pytest.mark.parametrize("name", ["Jan", "Zoë"])
def test_a_non_ascii_domain_does_not_block_other_mails(
    people: People, waiting: Any, server: MailServer, name: str
) -> None:
    people.owner.name, people.owner.email = name, "jan@bücher.example"
    people.owner.save()
    notify(recipients=[people.owner, people.colleague], event="test.happened", title="T")
    mail_notifications.call(list(Notification.objects.order_by("recipient").values_list("pk", flat=True)))
    queued = [row.args_kwargs["args"][0] for row in waiting("mail")]
    assert {post.address_of(mail["to"][0]) for mail in queued} == {"jan@xn--bcher-kva.example", people.colleague.email}
    for mail in queued:
        deliver.call(mail)
    assert len(server.mails) == 2
