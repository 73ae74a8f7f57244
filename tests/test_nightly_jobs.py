"""What nobody's cron needs to run: jobs that were commands."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import audiences
from kb.models import Faq
from search.indexing import check
from search.models import OutboxEntry
from tests.kb.conftest import make_faq, make_topic
from tests.people import People
from web.job_states import declared

pytestmark = pytest.mark.django_db


def run(name: str) -> object:
    """What a job returns."""
    return declared()[name].run()


def test_index_and_database_are_compared_and_repaired(people: People, indexed: Callable[[], int]) -> None:
    topic = make_topic("Dieren", {audiences.PUBLIC})
    faq = make_faq("Hoe huur ik een kolibrie?", {audiences.PUBLIC}, topic)
    indexed()
    assert run("search.check_index") == 0
    Faq.objects.filter(pk=faq.pk).update(question="Hoe leen ik een vogel?")  # past the outbox
    assert run("search.check_index") == 1
    assert [entry.key for entry in OutboxEntry.objects.all()] == [f"faq:{faq.pk}"]
    indexed()
    assert not check.compare()


def test_sessions_that_are_over_are_deleted() -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for hours in (-1, 1):
        session = store()
        session["who"] = hours
        session.set_expiry(timezone.now() + timedelta(hours=hours))
        session.save()
    run("web.clear_sessions")
    assert [row.get_decoded()["who"] for row in Session.objects.all()] == [1]


def test_what_is_scheduled_is_published_and_withdrawn(people: People) -> None:
    topic = make_topic("Dieren", {audiences.PUBLIC})
    coming = make_faq("Hoe huur ik een kolibrie?", {audiences.PUBLIC}, topic)
    coming.unpublish()
    revision = coming.save_revision()
    revision.approved_go_live_at = timezone.now() - timedelta(minutes=1)
    revision.save()
    going = make_faq("Hoe huur ik een mus?", {audiences.PUBLIC}, topic)
    Faq.objects.filter(pk=going.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    run("kb.publish_scheduled")
    assert set(Faq.objects.filter(live=True).values_list("pk", flat=True)) == {coming.pk}
