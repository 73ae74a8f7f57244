"""Signing in: limits, what strangers can find out, audit rows, and changing credentials."""

import re
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from django.contrib.auth import SESSION_KEY, hashers
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.adapter import AccountAdapter
from accounts.models import AuditEvent, User
from tests.people import People
from web import limits

pytestmark = pytest.mark.usefixtures("counted_here")
NEW = "een lange en vreemde zin"


def confirmed(person: User) -> User:
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


@pytest.fixture
def owner(people: People) -> User:
    """A person with a confirmed address and the password `test`."""
    return confirmed(people.owner)


def sign_in(client: Client, email: str, password: str = "test", **more: str):
    return client.post(reverse("account_login"), {"login": email, "password": password}, **more)


def entered(client: Client) -> bool:
    return SESSION_KEY in client.session


def linked(mail) -> str:
    """Return the path of the first link in a mail."""
    (path, *_others) = re.findall(r"http://127.0.0.1:8000(/\S+)", mail.body)
    return path


def events() -> list[str]:
    return [e.removeprefix("accounts.") for e in AuditEvent.objects.order_by("pk").values_list("event", flat=True)]


def test_wrong_passwords_lock_an_account_for_a_while(owner: User, people: People) -> None:
    """Each attempt comes from another network address and names another host or port: the limit is the account's."""
    for n in range(15):
        answer = sign_in(
            Client(), owner.email.upper() if n % 2 else f" {owner.email}", "wrong", REMOTE_ADDR=f"192.0.2.{n}",
            HTTP_HOST=f"localhost:{8000 + n}",
        )  # fmt: skip
    client = Client()
    answer = sign_in(client, owner.email, REMOTE_ADDR="192.0.2.99")
    assert not entered(client), "the right password came after fifteen wrong ones"
    assert "Te veel onjuiste wachtwoorden voor dit adres. Wacht 5 minuten" in answer.text
    other = Client()
    sign_in(other, confirmed(people.colleague).email, REMOTE_ADDR="192.0.2.99")
    assert entered(other), "others still sign in"
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        sign_in(client, owner.email, REMOTE_ADDR="192.0.2.99")
    assert entered(client), "after a while it works again"


def test_pages_that_fill_the_cache_do_not_reset_the_limits(owner: User, client: Client) -> None:
    for _ in range(6):
        sign_in(client, owner.email, "wrong")
    for n in range(1000):
        cache.set(f"filler:{n}", n)
    sign_in(client, owner.email)
    assert not entered(client)


@pytest.mark.parametrize("behind_proxy", [False, True])
def test_many_wrong_passwords_block_a_network_address(
    owner: User, people: People, settings, behind_proxy: bool
) -> None:
    """One attacker, many accounts. Behind a proxy its own entry in the header counts, not what the browser sent."""
    settings.PROXIES = int(behind_proxy)
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": "5/5m/key,10/1m/ip"}

    def origin(n: int, address: str) -> dict[str, str]:
        if behind_proxy:
            return {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": f"203.0.113.{n}, {address}"}
        return {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": f"203.0.113.{n}"}

    for n in range(15):
        sign_in(Client(), f"person{n}@example.org", "wrong", **origin(n, "198.51.100.7"))
    stopped, elsewhere = Client(), Client()
    sign_in(stopped, owner.email, **origin(99, "198.51.100.7"))
    assert not entered(stopped)
    sign_in(elsewhere, owner.email, **origin(99, "198.51.100.8"))
    assert entered(elsewhere), "another address is not stopped"


def test_a_refusal_names_its_reason_and_the_time_to_wait(owner: User, people: People, settings) -> None:
    """The message names the account or the network, and the time to wait. Refused attempts are not counted."""
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": "5/5m/key,10/1m/ip"}
    colleague, neighbour = confirmed(people.colleague), confirmed(people.neighbour)
    for _n in range(30):
        answer = sign_in(Client(), owner.email, "wrong")
    assert (answer.status_code, "voor dit adres" in answer.text) == (429, True)
    assert "Een ogenblik" in answer.text and "Typ je wachtwoord opnieuw" not in answer.text
    assert 290 <= int(answer["Retry-After"]) <= 300
    client = Client()
    sign_in(client, colleague.email)
    assert entered(client), "who goes on at one account shuts nobody else out"
    for n in range(5):
        sign_in(Client(), f"person{n}@example.org", "wrong")
    answer = sign_in(Client(), neighbour.email)
    assert (answer.status_code, "vanaf je netwerk" in answer.text) == (429, True)
    assert 50 <= int(answer["Retry-After"]) <= 60
    with time_machine.travel(timezone.now() + timedelta(seconds=int(answer["Retry-After"]) + 1)):
        sign_in(client := Client(), neighbour.email)
        assert entered(client), "the account of who was refused for the network is not shut"


def test_an_office_behind_one_address_signs_in(people: People, settings) -> None:
    """500 people within two minutes, one in ten with a typing error.

    Only the limits are called, since hashing takes long.
    """
    request = RequestFactory().post("/nl/account/login/")
    request.user = AnonymousUser()
    adapter, start = AccountAdapter(request), timezone.now()
    for n in range(500):
        with time_machine.travel(start + timedelta(seconds=n * 0.24), tick=False):
            limits.take("account", limits.who(request))
            assert ratelimit.consume(request, app="allauth.account", action="login"), n
            adapter.pre_authenticate(request, email=f"person{n}@example.org")
            if n % 10:
                adapter._rollback_login_failed_rl_usage()


def test_allauths_own_limits_show_our_page(db: None, client: Client, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "30/1m/ip"}
    for n in range(31):
        answer = sign_in(client, f"person{n}@example.org")
    assert answer.status_code == 429 and answer["Retry-After"] == "60"
    assert "moderation/429.html" in [t.name for t in answer.templates]


class Hashings:
    """Counts how often a password is hashed: the slow part of signing in and registering."""

    def __init__(self, monkeypatch) -> None:
        self.count = 0
        encode = hashers.MD5PasswordHasher.encode

        def counted(hasher, password, salt):
            self.count += 1
            return encode(hasher, password, salt)

        monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counted)


def test_answers_do_not_reveal_who_has_an_account(
    people: People, owner: User, settings, monkeypatch, mailoutbox
) -> None:
    """Text, status, number of mails and of password hashings are the same with and without an account."""
    settings.REGISTRATION = "everybody"
    hashings = Hashings(monkeypatch)
    added = confirmed(User.objects.create_user("added@example.org"))  # has no password yet
    shut_out = confirmed(people.neighbour)
    User.objects.filter(pk=shut_out.pk).update(is_active=False)
    unconfirmed = people.outsider
    form = {"name": "X", "language": "nl", "password1": NEW, "password2": NEW}
    attempts = {
        "sign in": lambda client, email: sign_in(client, email, "wrong"),
        "reset": lambda client, email: client.post(reverse("account_reset_password"), {"email": email}),
        "register": lambda client, email: client.post(reverse("account_signup"), form | {"email": email}),
    }
    for attempt, act in attempts.items():
        seen = {}
        for n, who in enumerate([owner, added, shut_out, unconfirmed, None]):
            email = who.email if who else f"nobody-{attempt.replace(' ', '')}@example.org"
            hashings.count, mails, client = 0, len(mailoutbox), Client(REMOTE_ADDR=f"192.0.2.{n}")
            answer = act(client, email)
            text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.text).replace(email, "…")
            seen[email] = (answer.status_code, answer.get("Location"), text, hashings.count, len(mailoutbox) - mails)
        assert len(set(seen.values())) == 1, {
            email: (status, to, len(text), f"{hashed} hashings", f"{mails} mails")
            for email, (status, to, text, hashed, mails) in seen.items()
        }


@pytest.mark.parametrize("registration", ["everybody", "domain", "invited", "nobody"])
def test_an_unconfirmed_address_gets_no_session(people: People, settings, registration: str, mailoutbox) -> None:
    settings.REGISTRATION, settings.REGISTRATION_DOMAINS = registration, ["t-waterland.example"]
    person, client = people.owner, Client()
    for path in (reverse("account_login"), "/cms/login/", "/nl/_util/login/"):
        names = dict.fromkeys(("login", "username", "email"), person.email)
        client.post(path, names | {"password": "test"}, follow=True)
        assert not entered(client), path
    client.post(reverse("account_reset_password"), {"email": person.email})
    page = client.get(linked(mailoutbox[-1]), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW}, follow=True)
    person.refresh_from_db()
    assert person.check_password(NEW), "the link of the mail works"
    assert not entered(client), "choosing a password signs nobody in"
    sign_in(client, person.email, NEW)
    assert not entered(client), "and the address is still unconfirmed"


def test_signing_in_and_changed_credentials_are_audited(owner: User, client: Client, mailoutbox) -> None:
    sign_in(client, owner.email, "wrong, and a secret")
    sign_in(client, owner.email)
    password = {"oldpassword": "test", "password1": NEW, "password2": NEW}
    client.post(reverse("account_change_password"), password)
    client.post(reverse("account_logout"))
    client.post(reverse("account_reset_password"), {"email": owner.email})
    page = client.get(linked(mailoutbox[-1]), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW + "!", "password2": NEW + "!"})
    expected = ["sign_in_failed", "signed_in", "password_changed", "signed_out", "password_reset_asked"]
    assert events() == [*expected, "password_reset"]
    rows = AuditEvent.objects.order_by("pk")
    assert {row.target for row in rows} == {f"accounts.user:{owner.pk}"}
    assert [row.by for row in rows] == [None, owner, owner, owner, None, None]
    assert all(str(row.name) and row.name != row.event for row in rows)
    assert not [row.details for row in rows if "secret" in str(row.details) or owner.email in str(row.details)]


def test_a_stranger_cannot_fill_the_audit(owner: User, people: People, settings) -> None:
    """A hundred attempts at two accounts and many unknown ones give three rows with counts.

    Typed text is not stored.
    """
    settings.ACCOUNT_RATE_LIMITS = False
    for n in range(34):
        for email in (owner.email, people.colleague.email, f"secret-{n}@example.org"):
            sign_in(Client(), email, "wrong", REMOTE_ADDR=f"192.0.2.{n}")
    rows = AuditEvent.objects.filter(event="accounts.sign_in_failed")
    counted = {row.target: row.details for row in rows}
    targets = [f"accounts.user:{owner.pk}", f"accounts.user:{people.colleague.pk}", ""]
    assert counted == {target: {"times": 34} for target in targets}
    for _ in range(20):
        Client().post(reverse("account_reset_password"), {"email": owner.email})
        Client().post(reverse("account_reset_password"), {"email": "secret@example.org"})
    assert Counter(events())["password_reset_asked"] == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        sign_in(Client(), owner.email, "wrong")
    assert rows.all().count() == 4, "a later hour has a row of its own"


def test_a_wrong_password_counts_on_every_page_that_asks_for_it(owner: User, client: Client) -> None:
    """Somebody at another person's computer has the same number of attempts as on the sign-in page, and causes the same
    audit row.
    """
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    wrong = dict.fromkeys(("password", "oldpassword"), "wrong") | {"password1": NEW, "password2": NEW}
    wrong |= {"action_add": "", "email": "anders@t-waterland.example"}
    paths = [reverse(f"account_{name}") for name in ("change_password", "reauthenticate", "email")]
    for path in (*paths, *paths[:2]):
        assert client.post(path, wrong).status_code in (200, 422), path
    assert AuditEvent.objects.get(event="accounts.sign_in_failed").details == {"times": 5}
    right = wrong | dict.fromkeys(("password", "oldpassword"), "test")
    for path in paths:
        answer = client.post(path, right)
        assert (answer.status_code, "Wacht 5 minuten" in answer.text) == (429, True), path
        assert 290 <= int(answer["Retry-After"]) <= 300, path
    sign_in(elsewhere := Client(), owner.email)
    assert not entered(elsewhere), "the account is shut"
    owner.refresh_from_db()
    assert owner.check_password("test")
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        client.post(paths[0], right)
    owner.refresh_from_db()
    assert owner.check_password(NEW), "the right one changes it after the wait"


def change_email(client: Client, email: str, password: str = "test"):
    return client.post(reverse("account_email"), {"action_add": "", "email": email, "password": password})


def test_changing_ones_address(owner: User, people: People, client: Client, mailoutbox, settings) -> None:
    administrator = people.administrator
    old, new = owner.email, "anders@t-waterland.example"
    User.objects.filter(pk=owner.pk).update(language="en")
    sign_in(client, old)
    refused = change_email(client, new, "wrong")
    assert refused.status_code == 422 and set(refused.context["form"].errors) == {"password"}
    assert change_email(client, new, "").status_code == 422
    assert not mailoutbox and EmailAddress.objects.count() == 1
    assert change_email(client, new).status_code == 302
    assert new in client.get(reverse("account_email")).text
    owner.refresh_from_db()
    assert owner.email == old, "nothing counts before it is confirmed"
    assert not entered(other := Client()) and sign_in(other, new) is not None and not entered(other)
    confirm = linked(mailoutbox[-1])
    client.post(confirm)
    owner.refresh_from_db()
    assert owner.email == new
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(new, True, True)]
    told = [mail for mail in mailoutbox if mail.to == [old]]
    assert [mail.subject for mail in told] == ["Your e-mail address at Vraagbaak was changed"], (
        "in the person's language"
    )
    body = told[0].body
    assert new in body and "Not expecting this?" in body and administrator.email in body, body
    asked = Client().get(linked(told[0]))  # what the mail says to do needs no sign-in
    assert old in asked.text and "Someone else changed the e-mail address of my account." in asked.text
    changed = AuditEvent.objects.get(event="accounts.email_changed")
    assert (changed.by, changed.details) == (owner, {"before": old, "now": new})
    assert events().count("email_added") == 1


def test_the_address_cannot_change_without_the_password(owner: User, client: Client, mailoutbox) -> None:
    """A second confirmed address, from before this rule, cannot become the primary one without a password."""
    second = EmailAddress.objects.create(user=owner, email="twee@t-waterland.example", verified=True)
    sign_in(client, owner.email)
    for action in ("action_primary", "action_remove", "action_send", "action_add"):
        client.post(reverse("account_email"), {action: "", "email": second.email})
    owner.refresh_from_db()
    assert owner.email != second.email
    assert EmailAddress.objects.filter(user=owner, verified=True).count() == 2


@pytest.mark.parametrize(
    ("registration", "allowed", "refused"),
    [
        ("domain", "x@in.example", "x@t-waterland.example"),
        ("invited", "x@t-waterland.example", "x@in.example"),
        ("nobody", "x@t-waterland.example", "x@in.example"),
        ("everybody", "x@elsewhere.example", ""),
    ],
)
def test_addresses_keep_to_the_domains(owner, client, mailoutbox, settings, registration, allowed, refused) -> None:
    settings.REGISTRATION, settings.REGISTRATION_DOMAINS = registration, ["@In.example"]
    sign_in(client, owner.email)
    if refused:
        answer = change_email(client, refused)
        assert answer.status_code == 422 and set(answer.context["form"].errors) == {"email"}
    assert change_email(client, allowed).status_code == 302
    if refused:  # the setting may have changed before the link was followed
        settings.REGISTRATION, settings.REGISTRATION_DOMAINS = "domain", ["other.example"]
        client.post(linked(mailoutbox[-1]))
        owner.refresh_from_db()
        assert owner.email != allowed


def test_an_address_fits_its_column(owner: User, client: Client, settings) -> None:
    settings.REGISTRATION = "everybody"
    domain = ".".join(["a" * 60] * 4)
    form = {"name": "X", "language": "nl", "password1": NEW, "password2": NEW, "email": f"{'x' * 50}@{domain}.example"}
    answer = client.post(reverse("account_signup"), form)
    assert "email" in answer.context["form"].errors, f"registered with {len(form['email'])} characters"
    sign_in(client, owner.email)
    assert "email" in change_email(client, form["email"]).context["form"].errors


def test_anothers_address_is_not_taken_over(owner: User, people: People, client: Client, mailoutbox) -> None:
    """Neither a confirmed one, nor one that somebody registered without confirming it (that was a 500)."""
    sign_in(client, owner.email)
    for other in (confirmed(people.colleague), people.curator):
        User.objects.filter(pk=other.pk).update(email=(email := f"{other.pk}@t-waterland.example"))
        EmailAddress.objects.filter(user=other).update(email=email)
        assert change_email(client, email).status_code == 302, "the page does not say that it is taken"
        answer = client.post(linked(mailoutbox[-1]))
        assert answer.status_code in (200, 302), answer
        owner.refresh_from_db()
        assert owner.email == "owner@t-waterland.example"


def test_a_reset_link_ends_by_a_newer_one_and_by_time(owner: User, mailoutbox, settings) -> None:
    def works(mail) -> bool:
        return Client().get(linked(mail), follow=True).context.get("token_fail") is None

    ask = lambda: Client().post(reverse("account_reset_password"), {"email": owner.email})  # noqa: E731
    ask()
    assert works(mailoutbox[0])
    ask()
    assert not works(mailoutbox[0]), "only the newest link works"
    assert works(mailoutbox[1])
    with time_machine.travel(timezone.now() + timedelta(hours=6)):
        assert not works(mailoutbox[1]), f"it lives {settings.PASSWORD_RESET_TIMEOUT} s"
    client = Client()
    page = client.get(linked(mailoutbox[1]), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert not works(mailoutbox[1]), "used"


@pytest.mark.parametrize("how", ["change", "reset"])
def test_a_new_password_ends_other_sessions(owner: User, mailoutbox, how: str) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, owner.email)
    if how == "change":
        data = {"oldpassword": "test", "password1": NEW, "password2": NEW}
        here.post(reverse("account_change_password"), data)
        assert here.get(reverse("accounts:profile")).status_code == 200
    else:
        Client().post(reverse("account_reset_password"), {"email": owner.email})
        page = (client := Client()).get(linked(mailoutbox[-1]), follow=True)
        client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
        assert here.get(reverse("accounts:profile")).status_code == 302
    assert there.get(reverse("accounts:profile")).status_code == 302
    assert mailoutbox[-1].to == [owner.email] and "Was jij dit niet?" in mailoutbox[-1].body


def test_choosing_a_new_password_shows_errors_and_the_next_step(owner: User, client: Client, mailoutbox) -> None:
    client.post(reverse("account_reset_password"), {"email": owner.email})
    path = client.get(linked(mailoutbox[-1]), follow=True).redirect_chain[-1][0]
    refused = client.post(path, {"password1": "kort", "password2": "kort"})
    assert "Typ je wachtwoord opnieuw" in refused.text and "staat er nog" not in refused.text
    done = client.post(path, {"password1": NEW, "password2": NEW}, follow=True)
    assert "Je nieuwe wachtwoord is bewaard" in done.text
    assert f'btn-primary" href="{reverse("account_login")}"' in done.text


def test_the_welcome_link_works_for_two_weeks(people: People, mailoutbox) -> None:
    person = actions.add_person(
        by=people.viewer("administrator"), email="nieuw@example.org", name="Nieuw Hier", language="nl"
    )
    (mail,) = mailoutbox
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        gone = Client().get(linked(mail))
        assert gone.status_code == 410 and reverse("account_reset_password") in gone.text
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        for _prefetch in range(2):
            Client().get(linked(mail))
        client = Client()
        page = client.get(linked(mail), follow=True)
        client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
        person.refresh_from_db()
        assert person.check_password(NEW), page.redirect_chain
        assert Client().get(linked(mail)).status_code == 410, "the link is for the first password"
        sign_in(client, person.email, NEW)
        assert entered(client)
    assert Client().get(reverse("accounts:welcome", args=["forged"])).status_code == 410


@pytest.mark.parametrize(
    ("language", "unexpected", "ask"),
    [("nl", "Niet verwacht?", "Chat met een mens"), ("en", "Not expecting this?", "Chat with")],
)
def test_account_mails_say_what_to_do_if_unexpected(
    people: People, mailoutbox, settings, client: Client, language: str, unexpected: str, ask: str
) -> None:
    settings.REGISTRATION = "everybody"
    User.objects.update(language=language)
    by = people.viewer("administrator")
    actions.add_person(by=by, email="added@example.org", name="Nieuw Hier", language=language)
    actions.invite(by=by, email="invited@example.org", language=language)
    for mail in mailoutbox:
        assert unexpected in mail.body and by.account.email in mail.body, mail.body
    mailoutbox.clear()
    owner = confirmed(people.owner)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    prefix = f"/{language}/account/"
    other = {"nl": "en", "en": "nl"}[language]
    Client().post(f"/{other}/account/password/reset/", {"email": owner.email})
    form = {"name": "X", "language": language, "password1": NEW, "password2": NEW}
    for email in (owner.email, "new@example.org"):
        client.post(f"{prefix}signup/", form | {"email": email})
        client.post(f"{prefix}password/reset/", {"email": email})
    client.post(f"{prefix}password/reset/", {"email": "none@example.org"})
    assert len(mailoutbox) == 6, [mail.subject for mail in mailoutbox]
    for mail in mailoutbox:
        assert unexpected in mail.body and ask in mail.body, f"{mail.subject}\n{mail.body}"
        assert all(path.startswith(f"/{language}/") for path in re.findall(r"http://127.0.0.1:8000(/\S+)", mail.body))
        assert "example.com" not in mail.body and "testserver" not in mail.body, mail.body
