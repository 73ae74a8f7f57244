"""Only allauth's sign-in page starts sessions."""

import re
from collections.abc import Iterator
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import SESSION_KEY, authenticate
from django.core.cache import caches
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import LocalePrefixPattern, RegexPattern, RoutePattern
from django.utils import translation
from django.utils.regex_helper import normalize

from accounts.adapter import AccountAdapter
from accounts.models import User
from tests.people import People
from tests.test_access import bare_refusals

VALUES = {"int": "1", "str": "x", "slug": "x", "uuid": "00000000-0000-0000-0000-000000000001", "path": "x"}


def texts(pattern: object) -> list[str]:
    """Yield the paths that a part of a URL pattern matches, with plausible values for its parameters."""
    if isinstance(pattern, LocalePrefixPattern):
        return [pattern.language_prefix]
    if isinstance(pattern, RoutePattern):
        route = str(pattern._route)
        for name, converter in pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
            for written in (f"<{kind}:{name}>", f"<{name}>"):
                route = route.replace(written, VALUES.get(kind, "x"))
        return [route]
    assert isinstance(pattern, RegexPattern), pattern
    return [form % dict.fromkeys(names, "1") for form, names in normalize(str(pattern._regex).lstrip("^"))]


def paths(resolver: URLResolver | None = None, before: str = "/") -> Iterator[str]:
    """Return every URL of the site in the current language."""
    for pattern in (resolver or get_resolver()).url_patterns:
        for text in texts(pattern.pattern):
            if isinstance(pattern, URLResolver):
                yield from paths(pattern, before + text)
            else:
                assert isinstance(pattern, URLPattern)
                yield before + text


@pytest.fixture
def owner(people: People) -> User:
    """A person with a confirmed address and the password `test`, who may also enter the CMS."""
    person = people.curator
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def credentials(person: User) -> dict[str, str]:
    names = dict.fromkeys(("login", "username", "email", "user", "name"), person.email)
    return names | dict.fromkeys(("password", "password1", "password2", "oldpassword", "new_password1"), "test")


def test_only_the_sign_in_page_starts_a_session(owner: User, settings) -> None:
    """Post to every URL, some 460. Takes more than a second."""
    settings.REGISTRATION = "everybody"
    everything: set[str] = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            everything |= set(paths())
    assert len(everything) > 300, f"the walk finds {len(everything)} addresses only"
    for known in ("/cms/login/", "/nl/_util/login/", "/en/_util/login/", "/cms/password_reset/", "/nl/profiel/"):
        assert known in everything, f"the walk misses {known}"
    client, entered = Client(raise_request_exception=False), set()
    data = credentials(owner)
    for path in sorted(everything):
        for cache in settings.CACHES:
            caches[cache].clear()
        if settings.SESSION_COOKIE_NAME in client.post(path, data).cookies and SESSION_KEY in client.session:
            entered.add(path)
            client.logout()
    assert entered == {"/nl/account/login/", "/en/account/login/"}


def test_no_other_page_checks_a_password(owner: User, rf) -> None:
    """Django's authenticate() signs in nobody, whatever form of a library calls it."""
    request = rf.post("/cms/login/")
    for names in ({"username": owner.email}, {"email": owner.email}):
        assert authenticate(request, password="test", **names) is None, names
        assert authenticate(None, password="test", **names) is None, names


def test_every_password_check_is_counted(owner: User, monkeypatch) -> None:
    """Every form that checks a password counts the attempt, for somebody who is signed in.

    Takes more than a second: it posts to every URL in one language (of /cms/ those about accounts) and renders no page.
    """
    looked: dict[str, bool] = {}
    asked = {"path": "", "counted": False}
    check, count = User.check_password, AccountAdapter.pre_authenticate

    def spied(person: User, password: str) -> bool:
        looked[asked["path"]] = looked.get(asked["path"], True) and asked["counted"]
        return check(person, password)

    def counted(adapter: AccountAdapter, *args: object, **names: object) -> None:
        asked["counted"] = True
        count(adapter, *args, **names)

    monkeypatch.setattr(User, "check_password", spied)
    monkeypatch.setattr(AccountAdapter, "pre_authenticate", counted)
    data = dict.fromkeys(credentials(owner), "not the password") | {"password1": (new := "een vreemde lange zin")}
    data |= {"password2": new, "email": "anders@t-waterland.example", "login": owner.email, "action_add": ""}
    data |= dict.fromkeys(("old_password", "password-old_password", "current_password"), "not the password")
    client = Client(raise_request_exception=False)
    with bare_refusals(), patch("django.template.response.SimpleTemplateResponse.rendered_content", ""):
        for path in sorted(set(paths())):
            if path.startswith("/cms/") and not re.search("account|password|login|users", path):
                continue
            if SESSION_KEY not in client.session:
                client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
            caches["limits"].clear()
            asked |= {"path": path, "counted": False}
            client.post(path, data)
    expected = {f"/nl/account/{name}/" for name in ("email", "password/change", "reauthenticate")}
    assert looked == dict.fromkeys(expected, True)


def test_djangos_admin_is_not_installed() -> None:
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    namespaces = get_resolver().namespace_dict
    assert "admin" not in namespaces, sorted(namespaces)


@pytest.mark.parametrize("start", ["/cms/", "/cms/pages/", "/cms/login/", "/cms/login/?next=/cms/pages/"])
def test_who_enters_the_cms_lands_in_the_cms(owner: User, client: Client, start: str) -> None:
    page = client.get(start, follow=True)
    asked = page.redirect_chain[-1][0]
    assert urlsplit(asked).path == reverse("account_login"), page.redirect_chain
    (onwards,) = parse_qs(urlsplit(asked).query)["next"]
    answer = client.post(asked, {"login": owner.email, "password": "test", "next": onwards})
    assert answer.status_code == 302
    assert answer["Location"] == (start if "login" not in start else onwards)
    assert client.get(answer["Location"]).status_code == 200


def test_who_may_not_enter_the_cms_is_told_once(people: People, client: Client, caplog) -> None:
    """They get one page that says what it is for, the same at each URL and for each kind of request, with no traceback
    or message.
    """
    client.force_login(people.owner, backend="accounts.backends.RoleBackend")
    for path in ("/cms/", "/cms/pages/", "/cms/login/", "/cms/pages/1/edit/", "/cms/pages/987654/edit/"):
        for answer in (
            client.get(path),
            client.post(path),
            client.get(path, headers={"X-Requested-With": "XMLHttpRequest"}),
        ):
            assert (answer.status_code, "Dit deel is voor redacteuren" in answer.text) == (403, True), path
            assert answer.text.count('role="alert"') == 0, path
    assert not [record for record in caplog.records if record.exc_info]


def test_wagtails_sign_in_pages_redirect_to_ours(db: None, client: Client) -> None:
    login, reset = reverse("account_login"), reverse("account_reset_password")
    expected = {
        "/cms/login/?next=/cms/pages/": f"{login}?next=%2Fcms%2Fpages%2F",
        "/cms/login/?next=https://evil.example/": f"{login}?next=%2Fcms%2F",
        "/cms/login/?next=/%09/evil.example/": f"{login}?next=%2Fcms%2F",
        "/nl/_util/login/?next=/nl/zoeken/": f"{login}?next=%2Fnl%2Fzoeken%2F",
        "/nl/_util/login/?next=//evil.example/": login,
        "/nl/_util/authenticate_with_password/1/1/": login,
        "/cms/password_reset/": reset,
        "/cms/password_reset/confirm/MQ/x-y/": reset,
        "/cms/logout/": reverse("account_logout"),
    }
    seen = {path: client.get(path).get("Location") for path in expected}
    assert seen == expected
    posted = {path: client.post(path, {"username": "a", "password": "b"}).get("Location") for path in expected}
    assert posted == expected


def test_who_may_not_enter_the_cms_is_told(people: People, client: Client) -> None:
    client.force_login(people.owner, backend="accounts.backends.RoleBackend")
    answer = client.get("/cms/", follow=True)
    assert answer.status_code == 403, answer.redirect_chain
