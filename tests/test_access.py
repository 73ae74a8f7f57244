"""Every address × every person, by GET and by an empty POST: what docs/access.md says, no more and no less.

After a change that is meant: WRITE_ACCESS=1 pytest tests/test_access.py, and read the difference.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone, translation

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Circle, Invitation, User
from accounts.models.person import hashed
from accounts.tokens import make_welcome
from chat import actions as chat
from community import actions as community
from discovery.models import SearchAlert
from kb.models import Faq, HomePage
from moderation import actions as moderation
from notifications.models import Notification, SentMail
from tests.community.conftest import make_space
from tests.kb.conftest import make_article, make_faq, make_topic
from tests.looks import FULL
from tests.people import People, make_people

TABLE = Path(__file__).resolve().parent.parent / "docs" / "access.md"
OURS = {"kb", "chat", "community", "accounts", "notifications", "moderation", "search", "files"}
# Addresses of the project itself and Wagtail's entrance; the rest of /cms/ is Wagtail's own and tested there.
SINGLE = [
    "privacy",
    "accessibility",
    "offline",
    "styleguide",
    "health",
    "robots",
    "security_txt",
    "manifest",
    "sitemap",
    "wagtailadmin_home",
]
INTRODUCTION = """# Who gets what

Written by `WRITE_ACCESS=1 pytest tests/test_access.py`, and held to the product by the same test. Each cell: the answer
to GET, then to an empty POST. `login` sends to the sign-in page, `→` leads elsewhere; 404 is also the answer for what
exists and is not for this person. The people are those of `tests/people.py`.

"""


class Written(Exception):
    """Ends a request's transaction, so that nothing it wrote stays."""


@contextmanager
def bare_refusals() -> Iterator[None]:
    """Refusals without their page, for tests of thousands of requests that are about the status. It is always the
    same page, looked at elsewhere."""

    def bare(_request: Any, _resolver: Any, status: int, _exception: Any) -> HttpResponse:
        return HttpResponse(status=status)

    with patch("django.core.handlers.exception.get_exception_response", bare):
        yield


def names() -> Iterator[tuple[str, URLPattern]]:
    """Every named address of our packages."""

    def walk(resolver: URLResolver, namespace: str) -> Iterator[tuple[str, URLPattern]]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, pattern.namespace or namespace)
            elif namespace in OURS and pattern.name:
                yield f"{namespace}:{pattern.name}", pattern

    yield from walk(get_resolver(), "")


def content(people: People) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Examples for addresses with parameters: a label and the parameters."""
    topic = make_topic("Verlof", {audiences.PUBLIC})
    house = {audiences.organisation(people.business.pk), audiences.STAFF}
    faqs = {
        "public": make_faq("Hoe vraag ik verlof aan?", {audiences.PUBLIC}, topic),
        "house": make_faq("Hoe werkt ons rooster?", house, topic),
    }
    article = make_article("Verlof van A tot Z", {audiences.PUBLIC}, topic)
    draft = Faq(question="Concept", answer="Nog niet.", topic=topic, locale=topic.locale, live=False)
    draft.save()
    spaces = {"public": make_space("t-open", audiences.PUBLIC), "house": make_space("t-huis", *house)}
    questions = {
        name: community.ask(
            by=Person(people.owner), space=space, title="Waar staat de printer?", body="", language="nl"
        )
        for name, space in spaces.items()
    }
    answers = {
        name: community.answer(by=Person(people.agent), question=q, body="Op de gang.") for name, q in questions.items()
    }
    conversation = chat.start_conversation(
        by=people.viewer("owner"), team=people.hr, question="Klopt mijn salaris?", language="nl"
    )
    chat.post_message(by=people.viewer("agent"), conversation=conversation, body="Dat zoek ik uit.")
    flagged = f"question:{questions['public'].pk}"
    moderation.flag(by=people.viewer("colleague"), key=flagged, reason="other", text="Dubbel")
    circle = Circle.objects.create(name="Kring", slug="t-kring")
    notification = Notification.objects.filter(recipient=people.owner).first()
    mail = SentMail.objects.create(to="x@example.com", sender="v@example.com", subject="Onderwerp", text="Tekst")
    Invitation.objects.create(
        email="new@example.com", invited_by=people.administrator, token_hash=hashed("an-open-one")
    )

    new = User.objects.create_user("new@example.org", name="Sanne")
    wish = SearchAlert.objects.create(
        owner=f"user:{people.owner.pk}", text="verlof", language="nl", confirmed=timezone.now()
    )

    def each(rows: dict[str, Any], **more: str) -> list[tuple[str, dict[str, Any]]]:
        return [(name, {"pk": row.pk} | {k: getattr(row, v) for k, v in more.items()}) for name, row in rows.items()]

    owners = [("the owner's", {"pk": conversation.pk})]
    people_rows = [("the owner", {"pk": people.owner.pk})]
    return {
        "kb:faq": each(faqs, slug="slug"),
        "kb:faq_short": each(faqs),
        "kb:feedback": [(f"FAQ, {n}", {"kind": "faq", "pk": f.pk}) for n, f in faqs.items()]
        + [("article", {"kind": "article", "pk": article.pk})],
        "kb:capture": [
            ("the owner's chat", {"kind": "conversation", "pk": conversation.pk}),
            ("house question", {"kind": "question", "pk": questions["house"].pk}),
        ],
        "kb:draft": [("a draft", {"pk": draft.pk})],
        "chat:conversation": owners,
        "chat:status": owners,
        "chat:post": owners,
        "chat:act": [
            ("close", {"pk": conversation.pk, "act": "close"}),
            ("take", {"pk": conversation.pk, "act": "take"}),
        ],
        "chat:desk_conversation": owners,
        "chat:link": [("a forged one", {"signed": "forged"})],
        "community:question": each(questions, slug="slug"),
        "community:question_short": each(questions),
        "community:answer": each(questions),
        "community:edit_question": each(questions),
        "community:vote_question": each(questions),
        "community:move": each(questions),
        "community:hide_question": each(questions),
        "community:edit_answer": each(answers),
        "community:vote_answer": each(answers),
        "community:accept": each(answers),
        "community:hide_answer": each(answers),
        "community:follow_space": each(spaces),
        "accounts:invited": [("open", {"token": "an-open-one"}), ("unknown", {"token": "unknown"})],
        "accounts:welcome": [("new", {"signed": make_welcome(new)}), ("a forged one", {"signed": "forged"})],
        "accounts:person": people_rows,
        "accounts:organisation": [("business", {"pk": people.business.pk})],
        "accounts:add_unit": [("business", {"organisation_pk": people.business.pk})],
        "accounts:unit": [("business", {"organisation_pk": people.business.pk, "pk": people.unit.pk})],
        "accounts:team": [("HR", {"pk": people.hr.pk})],
        "accounts:circle": [("a circle", {"pk": circle.pk})],
        "accounts:members": [("HR", {"kind": "team", "pk": people.hr.pk})],
        "search:wish_confirm": [("a forged one", {"signed": "forged"})],
        "search:wish_end": [("a forged one", {"signed": "forged"})],
        "search:wish_end_mine": [("the owner's", {"pk": wish.pk})],
        "notifications:open": [("the owner's", {"pk": notification.pk})] if notification else [],
        "notifications:mark": [("the owner's", {"pk": notification.pk})] if notification else [],
        "notifications:sent_mail_detail": [("a mail", {"pk": mail.pk})],
    }


def addresses(people: People) -> list[tuple[str, str]]:
    """Label and path of everything that is asked for."""
    examples = content(people)
    found: dict[str, str] = {}
    for name, pattern in names():
        if name == "files:rendition":
            continue  # tests/files asks it with a picture
        cases = examples.get(name, [("", {})])
        for label, parameters in cases:
            found[f"{name} ({label})" if label else name] = reverse(name, kwargs=parameters)
        assert cases, f"{name} needs an example"
        assert name in examples or not pattern.pattern.converters, f"{name} needs an example"
    for name in SINGLE:
        found[name] = reverse(name)
    for page in HomePage.objects.get(locale__language_code="nl").get_descendants(inclusive=True).live().specific():
        found[f"page: {page.title} ({type(page).__name__})"] = page.get_url()
    return sorted(found.items())


def cell(client: Client, path: str) -> str:
    """The answers to GET and POST; whatever they wrote is undone."""
    answers = []
    for method in ("get", "post"):
        caches["limits"].clear()
        caches["default"].clear()
        try:
            with transaction.atomic():
                answers.append(short(getattr(client, method)(path)))
                raise Written
        except Written:
            pass
    return " ".join(answers)


def short(response: HttpResponse) -> str:
    """A status as the table shows it."""
    assert response.status_code < 500, response
    if response.status_code in (301, 302, 303):
        return "login" if "/account/login/" in response["Location"] or "/cms/login/" in response["Location"] else "→"
    return str(response.status_code)


def column(people: People, name: str, rows: list[tuple[str, str]]) -> dict[str, str]:
    """What one person gets."""
    client = Client()
    user = people.persons()[name]
    if user.is_authenticated:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    with bare_refusals():
        return {label: cell(client, path) for label, path in rows}


def read_table() -> dict[str, dict[str, str]]:
    """Person → address → cell, as the document has it."""
    lines = [line.strip("|").split("|") for line in TABLE.read_text().splitlines() if line.startswith("|")]
    cells = [[c.strip() for c in line] for line in lines]
    header, rows = cells[0], cells[2:]
    return {name: {row[0]: row[i] for row in rows} for i, name in enumerate(header) if i}


PERSONS = [
    "anonymous",
    "owner",
    "colleague",
    "neighbour",
    "outsider",
    "provider",
    "agent",
    "ict_agent",
    "curator",
    "administrator",
]


# On the services the addresses matter more than who asks: their queries are PostgreSQL's there.
ASKED = PERSONS if FULL or connection.vendor == "sqlite" else ["anonymous", "owner", "agent", "administrator"]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[People, list[tuple[str, str]]]]:
    """The people, and every address with an example: made once, since `cell` undoes whatever is written."""
    with django_db_blocker.unblock(), transaction.atomic(), translation.override("nl"):
        people = make_people()
        try:
            yield people, addresses(people)
        finally:
            transaction.set_rollback(True)


@pytest.mark.skipif("WRITE_ACCESS" in os.environ, reason="the table is being written")
@pytest.mark.parametrize("name", ASKED)
def test_everybody_gets_what_the_table_says(world: tuple[People, list[tuple[str, str]]], name: str) -> None:
    people, rows = world
    assert set(people.persons()) == set(PERSONS)
    seen, said = column(people, name, rows), read_table()[name]
    wrong = [
        f"{name} at {label}: {seen.get(label, 'not asked')} instead of {said.get(label, 'nothing')}"
        for label in sorted({*seen, *said})
        if seen.get(label) != said.get(label)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif("WRITE_ACCESS" not in os.environ, reason="only when asked for")
def test_write_the_table(world: tuple[People, list[tuple[str, str]]]) -> None:
    people, rows = world
    columns = {name: column(people, name, rows) for name in PERSONS}
    lines = ["| address | " + " | ".join(PERSONS) + " |", "| --- |" + " --- |" * len(PERSONS)]
    lines += ["| " + " | ".join([label, *(columns[name][label] for name in PERSONS)]) + " |" for label, _path in rows]
    TABLE.write_text(INTRODUCTION + "\n".join(lines) + "\n")
