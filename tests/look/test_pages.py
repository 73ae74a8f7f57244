"""The pages that belong to no package, and the frame around all of them."""

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.visitors import COOKIE
from tests.people import People

PAGES = ["privacy", "accessibility", "styleguide", "account_login"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_there_in_its_language(client: Client, name: str, language: str) -> None:
    with override(language):
        response = client.get(reverse(name))
    assert response.status_code == 200
    assert f'<html lang="{language}">' in response.text
    other = {"nl": "en", "en": "nl"}[language]
    with override(other):
        assert f'href="{reverse(name)}" hreflang="{other}"' in response.text


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "words"), [("nl", "Deze pagina is er niet"), ("en", "Page not found")])
def test_nothing_here_says_so_and_helps(client: Client, language: str, words: str) -> None:
    response = client.get(f"/{language}/nowhere/")
    assert response.status_code == 404
    assert words in response.text
    assert f'href="/{language}/"' in response.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"), [("nl", "De pagina stond te lang open"), ("en", "The page was open for too long")]
)
def test_an_expired_form_says_what_to_do(language: str, words: str) -> None:
    response = Client(enforce_csrf_checks=True).post(f"/{language}/account/login/", {"login": "a@b.example"})
    assert response.status_code == 403
    assert words in response.text


@pytest.mark.parametrize(
    ("language", "error", "words"),
    [
        ("nl", RuntimeError, "Er ging bij ons iets mis"),
        ("en", RuntimeError, "Something went wrong on our side"),
        ("nl", SuspiciousOperation, "We begrepen deze aanvraag niet"),
        ("en", SuspiciousOperation, "We did not understand this request"),
    ],
)
def test_a_crash_shows_a_page_without_database(
    monkeypatch: pytest.MonkeyPatch, language: str, error: type[Exception], words: str
) -> None:
    def crash(*args: object, **kwargs: object) -> None:
        raise error("on purpose")

    monkeypatch.setattr("web.pages.render", crash)
    response = Client(raise_request_exception=False).get({"nl": "/nl/privacy/", "en": "/en/privacy/"}[language])
    assert response.status_code == {RuntimeError: 500, SuspiciousOperation: 400}[error]
    assert words in response.text
    assert f'<html lang="{language}">' in response.text


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "Misschien mag het wel als je bent ingelogd"), ("en", "once you have signed in")]
)
@pytest.mark.django_db
def test_forbidden_offers_to_sign_in(monkeypatch: pytest.MonkeyPatch, language: str, words: str) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionDenied

    monkeypatch.setattr("web.pages.render", refuse)
    response = Client().get(f"/{language}/privacy/")
    assert response.status_code == 403
    assert words in response.text
    assert f"/{language}/account/login/?next=/{language}/privacy/" in response.text


@pytest.mark.django_db
def test_statements_name_the_cookies_that_are_set(client: Client) -> None:
    for path in ("/nl/privacy/", "/en/privacy/"):
        text = client.get(path).text
        for cookie in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, COOKIE):
            assert f"<code>{cookie}</code>" in text


@pytest.mark.django_db
def test_staff_links_follow_permissions(client: Client, people: People) -> None:
    cms = reverse("wagtailadmin_home")
    for person, shown in ((people.owner, False), (people.curator, True)):
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        assert (f'href="{cms}"' in client.get("/nl/privacy/").text) is shown


def test_manifest_and_robots(client: Client) -> None:
    icons = client.get("/manifest.webmanifest").json()["icons"]
    assert all(finders.find(icon["src"].removeprefix("/static/")) for icon in icons)
    assert "Disallow: /cms/" in client.get("/robots.txt").text
