"""Moderators act on rows that they see or that are flagged. For other rows the answer is as for missing ones."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import audiences
from accounts.audiences import Person
from accounts.models import AuditEvent, Circle, CircleMembership
from community import actions as community
from community.models import Answer, Question
from moderation import actions
from moderation.hideables import split
from moderation.models import Flag
from tests.community.conftest import make_space
from tests.people import People
from tests.test_access import bare_refusals

pytestmark = pytest.mark.django_db
PERSONAS = ["colleague", "provider", "curator", "administrator"]


@pytest.fixture
def rows(people: People, settings: Any) -> dict[str, Question | Answer]:
    """A question and an answer in an open space and in a closed circle, each visible and hidden."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"post": (10_000, 60), "flag": (10_000, 60)}  # many, and at once
    circle = Circle.objects.create(name="Kring", slug="t-kring")
    CircleMembership.objects.create(circle=circle, user=people.owner)
    spaces = {"open": make_space("t-open", audiences.PUBLIC), "closed": make_space("t-dicht", f"circle:{circle.pk}")}
    found: dict[str, Question | Answer] = {}
    for place, space in spaces.items():
        for state in ("shown", "hidden"):
            question = community.ask(
                by=Person(people.owner), space=space, title="Geheim Zwaluwplan", body="x", language="nl"
            )
            answer = community.answer(by=Person(people.owner), question=question, body="Zwaluw antwoord")
            for row in (question, answer):
                if state == "hidden":
                    type(row).objects.filter(pk=row.pk).update(hidden=True)
                found[f"{place} {state} {split(row.key)[0].kind}"] = row
    return found


ABSENT = ["question:999999", "answer:999999", "question:0", "faq:1", "conversation:1", "space:1", "song:1"]
MALFORMED = ["", ":", "question", "question:", "question:x", "question:1:1", "question:\u0663",
             "question:01", "question:" + "9" * 30, "answer:\u00b2"]  # fmt: skip


def answers(client: Client, key: str) -> dict[str, tuple[int, str]]:
    """Return the answer of every action to a key."""
    with bare_refusals():
        return dict(_answers(client, key))


def _answers(client: Client, key: str) -> Iterator[tuple[str, tuple[int, str]]]:
    for act in ("hide", "restore", "dismiss"):
        response = client.post(reverse("moderation:decide"), {"key": key, "act": act, "reason": "x"})
        yield act, (response.status_code, response.get("Location", ""))
    response = client.post(reverse("moderation:look"), {"key": key})
    yield "look", (response.status_code, response.get("Location", ""))
    for method in (client.get, client.post):
        response = method(reverse("moderation:flag"), {"key": key, "reason": "rude"})
        yield f"flag by {method.__name__}", (response.status_code, response.get("Location", ""))


def by_address(client: Client, row: Question | Answer | None, kind: str) -> list[int]:
    """Return the statuses of the buttons on the forum's own pages."""
    pk = row.pk if row else 999_999
    names = [f"community:hide_{kind}", *(["community:move"] if kind == "question" else [])]
    return [client.post(reverse(name, args=[pk]), {"undo": undo}).status_code for name in names for undo in ("", "1")]


def test_rows_outside_the_audience_answer_like_missing_ones(people: People, rows: dict[str, Question | Answer]) -> None:
    """All kinds × people × states: a key outside somebody's audience gets the answer of a missing one, and changes
    nothing.

    Takes seconds: a few hundred requests.
    """
    wrong = []
    before = list(Question.objects.order_by("pk").values()) + list(Answer.objects.order_by("pk").values())
    for name in PERSONAS:
        client = Client()
        client.force_login(getattr(people, name), backend="accounts.backends.RoleBackend")
        absent = answers(client, "question:999999")
        closed = [row.key for label, row in rows.items() if label.startswith("closed")]
        keys = [*ABSENT, *MALFORMED, *closed] if name == "curator" else [MALFORMED[-1], *closed[:2]]
        wrong += [(name, key) for key in keys if answers(client, key) != absent]
        nowhere = {kind: by_address(client, None, kind) for kind in ("question", "answer")}
        for label, row in rows.items():
            kind = label.rpartition(" ")[2]
            if label.startswith("closed") and by_address(client, row, kind) != nowhere[kind]:
                wrong.append((name, label))
    assert not wrong
    after = list(Question.objects.order_by("pk").values()) + list(Answer.objects.order_by("pk").values())
    assert after == before and not Flag.objects.exists()
    assert not AuditEvent.objects.filter(event__startswith="moderation.").exists()


def test_moderators_act_on_what_they_see(people: People, rows: dict[str, Question | Answer], client: Client) -> None:
    client.force_login(people.curator, backend="accounts.backends.RoleBackend")
    for label in ("open shown question", "open shown answer"):
        for act in ("hide", "restore", "dismiss"):
            response = client.post(reverse("moderation:decide"), {"key": rows[label].key, "act": act})
            assert response.status_code == 302, (label, act)


def test_moderators_read_flagged_rows_and_that_is_recorded(
    people: People, rows: dict[str, Question | Answer], client: Client
) -> None:
    row = rows["closed shown question"]
    actions.flag(by=people.viewer("owner"), key=row.key, reason="rude", url="/nl/q/1-geheim-zwaluwplan/")
    client.force_login(people.curator, backend="accounts.backends.RoleBackend")
    listed = client.get(reverse("moderation:queue")).content.decode()
    assert "waluw" not in listed, "neither its title nor its address, until they choose to read it"
    shown = client.post(reverse("moderation:look"), {"key": row.key}).content.decode()
    assert "Geheim Zwaluwplan" in shown
    (event,) = AuditEvent.objects.filter(event="moderation.looked")
    assert event.by == people.curator and event.target == row.key
    assert client.post(reverse("moderation:decide"), {"key": row.key, "act": "hide"}).status_code == 302
    row.refresh_from_db()
    assert row.hidden
    other = rows["closed shown answer"]
    assert client.post(reverse("moderation:look"), {"key": other.key}).status_code == 404, "not flagged itself"
    for name in ("agent", "owner", "administrator"):
        client.force_login(getattr(people, name), backend="accounts.backends.RoleBackend")
        assert client.post(reverse("moderation:look"), {"key": row.key}).status_code in (403, 404), name
