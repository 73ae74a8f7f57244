"""A form that arrives more than once: later, at the same moment, changed, refused, from somebody else."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.http import HttpResponse, HttpResponseRedirect
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import visitors
from accounts.models import AuditEvent, User
from chat.models import Conversation
from community.models import Question
from notifications.models import Notification
from tests.community.conftest import Forum, make_forum
from tests.people import People
from tests.standing import Standing
from web import once
from web.models import SentForm

pytestmark = pytest.mark.django_db
ASK = "/nl/vraag-stellen/"


def browser(person: User | None = None) -> Client:
    client = Client(enforce_csrf_checks=True)
    if person:
        client.force_login(person, backend="accounts.backends.RoleBackend")
    return client


def token(client: Client, path: str = ASK) -> str:
    """Return the token of a form that is rendered now."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w{64})"', client.get(path).content.decode())
    assert found
    return found[1]


def question(forum: Forum, rendering: str, **changed: str) -> dict[str, Any]:
    """Return a completed form."""
    filled = {"q": "Hoe laat gaat de zon onder?", "body": "", "space": forum.employees.pk, "language": "nl"}
    return filled | {"anyway": "1", "csrfmiddlewaretoken": rendering} | changed


@pytest.fixture
def forum(people: People, made: Standing) -> Forum:
    """Spaces to ask in."""
    return made("forum", lambda: make_forum(people))


@pytest.fixture
def owner(forum: Forum) -> Client:
    """The owner's browser."""
    return browser(forum.people.owner)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_concurrent_duplicates_create_once(people: People, monkeypatch: pytest.MonkeyPatch, known: bool) -> None:
    """All requests find nothing before any of them creates: one creates, and all are redirected to its page."""
    client, together, create = browser(people.owner if known else None), Barrier(4), once.create
    sent = {"q": "Klopt mijn saldo?", "team": people.hr.pk, "csrfmiddlewaretoken": token(client, reverse("chat:start"))}

    def create_together(request: Any, make: Any) -> Any:
        together.wait(timeout=10)
        return create(request, make)

    monkeypatch.setattr(once, "create", create_together)

    def send() -> tuple[str, str]:
        another = Client(enforce_csrf_checks=True)
        another.cookies = client.cookies.copy()
        try:
            response = another.post(reverse("chat:start"), sent)
            cookie = response.cookies.get(visitors.COOKIE)
            return response["Location"], visitors.read_token(cookie.value) if cookie else ""
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = {future.result(timeout=30) for future in [pool.submit(send) for _ in range(4)]}
    conversation = Conversation.objects.get()
    assert len(answers) == 1, answers
    assert answers.pop()[0] == reverse("chat:conversation", args=[conversation.pk])
    assert (conversation.participants.count(), conversation.events.count(), SentForm.objects.count()) == (1, 1, 1)
    assert AuditEvent.objects.filter(event="chat.started").count() == 1


def test_changed_text_is_another_submission(forum: Forum, owner: Client) -> None:
    before, rendering = Question.objects.count(), token(owner)
    first = owner.post(ASK, question(forum, rendering))
    second = owner.post(ASK, question(forum, rendering, body="In Zwolle."))
    assert first["Location"] != second["Location"]
    assert Question.objects.count() == before + 2


def test_each_rendering_is_another_submission(forum: Forum, owner: Client) -> None:
    before = Question.objects.count()
    for _ in range(2):
        assert owner.post(ASK, question(forum, token(owner))).status_code == 302
    assert Question.objects.count() == before + 2


def test_a_refused_form_may_be_sent_again(forum: Forum, owner: Client) -> None:
    before, rendering = Question.objects.count(), token(owner)
    for _ in range(2):
        assert owner.post(ASK, question(forum, rendering, space="")).status_code == 422
    assert not SentForm.objects.exists()
    assert owner.post(ASK, question(forum, rendering)).status_code == 302
    assert Question.objects.count() == before + 1


def test_a_form_of_somebody_else_is_no_duplicate(forum: Forum, owner: Client) -> None:
    rendering = token(owner)
    first = owner.post(ASK, question(forum, rendering))
    colleague = browser(forum.people.colleague)
    colleague.cookies["csrftoken"] = owner.cookies["csrftoken"].value
    assert colleague.post(ASK, question(forum, rendering))["Location"] != first["Location"]


def test_without_a_token_every_request_counts(forum: Forum, owner: Client) -> None:
    before = Question.objects.count()
    owner.handler.enforce_csrf_checks = False
    for _ in range(2):
        owner.post(ASK, question(forum, ""))
    assert Question.objects.count() == before + 2
    assert not SentForm.objects.exists()


def test_a_script_with_the_cookie_may_mean_the_same_words_again_later(forum: Forum, owner: Client) -> None:
    before, _rendering = Question.objects.count(), token(owner)
    sent = question(forum, owner.cookies["csrftoken"].value)
    with time_machine.travel("2026-11-22 12:00:00Z", tick=False) as clock:
        assert owner.post(ASK, sent)["Location"] == owner.post(ASK, sent)["Location"]
        assert Question.objects.count() == before + 1
        clock.shift(31)
        owner.post(ASK, sent)
        owner.post(ASK, sent)
        assert Question.objects.count() == before + 2


def test_duplicates_notify_and_cost_nothing(forum: Forum, owner: Client, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"ask": (2, 3600)}
    sent, told = question(forum, token(owner)), []
    for _ in range(4):
        assert owner.post(ASK, sent).status_code == 302
        told.append(Notification.objects.count())
    assert told == [told[0]] * 4
    assert told[0]
    assert owner.post(ASK, question(forum, token(owner))).status_code == 302, "the second token"
    assert owner.post(ASK, question(forum, token(owner))).status_code == 429


def request_of(person: Any, rendering: str = "a" * 64, **fields: str) -> Any:
    """Return a POST as a view gets it."""
    request: Any = RequestFactory().post("/form/", {"csrfmiddlewaretoken": rendering, **fields})
    request.user, request._messages = person, []
    return request


@pytest.fixture
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests without middleware have no messages."""
    monkeypatch.setattr(once.messages, "info", lambda _request, _text: None)


@pytest.mark.usefixtures("_quiet")
def test_what_fails_stores_nothing_and_may_come_again(people: People) -> None:
    def broken() -> HttpResponse:
        User.objects.create_user("kept@example.org")
        raise RuntimeError

    def taken() -> HttpResponse:
        User.objects.create_user(people.owner.email)
        return HttpResponse()

    with pytest.raises(RuntimeError):
        once.create(request_of(people.owner), broken)
    with pytest.raises(IntegrityError):
        once.create(request_of(people.owner), taken)
    assert not User.objects.filter(email="kept@example.org").exists()
    assert not SentForm.objects.exists()
    made = once.create(request_of(people.owner), lambda: HttpResponseRedirect("/here/"))
    again = once.create(request_of(people.owner), lambda: HttpResponseRedirect("/there/"))
    assert made.url == again.url == "/here/"


@pytest.mark.usefixtures("_quiet")
def test_a_duplicate_that_fails_validation_is_redirected(people: People) -> None:
    """For example a unique address or slug: the second form fails because of the row that the first one created."""

    @once.only
    def view(request: Any) -> HttpResponse:
        once.create(request_of(people.owner), lambda: HttpResponseRedirect("/here/"))
        return HttpResponse("taken", status=422)

    assert view(request_of(people.owner))["Location"] == "/here/"
    assert view(request_of(people.owner, fields="other")).status_code == 422


def test_stored_forms_reveal_no_content(forum: Forum, owner: Client) -> None:
    owner.post(ASK, question(forum, token(owner)))
    row = SentForm.objects.get()
    assert re.fullmatch("[0-9a-f]{64}", row.key)
    assert row.url.startswith("/nl/q/")


def test_it_costs_two_statements(forum: Forum, owner: Client) -> None:
    """One looks up, one stores. The second time there is only the lookup."""
    counted = []
    owner.handler.enforce_csrf_checks = False
    for rendering in ("", token(owner)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            owner.post(ASK, question(forum, rendering))
        counted.append([each["sql"] for each in queries if "SAVEPOINT" not in each["sql"]])
    without, with_token = counted
    assert len(with_token) - len(without) == 2
    assert sum("web_sentform" in sql for sql in with_token) == 2


def test_stored_forms_are_deleted_after_two_days() -> None:
    SentForm.objects.create(key="old", url="/", created=timezone.now() - timedelta(days=2, minutes=1))
    SentForm.objects.create(key="new", url="/", created=timezone.now() - timedelta(days=1))
    assert once.purge() == 1
    assert list(SentForm.objects.values_list("key", flat=True)) == ["new"]


def test_the_same_form_makes_the_same_visitor() -> None:
    assert visitors.new_token("a" * 64) == visitors.new_token("a" * 64) != visitors.new_token("b" * 64)
    assert len({visitors.new_token() for _ in range(9)}) == 9
    assert {len(visitors.new_token(rendering)) for rendering in ("", "a" * 64)} == {32}


def test_three_duplicates_show_one_message(forum: Forum, owner: Client) -> None:
    sent = question(forum, token(owner))
    for _ in range(3):
        led = owner.post(ASK, sent)
    assert owner.get(led["Location"]).content.decode().count("Dit was al verstuurd") == 1
