"""The number of queries does not grow with the rows that a page shows."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.audiences import Person
from accounts.models import User
from community import actions
from community.documents import QuestionSource
from community.models import Question
from tests.community.conftest import Forum, make_space

pytestmark = pytest.mark.django_db


def queries(client: Client, url: str) -> int:
    client.get(url)  # fills the caches of the process
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.fixture
def client(forum: Forum) -> Client:
    client = Client()
    client.force_login(forum.people.curator, backend="accounts.backends.RoleBackend")
    return client


def people(number: int) -> list[User]:
    return [User.objects.create_user(f"p{i}@example.org", name=f"Persoon {i}") for i in range(number)]


@pytest.mark.parametrize("page", ["index", "space", "latest", "mine"])
def test_lists(forum: Forum, client: Client, page: str) -> None:
    urls = {
        "index": "/nl/community/",
        "space": forum.employees.url,
        "latest": "/nl/q/latest/",
        "mine": "/nl/q/mine/?all=1",
    }
    actions.ask(by=Person(forum.people.curator), space=forum.employees, title="Een", body="", language="nl")
    few = queries(client, urls[page])
    for number in range(18):
        asker = forum.people.curator if page == "mine" else forum.people.agent
        actions.ask(by=Person(asker), space=forum.employees, title=f"Vraag {number}", body="", language="nl")
    for number in range(5):
        make_space(f"ruimte-{number}", "public")
    assert queries(client, urls[page]) == few
    assert few <= {"index": 24, "space": 24, "latest": 14, "mine": 14}[page]


def test_question(forum: Forum, client: Client) -> None:
    actions.answer(by=Person(forum.people.colleague), question=forum.question, body="Boven.")
    few = queries(client, forum.question.get_absolute_url())
    for person in people(18):
        person.memberships.create(organisation=forum.people.business)
        given = actions.answer(by=Person(person), question=forum.question, body="Beneden.")
        actions.vote(by=Person(forum.people.owner), row=given)
    assert queries(client, forum.question.get_absolute_url()) == few
    assert few <= 30


def test_documents(forum: Forum) -> None:
    source = QuestionSource()

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            for question in source.queryset():
                source.to_document(question)
        return len(captured)

    few = count()
    for number in range(10):
        asked = forum.ask(forum.employees, f"Vraag {number}")
        actions.answer(by=Person(forum.people.agent), question=asked, body="Zo.")
    assert Question.objects.count() == 11
    assert count() == few == 2
