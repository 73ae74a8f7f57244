"""Who may register: every setting for every kind of visitor."""

import re
import threading
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import visitors
from accounts.actions import invite
from accounts.forms import SignupForm
from accounts.models import AuditEvent, Invitation, RoleGrant, User
from accounts.roles import Role
from accounts.signals import visitor_signed_in
from tests.people import People

PASSWORD = "een lange en vreemde zin"


@pytest.fixture
def invitation(people: People) -> Invitation:
    return invite(
        by=people.viewer("administrator"),
        email="gast@example.org",
        language="nl",
        organisation=people.business,
        unit=people.unit,
    )


@pytest.fixture
def link(invitation: Invitation, mailoutbox) -> str:
    """Return the path of the mailed link."""
    (path,) = re.findall(r"http://127.0.0.1:8000(/\S+/account/invited/\S+)", mailoutbox[-1].body)
    return path


def register(client: Client, email: str, **changes) -> User | None:
    data = {"name": "Gast", "email": email, "language": "en", "password1": PASSWORD, "password2": PASSWORD} | changes
    client.post(reverse("account_signup"), data)
    return User.objects.filter(email__iexact=email).first()


@pytest.mark.parametrize(
    ("setting", "stranger", "colleague", "guest"),
    [
        ("nobody", False, False, False),
        ("invited", False, False, True),
        ("domain", False, True, True),
        ("everybody", True, True, True),
    ],
)
def test_who_may_register(settings, link, setting: str, stranger: bool, colleague: bool, guest: bool) -> None:
    settings.REGISTRATION, settings.REGISTRATION_DOMAINS = setting, ["@Waterland.example"]
    assert bool(register(Client(), "stranger@elsewhere.example")) is stranger
    assert bool(register(Client(), "new@waterland.example")) is colleague
    assert bool(register(Client(), "new@notwaterland.example")) is stranger
    assert bool(register(Client(), "new@waterland.example.evil.example")) is stranger
    client = Client()
    client.get(link)
    assert bool(register(client, "other@elsewhere.example")) is stranger, "the invitation is for one address"
    assert bool(register(client, "Gast@example.org")) is guest


def test_the_closed_page_says_so(settings, db: None, client: Client) -> None:
    settings.REGISTRATION = "nobody"
    assert client.get(reverse("account_signup")).status_code == 200
    assert "password1" not in client.get(reverse("account_signup")).content.decode()


def test_invited_people_are_signed_in_at_once(settings, invitation, link, people: People, client: Client) -> None:
    settings.REGISTRATION = "invited"
    response = client.get(link, follow=True)
    assert 'value="gast@example.org"' in response.content.decode()
    person = register(client, "gast@example.org")
    assert person is not None
    assert (person.name, person.language) == ("Gast", "en")
    assert EmailAddress.objects.get(user=person).verified, "the link came to that address"
    assert client.session["_auth_user_id"] == str(person.pk)
    (membership,) = person.memberships.all()
    assert (membership.organisation, membership.unit) == (people.business, people.unit)
    invitation.refresh_from_db()
    assert invitation.accepted
    assert AuditEvent.objects.get(event="accounts.registered").details == {"invited": True}
    again = Client().get(link)
    assert again.status_code == 410


def test_others_confirm_their_address_first(settings, db: None, client: Client, mailoutbox) -> None:
    settings.REGISTRATION = "everybody"
    person = register(client, "new@example.org", language="nl")
    assert "_auth_user_id" not in client.session
    assert not EmailAddress.objects.get(user=person).verified
    (mail,) = mailoutbox
    assert "http://127.0.0.1:8000/" in mail.body


def test_an_invitation_ends_and_tokens_are_long(settings, link: str, client: Client) -> None:
    mailed = link.rstrip("/").rpartition("/")[2]
    assert len(mailed) >= 32
    stored = Invitation.objects.get().token_hash
    assert mailed not in stored and len(stored) == 64, "whoever reads the database cannot use the link"
    for token in ("x", "0" * 32, mailed[:-1], stored):
        assert client.get(reverse("accounts:invited", args=[token])).status_code == 410
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert client.get(link).status_code == 410


@pytest.mark.parametrize("missing", ["name", "email", "password1"])
def test_missing_values_are_reported_at_their_fields(settings, db: None, client: Client, missing: str) -> None:
    settings.REGISTRATION = "everybody"
    data = {"name": "Gast", "email": "a@example.org", "language": "en", "password1": PASSWORD, "password2": PASSWORD}
    response = client.post(reverse("account_signup"), data | {missing: ""})
    assert missing in response.context["form"].errors


def test_signing_in_sends_visitor_signed_in_once(people: People, client: Client) -> None:
    EmailAddress.objects.create(user=people.owner, email=people.owner.email, verified=True, primary=True)
    token = visitors.new_token()
    client.cookies[visitors.COOKIE] = visitors.sign(token)
    heard = []

    def listen(user: User, visitor: str, **_signal: object) -> None:
        heard.append((user, visitor))

    visitor_signed_in.connect(listen)
    try:
        response = client.post(reverse("account_login"), {"login": people.owner.email.upper(), "password": "test"})
        assert response.status_code == 302
        assert response.url == "/nl/", "home, in the person's language"
        assert heard == [(people.owner, token)]
        assert client.cookies[visitors.COOKIE].value == "", "who uses this browser next is another visitor"
        client.logout()
        client.post(reverse("account_login"), {"login": people.owner.email, "password": "test"})
        assert len(heard) == 1
    finally:
        visitor_signed_in.disconnect(listen)


def test_a_forged_visitor_cookie_is_ignored(people: People, client: Client) -> None:
    client.cookies[visitors.COOKIE] = "a token that was never signed"
    client.force_login(people.owner, backend="accounts.backends.RoleBackend")
    assert client.get(reverse("accounts:profile")).status_code == 200


def test_an_invitation_ends_when_its_sender_loses_the_permission(
    people: People, invitation: Invitation, link: str, settings
) -> None:
    """Also for somebody who opened the link before. It works again once the sender has the permission back."""
    settings.REGISTRATION = "invited"
    client, late = Client(), Client()
    client.get(link)
    people.administrator.role_grants.all().delete()
    assert register(client, invitation.email) is None
    late.get(link)
    assert register(late, invitation.email) is None
    RoleGrant.objects.create(user=people.administrator, role=Role.ADMINISTRATOR)
    User.objects.filter(pk=people.administrator.pk).update(is_active=False)
    assert register(client, invitation.email) is None
    User.objects.filter(pk=people.administrator.pk).update(is_active=True)
    client.get(link)
    assert register(client, invitation.email) is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("invited", [True, False])
def test_three_concurrent_registrations_create_one_account(
    settings, people: People, mailoutbox, monkeypatch, invited: bool
) -> None:
    """With one invitation or one address: one account, and two form errors."""
    settings.REGISTRATION = "invited" if invited else "everybody"
    invite(by=people.viewer("administrator"), email="gast@example.org", language="nl", organisation=people.business)
    (path,) = re.findall(r"http://127.0.0.1:8000(/\S+/account/invited/\S+)", mailoutbox[-1].body)
    together, save = threading.Barrier(3, timeout=20), SignupForm.try_save

    def save_together(form: SignupForm, request: object) -> object:
        together.wait()  # each form was found right before any of them is saved
        return save(form, request)

    monkeypatch.setattr(SignupForm, "try_save", save_together)
    answers: list[object] = []

    def sign_up() -> None:
        try:
            client = Client()
            if invited:
                client.get(path)
            form = {"name": "Gast", "email": "gast@example.org", "language": "nl", "password1": PASSWORD}
            answers.append(client.post(reverse("account_signup"), form | {"password2": PASSWORD}))
        except BaseException as error:  # noqa: BLE001  # shown by the assertion below
            answers.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sign_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(getattr(answer, "status_code", repr(answer)) for answer in answers) == [302, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            assert "zojuist een account gemaakt" in answer.text and 'value="Gast"' in answer.text
    person = User.objects.get(email="gast@example.org")
    assert person.memberships.count() == (1 if invited else 0)
    assert AuditEvent.objects.filter(event="accounts.registered").count() == 1


def test_links_mailed_before_tokens_were_hashed_still_work(settings, people: People, client: Client) -> None:
    """Run the data migration on a row in the old format."""
    settings.REGISTRATION = "invited"
    Invitation.objects.create(email="gast@example.org", token_hash="a-token-of-then", invited_by=people.administrator)
    migration = import_module("accounts.migrations.0003_hashed_invitations_and_reset_round")
    migration.hash_tokens(apps, SimpleNamespace(connection=connection))
    assert Invitation.objects.get().token_hash != "a-token-of-then"
    answer = client.get(reverse("accounts:invited", args=["a-token-of-then"]))
    assert answer.status_code == 302 and answer.url == reverse("account_signup")
    assert "a-token-of-then" not in str(dict(client.session)), "the session names the invitation by number"
