"""One spelling for each e-mail address: no mailbox is reached, counted or registered under another one."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import Invitation, User
from tests.accounts.test_sign_in import confirmed, entered, sign_in
from tests.people import People
from web.mailboxes import mailbox, normal

MIKE = "mike.s@brug.example"
SAME = ["mike.s@brug.example", "MIKE.S@Brug.Example", "  mike.s@brug.example\t", "Mike.s@brug.example\u00a0"]
# Letters that Python, PostgreSQL or a mail server take for others: long s, Kelvin sign, i without and with a dot, wide
# letters, combining ones; spaces that are none; and what is no address.
OTHERS = [
    "mike.\u017f@brug.example", "mi\u212ae.s@brug.example", "m\u0131ke.s@brug.example", "M\u0130KE.s@brug.example",
    "\uff4dike.s@brug.example", "mike.s@br\uff55g.example", "mike.s@bru\u0261.example\u200b",
    "mike.s\u200b@brug.example", "mike.s@brug.example.", "mike.s@brug\u3002example", "mike.s@\u017fite.example",
    "mi\u0307ke.s@brug.example", "mike .s@brug.example", "mike.s@brug.example,x@y.example", "<mike.s@brug.example>",
]  # fmt: skip


def test_an_address_has_one_spelling() -> None:
    assert {normal(text) for text in SAME} == {MIKE}
    assert normal("jan@m\u00fcller.example") == "jan@m\u00fcller.example"
    passed = []
    for text in OTHERS:
        try:
            passed.append((text, normal(text)))
        except ValidationError:
            continue
    assert not passed
    assert {mailbox(text) for text in (MIKE, "Mike.S+1@brug.example", "mike.s+x+y@BRUG.example")} == {MIKE}


def test_every_form_of_the_product_refuses_other_spellings() -> None:
    def below(kind: type) -> set[type]:
        return {kind} | {each for child in kind.__subclasses__() for each in below(child)}

    fields = [kind for kind in below(forms.EmailField) if kind().clean(MIKE)]
    assert len(fields) > 1, "allauth has one of its own"
    for kind in fields:
        for text in OTHERS:
            with pytest.raises(ValidationError):
                kind().clean(text)


@pytest.mark.django_db
def test_no_account_is_found_by_another_spelling(people: People, mailoutbox) -> None:
    mike = confirmed(User.objects.create_user(" MIKE.S@brug.example", "test", name="Mike"))
    assert mike.email == MIKE
    client = Client()
    for text in OTHERS:
        sign_in(client, text)
        assert not entered(client), text
        client.post(reverse("account_reset_password"), {"email": text})
        with pytest.raises(ValidationError):
            User.objects.create_user(text)
        with pytest.raises(ValidationError):
            actions.invite(by=people.viewer("administrator"), email=text, language="nl")
    assert not mailoutbox
    for text in SAME:
        actions.invite(by=people.viewer("administrator"), email=text.lower().replace("mike", "Anna"), language="nl")
    assert [each.email for each in Invitation.objects.all()] == ["anna.s@brug.example"]
    sign_in(client, SAME[1])
    assert entered(client)
