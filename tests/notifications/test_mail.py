"""Mail on its way out."""

import smtplib

import pytest
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from notifications.mail import ATTEMPTS, deliver, letter
from notifications.models import SentMail


class FailingBackend(BaseEmailBackend):
    """A mail server that is away."""

    def send_messages(self, email_messages):
        raise smtplib.SMTPServerDisconnected("away")


def test_whatever_is_sent_is_delivered_after_commit(db: None, django_capture_on_commit_callbacks) -> None:
    backend = get_connection("notifications.mail.QueuedMailBackend")
    with django_capture_on_commit_callbacks(execute=True):
        EmailMessage("Subject", "Body", to=["a@example.org"], connection=backend).send()
        assert not SentMail.objects.exists()
    assert SentMail.objects.get().to == "a@example.org"


def test_a_server_that_is_away_is_tried_again_later(db: None, settings) -> None:
    from django_tasks_db.models import DBTaskResult

    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.MAIL_DELIVERY = f"{__name__}.FailingBackend"
    mail = dict(letter(to="a@example.org", subject="S", text="T"))
    deliver.call(mail)
    waiting = DBTaskResult.objects.get()
    assert waiting.args_kwargs["args"][1] == 2
    assert waiting.run_after is not None
    with pytest.raises(smtplib.SMTPServerDisconnected):
        deliver.call(mail, ATTEMPTS)
    assert DBTaskResult.objects.count() == 1


def test_a_header_cannot_be_smuggled_in(db: None) -> None:
    mail = letter(to="a@example.org", name="A\nBcc: b@example.org", subject="S\r\nBcc: c@example.org", text="T")
    deliver.call(dict(mail))
    kept = SentMail.objects.get()
    assert "\n" not in kept.subject
    assert "\n" not in kept.to
