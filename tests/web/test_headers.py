"""Browsers and proxies store nothing personal and no error: every URL, with and without a cookie."""

import pytest
from django.test import Client
from django.utils import translation

from accounts import audiences, visitors
from tests.files.test_serving import make_picture, status
from tests.kb.test_pages import client_of
from tests.people import People, make_people
from tests.test_access import addresses
from web.headers import DECIDE_THEMSELVES

pytestmark = pytest.mark.django_db


def test_no_answer_to_a_known_person_and_no_error_is_kept() -> None:
    people = make_people()
    with translation.override("nl"):
        rows = addresses(people)
    visitor = Client()
    visitor.cookies[visitors.COOKIE] = visitors.sign(visitors.new_token())
    clients = {"curator": client_of(people, "curator"), "visitor": visitor, "anonymous": Client()}
    wrong = []
    for label, path in rows:
        if label in DECIDE_THEMSELVES:
            continue
        for name, client in clients.items():
            if name == "anonymous":
                client.cookies.clear()
            response = client.get(path)
            kept = response.headers["Cache-Control"]
            known = name != "anonymous" or response.cookies.keys() - {"csrftoken", "django_language"}
            strict = known or response.status_code >= 400
            if not (kept == "private, no-store" if strict else "private" in kept):
                wrong.append(f"{label}, {name}: {response.status_code} {kept}")
    assert not wrong, "\n".join(wrong)


def test_errors_of_every_layer_are_not_kept(client: Client) -> None:
    answers = {
        "unknown": client.get("/nl/zulks-bestaat-niet/"),
        "host": client.get("/", headers={"host": "elsewhere.example"}),
        "csrf": Client(enforce_csrf_checks=True).post("/nl/chat/", {"q": "x"}),
        "method": client.delete("/robots.txt"),
    }
    for what, response in answers.items():
        assert response.status_code >= 400, (what, response.status_code)
        assert response["Cache-Control"] == "private, no-store", what


def test_a_picture_is_kept_only_when_it_is_for_everybody(people: People) -> None:
    everybody = make_picture({audiences.PUBLIC}).get_rendition("width-100").url
    staff = make_picture({audiences.STAFF}).get_rendition("width-100").url
    agent = client_of(people, "agent")
    for url, expected in ((everybody, "private, no-cache"), (staff, "private, no-store")):
        response = agent.get(url)
        list(response.streaming_content)
        assert response["Cache-Control"] == expected, url
    assert status(Client(), staff) == 404


def test_security_txt_says_where_to_report(client: Client, settings) -> None:
    settings.SECURITY_CONTACT = "https://ssc.example/melden"
    response = client.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert lines["Contact"] == "https://ssc.example/melden"
    assert lines["Canonical"] == f"{settings.BASE_URL}/.well-known/security.txt"
    assert lines["Expires"].endswith("00:00+00:00")
