"""Somebody is told of an answer in a running system: indexer and jobs are threads that know nothing of each other."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import audiences
from discovery import search_alerts
from discovery.analytics import gaps, query_log
from discovery.models import FreshDocument, Gap, SearchAlert
from notifications.models import Notification
from search.indexing import indexer
from tests.discovery.logged import logged
from tests.jobs import run_due
from tests.kb.conftest import make_faq, make_topic
from tests.people import People
from tests.server import wait_until
from web import job_runner, job_states

QUESTION = "Hoe huur ik een kolibrie?"


@pytest.fixture
def running(transactional_db: None, indexed: Callable[[], int]) -> Iterator[None]:
    """An indexer and a runner of jobs."""
    stop = threading.Event()
    threads = [threading.Thread(target=loop, args=(stop,)) for loop in (indexer.run, job_runner.run)]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()


def wish(people: People) -> SearchAlert:
    """The owner wants to be told."""
    note = query_log.PageNote(text="kolibrie huren", language="nl")
    return search_alerts.create(by=people.viewer("owner"), note=note)


def test_who_asked_is_told_and_the_gap_is_answered(running: None, people: People) -> None:
    logged("kolibrie huren", hits=0)
    wish(people)
    job_states.wake("discovery.count_searches")
    wait_until(Gap.objects.filter(looked__isnull=False).exists, "it is counted, and the gap is tried")
    assert Gap.objects.get().state == Gap.State.OPEN
    make_faq(QUESTION, {audiences.PUBLIC}, make_topic("Dieren", {audiences.PUBLIC}))
    told = Notification.objects.filter(recipient=people.owner, event="search.answered")
    wait_until(told.exists, "the owner is told")
    job_states.run_now(gaps.JOB)  # on a slow machine it rests for long after the first try
    wait_until(lambda: Gap.objects.get().state == Gap.State.ANSWERED, "the gap is answered")
    assert told.count() == 1
    assert not SearchAlert.objects.exists()


@pytest.mark.django_db
def test_indexing_makes_the_jobs_due_and_only_when_somebody_waits(people: People, indexed: Callable[[], int]) -> None:
    topic = make_topic("Dieren", {audiences.PUBLIC})
    indexed()
    run_due()
    make_faq("Een ander dier", {audiences.PUBLIC}, topic)
    indexed()
    assert search_alerts.JOB not in job_states.due(), "nobody waits"
    wish(people)
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()
    assert search_alerts.JOB in job_states.due()
    assert search_alerts.JOB in run_due()
    assert Notification.objects.filter(recipient=people.owner, event="search.answered").count() == 1
    search_alerts.match_new_documents(60)
    assert not FreshDocument.objects.exists()


@pytest.mark.django_db
def test_a_minute_without_anything_to_do_costs_a_few_statements(people: People, indexed: Callable[[], int]) -> None:
    indexed()
    while run_due():
        pass
    jobs = job_states.declared()
    for name, most in {search_alerts.JOB: 2, gaps.JOB: 6, "discovery.count_searches": 2}.items():
        with CaptureQueriesContext(connection) as captured:
            jobs[name].run()
        assert len(captured) <= most, (name, captured.captured_queries)
