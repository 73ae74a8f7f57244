"""No text typed by a stranger is sent to an unconfirmed address, by any form, and no address gets a hundred mails."""

import re
from collections.abc import Callable
from email import message_from_string
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse

from accounts.models import User
from chat import actions
from chat.models import Conversation
from notifications.actions import mail
from notifications.mail import letter
from notifications.models import SentMail
from tests.kb.conftest import make_topic
from tests.people import People

pytestmark = pytest.mark.django_db
VICTIM = "victim@elsewhere.example"
MARK = "win-a-prize-at-evil-example"
PASSWORD = "a long enough password"
ANONYMOUS = ["chat:start", "account_signup", "account_login", "account_reset_password", "search:results"]


def fill(form: Any, typed: str) -> dict[str, str]:
    """Return what a stranger posts with a form: the victim's address, and `typed` in every text field."""
    values: dict[str, str] = {}
    for field in form.find_all(["input", "textarea", "select", "button"]):
        name, kind = field.get("name"), field.get("type", "text")
        if not name or name in values or kind in ("submit", "checkbox"):
            continue
        if field.name == "select":
            values[name] = next(option["value"] for option in field.find_all("option") if option.get("value"))
        elif kind == "email" or name in ("email", "login"):
            values[name] = VICTIM
        elif kind == "password":
            values[name] = PASSWORD
        elif field.name == "textarea" or (kind == "text" and not field.get("value")):
            values[name] = typed
        else:
            values[name] = field.get("value", "")
    return values


def to_victim(mails: list[SentMail]) -> list[SentMail]:
    """Return those to the victim."""
    return [mail for mail in mails if VICTIM in mail.to.lower()]


def strangers_forms(client: Client) -> dict[str, tuple[str, dict[str, str]]]:
    """Return every form with a field for an address, by its action, on the pages that anybody gets."""
    found = {}
    for name in ANONYMOUS:
        page = client.get(reverse(name), {"q": f"kolibrie {MARK}"})
        for form in BeautifulSoup(page.content, "html.parser").find_all("form"):
            if form.find("input", {"type": "email"}) or form.find("input", {"name": "email"}):
                action = form.get("action") or reverse(name)
                found[action] = (action, fill(form, f"{MARK} https://{MARK}.example/"))
    return found


def test_no_typed_text_is_mailed_to_an_unconfirmed_address(
    people: People, mails: Any, settings: Any, indexed: Callable[[], int]
) -> None:
    settings.REGISTRATION = "everybody"
    make_topic("Dieren", {"public"})
    client, wrong, sent = Client(), [], 0
    forms = strangers_forms(client)
    needed = {reverse(name) for name in ("chat:start", "account_signup", "account_reset_password", "search:wish")}
    assert needed <= set(forms), f"forms seen: {sorted(forms)}"

    def say_all() -> None:
        for action, values in forms.values():
            client.post(action, values | {"anyway": "1"})
        conversation = Conversation.objects.get()
        actions.post_message(by=people.viewer("agent"), conversation=conversation, body=f"You say {MARK}?")
        Conversation.objects.update(told_number=0)
        actions.add_faq(conversation_id=conversation.pk, faq_id=7, title=MARK, url="/nl/faq/7-x/")

    for each in to_victim(mails(say_all)):
        sent += 1
        if MARK in f"{each.to} {each.sender} {each.subject} {each.text} {each.html}":
            wrong.append((each.subject, each.text))
    assert not wrong
    assert sent >= 5, "a mail of each kind: chat, FAQ, wish, sign-up, reset"


def test_one_address_gets_a_limited_number_of_mails(people: People, mails: Any, settings: Any) -> None:
    settings.REGISTRATION = "everybody"
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"chat.start": (1000, 60), "mail.address": (4, 86_400)}
    User.objects.create_user(VICTIM, name="Victim", language="nl")

    def fill_the_mailbox() -> None:
        for n in range(12):
            Client().post(reverse("account_reset_password"), {"email": VICTIM}, REMOTE_ADDR=f"192.0.2.{n}")
            visitor = Client()
            form = {"q": f"Vraag {n}", "team": people.hr.pk, "email": VICTIM.upper(), "anyway": "1"}
            visitor.post(reverse("chat:start"), form)
            conversation = Conversation.objects.latest("pk")
            actions.post_message(by=people.viewer("agent"), conversation=conversation, body="Antwoord")

    assert len(to_victim(mails(fill_the_mailbox))) == 4


HEADERS = [
    "x\r\nBcc: all@evil.example",
    "x\nTo: a@evil.example",
    "x\u2028Bcc: a@b.example",
    'a" <x@evil.example>, "b',
    "\0x",
]


def test_no_text_becomes_a_header(people: People) -> None:
    wrong = []
    for text in HEADERS:
        mail_ = letter(to=VICTIM, name=text, subject=text, text=text)
        message = EmailMultiAlternatives(mail_["subject"], mail_["text"], mail_["sender"], mail_["to"])
        raw = message_from_string(message.message().as_string())
        if message.recipients() != mail_["to"] or raw.get_all("Bcc") or len(raw.get_all("To") or []) != 1:
            wrong.append((text, raw.items()))
        addresses = re.findall(r"<([^<>]+)>$", str(mail_["to"][0]))
        if addresses != [VICTIM]:
            wrong.append((text, mail_["to"]))
    assert not wrong
    mail(to=VICTIM, subject=HEADERS[0], body="x", confirmed=True)
