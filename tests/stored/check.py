"""Whether a stored database works: `python -m tests.stored.check <facts.json> [check …]` migrates the database that its
environment names, and prints what is wrong as the last line, in JSON.

Run by tests/test_stored.py in a process of its own, at the moment at which the database was stored.
"""

import html
import json
import math
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django
import time_machine

Facts = dict[str, Any]
# Tables of models that have another table by now: the old name → the model ("discovery.SearchAlert"). A model that has
# moved and kept its table is found by it. None: what was in it is kept no longer, on purpose.
MOVED: dict[str, str | None] = {
    "search_click": "discovery.Click",
    "search_dayfigures": "discovery.DailyFigures",
    "search_dirty": "search.OutboxEntry",
    "search_fresh": "discovery.FreshDocument",
    "search_gap": "discovery.Gap",
    "search_goodquery": "discovery.SuggestedQuery",
    "search_loggedsearch": "discovery.LoggedSearch",
    "search_queryfigures": "discovery.DailyQueryFigures",
    "search_sharealert": "discovery.ZeroResultAlert",
    "search_wish": "discovery.SearchAlert",
}
DROPPED_TASKS: frozenset[str] = frozenset()  # paths of tasks that nothing queues any more, and that may fail


def rows_are_there(facts: Facts) -> Iterator[str]:
    """No row is lost: of each table at least as many as were stored, in the table that its model has now."""
    from django.apps import apps
    from django.db import connection

    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        for name, (table, stored) in facts["rows"].items():
            if table in MOVED and MOVED[table] is None:
                continue
            model = apps.get_model(MOVED[table]) if table in MOVED else models.get(table)
            if model is None:
                yield f"{name}: no model has the table {table} any more"
                continue
            cursor.execute(f"select count(*) from {connection.ops.quote_name(model._meta.db_table)}")
            if (now := cursor.fetchone()[0]) < stored:
                yield f"{name}: {stored} rows in {table} were stored, and {model._meta.db_table} has {now}"


def models_are_known(facts: Facts) -> Iterator[str]:
    """Every content type is a model's, so none is stale, and every generic relation leads to its row."""
    from django.apps import apps
    from django.contrib.contenttypes.fields import GenericForeignKey
    from django.contrib.contenttypes.models import ContentType

    for each in ContentType.objects.all():
        if each.model_class() is None:
            yield f"the content type {each.app_label}.{each.model} is no model's"
    for model in apps.get_models():
        for field in model._meta.private_fields:
            if isinstance(field, GenericForeignKey) and not model._meta.proxy:
                lost = [row.pk for row in model._base_manager.all() if getattr(row, field.name) is None]
                if lost and model._meta.label not in ("wagtailcore.ReferenceIndex",):
                    yield f"{model._meta.label}.{field.name} leads nowhere: {lost[:5]}"


def revisions_can_be_loaded(facts: Facts) -> Iterator[str]:
    """Every draft is an object again, with its text; reviews know their rows, and the log its words."""
    from wagtail.models import ModelLogEntry, PageLogEntry, Revision, TaskState, WorkflowState

    for revision in Revision.objects.all():
        row = revision.as_object()
        if not str(row) or type(row) is not revision.content_type.model_class():
            yield f"revision {revision.pk} is {row!r}"
    for state in (*WorkflowState.objects.all(), *(step.workflow_state for step in TaskState.objects.all())):
        if state.content_object is None:
            yield f"the review {state.pk} is of nothing"
    for entry in (*PageLogEntry.objects.all(), *ModelLogEntry.objects.all()):
        if not entry.message or entry.content_type.model_class() is None:
            yield f"{entry.action} of {entry.label} has no words"


def acts_have_words(facts: Facts) -> Iterator[str]:
    """Every audit row is told in words, in both languages."""
    from django.utils import translation

    from accounts.audiences import viewer_for
    from accounts.audit_words import tell
    from accounts.models import AuditEvent, User

    viewer = viewer_for(User.objects.filter(role_grants__role="administrator").earliest("pk"))
    events = list(AuditEvent.objects.select_related("by"))
    for language in ("nl", "en"):
        with translation.override(language):
            yield from {f"{event.event} has no words in {language}" for event in events if event.name == event.event}
            told = tell(events, viewer)
    for each in told:
        if each.event.target and each.target is None and each.event.target != f"accounts.user:{each.event.by_id}":
            yield f"{each.event.event}: nobody knows what {each.event.target} is"


def inboxes_are_shown(facts: Facts) -> Iterator[str]:
    """Everybody still sees the notifications that they saw."""
    from accounts.audiences import viewer_for
    from accounts.models import User
    from notifications.models import Notification

    for email, stored in facts["inbox"].items():
        seen = Notification.objects.visible_to(viewer_for(User.objects.get(email=email))).order_by("pk")
        if (now := list(seen.values_list("title", flat=True))) != stored:
            yield f"{email} saw {stored}, and sees {now}"


def alerts_are_matched(facts: Facts) -> Iterator[str]:
    """The outbox drains into the embedded index, what was set aside is made, and whoever waited is told."""
    from accounts.audiences import viewer_for
    from accounts.models import User
    from discovery import index_actions, search_alerts
    from notifications.models import Notification
    from search import engines
    from search.indexing import indexer
    from search.indexing.leader import leading
    from search.models import OutboxEntry, Rebuild

    index_actions.retry(by=viewer_for(User.objects.filter(role_grants__role="curator").earliest("pk")))
    engine = engines.get()
    with leading() as lock:
        assert lock is not None
        indexer.take_over(engine, lock)
        indexer.run_round(engine, lock=lock)
        indexer.drain(engine=engine)
    if left := list(OutboxEntry.objects.values_list("key", "error")):
        yield f"the outbox still has {left}"
    if open_ := list(Rebuild.objects.exclude(state="done").values_list("state", "error")):
        yield f"rebuilds are {open_}"
    before = set(Notification.objects.values_list("pk", flat=True))
    search_alerts.match_new_documents(math.inf)
    new = Notification.objects.exclude(pk__in=before).values_list("recipient_id", flat=True)
    if (told := sorted(f"user:{pk}" for pk in new)) != facts["told"]:
        yield f"{facts['told']} waited for an answer, and {told} were told"


def things_are_found(facts: Facts) -> Iterator[str]:
    """Search finds what it found."""
    from django.test import Client

    for words, title in facts["found"].items():
        page = Client().get("/nl/zoeken/", {"q": words})
        if title not in html.unescape(page.text):
            yield f"{words!r} does not find {title!r}"


def pages_open(facts: Facts) -> Iterator[str]:
    """Who was signed in still is, and every page opens."""
    from django.test import Client

    for name, reader in facts["readers"].items():
        client = Client()
        client.cookies.load(reader["cookies"])
        if "sessionid" in reader["cookies"] and client.get("/nl/profiel/").status_code != 200:
            yield f"the session of the {name} has ended"
            continue
        for path in reader["pages"]:
            answer = client.get(path, follow=True)
            arrived = answer.request["PATH_INFO"]
            if answer.status_code != 200 or ("/login/" in arrived and "/login/" not in path):
                yield f"{path} leads the {name} to {arrived}: {answer.status_code}"


def links_open(facts: Facts) -> Iterator[str]:
    """Every link of a mail leads on; before anybody is told what they waited for, which ends theirs."""
    from django.test import Client

    for path in facts["links"]:
        if (status := Client().get(path, follow=True).status_code) != 200:
            yield f"the link {path} is {status}"


def tasks_run(facts: Facts) -> Iterator[str]:
    """Every stored task has a function, and what waits is done by the worker: nothing fails that did not before."""
    from django.utils.module_loading import import_string
    from django_tasks.base import Task, TaskResultStatus
    from django_tasks_db.models import DBTaskResult, get_date_max

    from notifications.models import SentMail
    from web import leases, tasks, worker

    for path in DBTaskResult.objects.order_by().values_list("task_path", flat=True).distinct():
        try:
            known = isinstance(import_string(path), Task)
        except ImportError as error:
            yield f"{path}: {error}"
        else:
            if not known:
                yield f"{path} is no task"
    failed = set(DBTaskResult.objects.filter(status=TaskResultStatus.FAILED).values_list("pk", flat=True))
    leases.take(tasks.lease_of("later"), "later", 60)
    tasks.take_back("later")
    DBTaskResult.objects.filter(status=TaskResultStatus.READY).update(run_after=get_date_max())
    for queue in worker.THREADS:
        while row := tasks.claim(queue, "later"):
            tasks.settle(row, tasks.perform(row))
    for row in DBTaskResult.objects.exclude(status=TaskResultStatus.SUCCESSFUL).exclude(pk__in=failed):
        if row.task_path not in DROPPED_TASKS:
            yield f"{row.task_path} is {row.status}: {row.traceback[-500:]}"
    for word in facts["mails"]:
        if not SentMail.objects.filter(to=f"{word}@thuis.example").exists():
            yield f"the mail to {word}@thuis.example was not delivered"


CHECKS: list[Callable[[Facts], Iterator[str]]] = [
    rows_are_there, models_are_known, revisions_can_be_loaded, acts_have_words, inboxes_are_shown, links_open,
    alerts_are_matched, things_are_found, pages_open, tasks_run,
]  # fmt: skip


def permissions() -> dict[str, Any]:
    """What the database of an installation says about permissions, by name."""
    from django.contrib.auth.models import Group, Permission
    from wagtail.models import GroupCollectionPermission, GroupPagePermission

    label = ("content_type__app_label", "content_type__model", "codename")
    pages = GroupPagePermission.objects.values_list("group__name", "page__url_path", "permission__codename")
    collections = GroupCollectionPermission.objects.values_list("group__name", "permission__codename")
    return {
        "permissions": sorted(map(".".join, Permission.objects.values_list(*label))),
        "groups": {
            group.name: sorted(map(".".join, group.permissions.values_list(*label))) for group in Group.objects.all()
        },
        "pages": sorted(map(" ".join, pages)),
        "collections": sorted(map(" ".join, collections)),
    }


def problems(facts: Facts, names: list[str]) -> dict[str, list[str]]:
    """What is wrong, by check; of the checks with these names, or of all."""
    from search import time_budget

    time_budget.SECONDS = 60  # a busy machine finds what a quiet one finds
    found: dict[str, list[str]] = {}
    for check in CHECKS:
        if names and check.__name__ not in names:
            continue
        try:
            wrong = list(check(facts))
        except Exception:  # noqa: BLE001 # the other checks still have something to say
            wrong = [traceback.format_exc()[-3000:]]
        if wrong:
            found[check.__name__] = wrong
    return found


if __name__ == "__main__":
    django.setup()
    from django.core.management import call_command

    stored = json.loads(Path(sys.argv[1]).read_text())
    call_command("migrate", verbosity=0, interactive=False)
    granted = permissions()
    with time_machine.travel(datetime.fromisoformat(stored["at"]) + timedelta(minutes=10)):
        wrong = problems(stored, sys.argv[2:])
    sys.stdout.write(json.dumps({"problems": wrong, "permissions": granted}) + "\n")
