"""Management → System: how jobs fare, and having one run now."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from accounts.models import AuditEvent
from search.models import OutboxEntry
from tests.people import People
from web import job_states, leases, tasks
from web.models import JobState

pytestmark = pytest.mark.django_db
JOB = "web.purge_forms"


@pytest.fixture
def admin(people: People, client: Client) -> Client:
    client.force_login(people.administrator, backend="accounts.backends.RoleBackend")
    return client


def page(admin: Client) -> str:
    """The page in Dutch."""
    response = admin.get(reverse("accounts:system"))
    assert response.status_code == 200
    return str(response.content.decode())


def states(**values: Any) -> None:
    """Every declared job has run, and this one became of one of them."""
    jobs = job_states.declared()
    job_states.prepare(jobs, 1)
    moment = job_states.now()
    JobState.objects.update(started=moment, ended=moment, seconds=0.25, due=moment + timedelta(minutes=5))
    JobState.objects.filter(name=JOB).update(**values)


def test_before_anything_ran_it_says_so(admin: Client) -> None:
    text = page(admin)
    assert text.count("nog niet uitgevoerd") == len(job_states.declared())
    assert "er is geen proces dat ze uitvoert" in text


def test_it_shows_the_last_run_its_time_and_result_and_the_next(admin: Client) -> None:
    states(result=1234)
    leases.take(job_states.LEASE, "a", 60)
    leases.take(tasks.lease_of("w"), "w", 60)
    text = page(admin)
    assert "250 ms" in text
    assert "1.234 items" in text
    assert "één proces voert ze uit" in text
    assert "1 aan het werk" in text
    assert "faalt" not in text


def test_a_failure_is_told_in_its_words_and_stands_first(admin: Client) -> None:
    states(failures=3, error="OSError: <b>no answer</b>", failed=job_states.now())
    text = page(admin)
    assert "3 keer achter elkaar mislukt" in text
    assert "OSError: &lt;b&gt;no answer&lt;/b&gt;" in text
    assert text.index(JOB) < min(text.index(name) for name in job_states.declared() if name != JOB)
    health = admin.get("/health/")
    assert (health.status_code, health.json()["jobs"]) == (200, {"failing": [JOB]})
    assert "no answer" not in health.text


def test_it_counts_what_waits_and_what_failed(admin: Client) -> None:
    DBTaskResult.objects.create(
        status=tasks.FAILED, args_kwargs={"args": [], "kwargs": {}}, task_path="x", backend_name="default"
    )
    OutboxEntry.objects.all().delete()
    OutboxEntry.objects.create(key="note:1")
    OutboxEntry.objects.create(key="note:2", failed=True, error="x")
    text = page(admin)
    assert "0 wachten of lopen; 1 mislukt in de laatste drie dagen" in text
    assert "1 documenten wachten op indexering; 1 kunnen niet" in text


def test_somebody_has_a_job_run_now_and_that_is_recorded(people: People, admin: Client) -> None:
    states()
    assert job_states.due() == []
    response = admin.post(reverse("accounts:system"), {"job": JOB}, follow=True)
    assert "zo snel mogelijk uitgevoerd" in response.content.decode()
    assert job_states.due() == [JOB]
    event = AuditEvent.objects.get(event="accounts.job_run")
    assert (event.by, event.details) == (people.administrator, {"job": JOB})
    assert "Liet een taak nu uitvoeren" in admin.get(reverse("accounts:audit")).content.decode()


def test_an_unknown_job_is_not_found(admin: Client) -> None:
    assert admin.post(reverse("accounts:system"), {"job": "web.nonsense"}).status_code == 404
    assert not AuditEvent.objects.filter(event="accounts.job_run").exists()


def test_how_many_queries_it_takes_does_not_depend_on_the_jobs(
    admin: Client, django_assert_max_num_queries: Any
) -> None:
    states()
    page(admin)
    with django_assert_max_num_queries(16):
        page(admin)
