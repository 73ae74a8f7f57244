"""Rows from before a team could be joined with staff get the readers that were chosen."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from pytest_django import DjangoAssertNumQueries

from accounts import audiences
from accounts.audiences import EMPLOYEES, PUBLIC, STAFF, Person
from accounts.models import Audience, AuditEvent, Circle
from community import actions as community
from kb.models import ArticlePage, Faq, TopicPage
from search.models import OutboxEntry
from tests.community.conftest import make_space
from tests.kb.conftest import make_article, make_faq, make_topic
from tests.people import People

pytestmark = pytest.mark.django_db


def settle() -> None:
    """Run both migrations."""
    for package in ("kb", "community"):
        import_module(f"{package}.migrations.0004_settle_audiences").settle(apps, None)


def test_rows_are_settled_once(people: People, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    """Topics, aliases before their source, FAQs, spaces and questions are settled; right rows stay as they are."""
    hr, unit = audiences.team(people.hr.pk), audiences.unit(people.unit.pk)
    circle = audiences.circle(Circle.objects.create(name="Kring", slug="t-kring").pk)
    elsewhere = make_topic("Eerst", {EMPLOYEES})
    topic = make_topic("Voor ons", {STAFF})
    below = make_topic("Van HR", {hr}, parent=topic)
    article = make_article("Erin", {PUBLIC}, TopicPage.objects.get(pk=below.pk))
    alias = article.create_alias(parent=TopicPage.objects.get(pk=elsewhere.pk), update_slug="echo")
    space = make_space("balie", hr, unit, STAFF)
    own = Audience.objects.of({circle})
    rows: list[Any] = [
        TopicPage.objects.get(pk=below.pk),
        article,
        alias,
        make_faq("Van HR?", {hr, unit}, topic),
        make_faq("Nergens?", {PUBLIC}, below),
        community.ask(
            by=Person(people.agent), space=space, title="Voor de kring?", body="", language="nl", audience=own
        ),
    ]
    right = make_faq("Goed zo?", {unit, PUBLIC}, elsewhere)
    expected = {(type(row), row.pk): row.audience_id for row in (*rows, right)}
    nobody = Audience.objects.of(())
    for row in rows:  # as they were stored before
        type(row)._base_manager.filter(pk=row.pk).update(audience=nobody)
    OutboxEntry.objects.all().delete()
    AuditEvent.objects.all().delete()
    settle()

    def stored() -> dict[Any, int]:
        return {(model, pk): model._base_manager.get(pk=pk).audience_id for model, pk in expected}

    assert stored() == expected
    assert Audience.objects.get(pk=expected[ArticlePage, alias.pk]).key_set == {audiences.both(hr, "staff")}
    events = AuditEvent.objects.filter(event="accounts.audience_widened", by=None)
    assert set(events.values_list("target", flat=True)) == {f"{row._meta.label_lower}:{row.pk}" for row in rows}
    kinds = {"article": 2, "faq": 2, "question": 1}
    for kind, number in kinds.items():
        assert OutboxEntry.objects.filter(key__startswith=f"{kind}:").count() == number, kind
    with django_assert_max_num_queries(40):
        settle()
    assert stored() == expected
    assert events.count() == len(rows)


def test_rows_are_settled_in_batches(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.migrations._settling.AT_ONCE", 2)
    topic = make_topic("Voor ons", {STAFF})
    faqs = [make_faq(f"Vraag {n}?", {audiences.team(people.hr.pk)}, topic) for n in range(5)]
    Faq.objects.update(audience=Audience.objects.of(()))
    settle()
    assert set(Faq.objects.values_list("audience", flat=True)) == {faqs[0].audience_id}
