"""Permissions are checked again when a notification or mail is shown or sent: every kind of both."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience, RoleGrant
from accounts.roles import Role
from chat import actions as chat
from chat.notices import _tell
from community import actions as community
from community import notices
from discovery import notices as search_notices
from discovery.models import SearchAlert, ZeroResultAlert
from kb import actions as kb
from kb.models import Origin
from notifications import mail, showing
from notifications.actions import follow, notify
from notifications.models import Notification, SentMail
from search import sources
from tests.community.conftest import make_space
from tests.kb.conftest import make_faq, make_topic
from tests.people import People
from tests.test_access import bare_refusals

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent
TITLE = "Xylofoonbeleid"  # in every title
NO_WORDS = {"moderation.flagged", "moderation.handled"}  # our own words only


class Undo(Exception):
    """Raised to roll back a transaction."""


def tell_everything(people: People) -> None:
    """Send each kind of notification to the owner."""
    house = {audiences.organisation(people.business.pk), audiences.STAFF}
    space, topic = make_space("t-huis", *house), make_topic("Thema", {audiences.PUBLIC})
    follow(by=people.viewer("owner"), key=space.follow_key)
    other = community.ask(by=Person(people.colleague), space=space, title=f"{TITLE} nieuw", body="", language="nl")
    mine = community.ask(by=Person(people.owner), space=space, title=f"{TITLE} mijn", body="", language="nl")
    given = community.answer(by=Person(people.agent), question=mine, body=f"{TITLE} antwoord")
    follow(by=people.viewer("owner"), key=other.key)
    community.answer(by=Person(people.agent), question=other, body=f"{TITLE} antwoord")
    helped = community.answer(by=Person(people.owner), question=other, body="Zo.")
    notices.accepted(helped, by=Person(people.colleague))
    faq = make_faq(f"{TITLE} faq", house, topic)
    notices.faq_made(other, faq)
    Origin.objects.create(
        faq=faq, key=mine.key, url="/", asker=people.owner, audience=Audience.objects.of(house), added_by=people.agent
    )
    kb.tell_askers(by=Person(people.agent), faq=faq)
    conversation = chat.start_conversation(
        by=people.viewer("owner"), team=people.hr, question=f"{TITLE} chat", language="nl"
    )
    _tell(conversation, chat.post_message(by=people.viewer("agent"), conversation=conversation, body="Ja."))
    documents = [sources.get("faq").to_document(sources.get("faq").queryset().get(pk=faq.pk))]
    waiting = SearchAlert.objects.create(
        owner=f"user:{people.owner.pk}", text=TITLE, language="nl", confirmed=timezone.now()
    )
    search_notices.alert_fulfilled(alert=waiting, documents=documents, url=faq.get_absolute_url())
    RoleGrant.objects.create(user=people.owner, role=Role.CURATOR)
    alert = ZeroResultAlert.objects.create(period=timezone.now().date(), searches=10, zero=5)
    search_notices.zero_results_high(alert=alert, days=7, missed=[TITLE])
    assert given.pk


@pytest.fixture
def letters(people: People, django_capture_on_commit_callbacks: Any) -> list[dict[str, Any]]:
    """Return the mails in the queue after all notifications were sent."""
    waiting: list[dict[str, Any]] = []
    with (
        patch.object(mail.deliver.__class__, "enqueue", autospec=True) as enqueue,
        django_capture_on_commit_callbacks(execute=True),
    ):
        enqueue.side_effect = lambda task, *args: (
            waiting.append(args[0]) if task.func is mail.deliver.func else task.call(*args)
        )
        tell_everything(people)
    return [each for each in waiting if people.owner.email in each["to"][0]]


def narrow(row: Any) -> None:
    """Limit its audience to one outsider."""
    target = row if hasattr(row, "audience_id") else row.question
    type(target)._base_manager.filter(pk=target.pk).update(audience=Audience.objects.of([audiences.user(999_999)]))


def hide(row: Any) -> None:
    """Hide or unpublish it."""
    for name, value in (("hidden", True), ("live", False)):
        if hasattr(row, name):
            type(row)._base_manager.filter(pk=row.pk).update(**{name: value})
            return
    narrow(row)


def delete(row: Any) -> None:
    """Delete it."""
    type(row)._base_manager.filter(pk=row.pk).delete() if not hasattr(row, "events") else narrow(row)


def leave(row: Any) -> None:
    """Remove the recipient from their organisation and role; limit the audience of what is theirs alone."""
    from accounts.models import Membership

    Membership.objects.all().delete()
    RoleGrant.objects.all().delete()
    if hasattr(row, "events"):
        narrow(row)


def rows_of(notification: Notification) -> Iterator[Any]:
    """Return the rows that a notification mentions."""
    models = {source.kind: source.model for source in sources.all()}
    from community.models import Answer

    models |= {"answer": Answer, "search-alert": ZeroResultAlert}
    for subject in notification.subjects.all():
        yield models[subject.kind]._base_manager.get(pk=subject.row)


def shown(client: Client, people: People, pk: int) -> dict[str, Any]:
    """Return what the inbox, its badge and its link show of one notification."""
    page = client.get(reverse("notifications:inbox"))
    with bare_refusals():
        opened = client.get(reverse("notifications:open", args=[pk])).status_code
        marked = client.post(reverse("notifications:mark", args=[pk])).status_code
    return {
        "listed": f'id="notification-{pk}"' in page.content.decode(),
        "counted": page.context["unread_notifications"],
        "total": page.context["page_obj"].paginator.count,
        "opened": opened,
        "marked": marked,
    }


def undone(act: Callable[[], None]) -> None:
    """Call a function and roll back."""
    try:
        with transaction.atomic():
            act()
            raise Undo
    except Undo:
        pass


def test_every_kind_of_notification_is_tested(letters: list[dict[str, Any]]) -> None:
    named = set()
    for path in ROOT.glob("*/*.py"):
        if path.parts[-2] in ("tests", "benchmarks"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "notify":
                named |= {
                    k.value.value for k in node.keywords if k.arg == "event" and isinstance(k.value, ast.Constant)
                }
    assert set(Notification.objects.values_list("event", flat=True)) | NO_WORDS == named
    silent = [n.event for n in Notification.objects.exclude(event__in=NO_WORDS) if not n.subjects.exists()]
    assert not silent, f"they speak of rows, and name none: {silent}"


def test_rows_closed_later_are_not_shown_or_sent(people: People, letters: list[dict[str, Any]], client: Client) -> None:
    """Each notification × each way to close its rows: inbox, badge, link and the waiting mail."""
    client.force_login(people.owner, backend="accounts.backends.RoleBackend")
    told = list(Notification.objects.filter(recipient=people.owner))
    assert len(told) >= 9 and len(letters) >= len(told) - 1
    wrong: list[Any] = []

    def check(one: Notification, row: Any, close: Callable[[Any], None]) -> None:
        close(row)
        people.owner.refresh_from_db()
        got = shown(client, people, one.pk)
        if got["listed"] or got["opened"] != 404 or got["marked"] != 404 or got["counted"] != got["total"]:
            wrong.append((one.event, close.__name__, type(row).__name__, got))
        before = SentMail.objects.count()
        for letter in letters:
            if letter["subject"] == one.title:
                mail.deliver.call(letter)
        if SentMail.objects.count() != before:
            wrong.append((one.event, close.__name__, type(row).__name__, "mailed"))

    for one in told:
        assert f'id="notification-{one.pk}"' in client.get(reverse("notifications:inbox")).content.decode(), one.event
        for row in rows_of(one):
            closings = [leave] if isinstance(row, ZeroResultAlert) else [narrow, hide, delete, leave]
            for close in closings:
                undone(lambda one=one, row=row, close=close: check(one, row, close))
    assert not wrong
    before = SentMail.objects.count()
    for letter in letters:
        mail.deliver.call(letter)
    assert SentMail.objects.count() == before + len(letters), "and what is still open is sent"


def test_the_inbox_checks_permissions_in_its_one_query(
    people: People, letters: list[dict[str, Any]], client: Client
) -> None:
    client.force_login(people.owner, backend="accounts.backends.RoleBackend")

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(reverse("notifications:inbox"))
        return len(captured)

    count()
    few = count()
    key = Notification.objects.get(event="kb.faq_published").key
    for n in range(20):
        notify(recipients=[people.owner], event=f"kb.test{n}", title=f"{TITLE} {n}", key=key)
    assert count() == few
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("notifications:inbox"))
        queries = [q["sql"] for q in captured if "notifications_notification" in q["sql"]]
    assert len(queries) == 4, "how many, these, and for the badge whether there are any and how many"


def test_a_mail_to_a_visitor_is_checked_again(people: People, letters: list[dict[str, Any]]) -> None:
    """A mail to somebody without an account has the keys of its rows. It is not sent if one was closed meanwhile."""
    faq = make_faq(f"{TITLE} voor iedereen", {audiences.PUBLIC}, make_topic("Anders", {audiences.PUBLIC}))
    letter = mail.letter(to="x@example.org", subject=TITLE, text=TITLE) | {
        "shows": [f"faq:{faq.pk}"],
        "reader": ["public"],
    }
    mail.deliver.call(letter)
    assert SentMail.objects.count() == 1
    for close in (narrow, hide, delete):
        undone(lambda close=close: _count_after(close, faq, letter))
    for key in ("faq:999999999", "nothing:1", "faq:x", "faq:²"):
        mail.deliver.call(letter | {"shows": [key]})
    assert SentMail.objects.count() == 1


def _count_after(close: Callable[[Any], None], faq: Any, letter: dict[str, Any]) -> None:
    before = SentMail.objects.count()
    close(faq)
    mail.deliver.call(letter)
    assert SentMail.objects.count() == before, close.__name__


def test_a_notification_cannot_mention_an_unknown_kind(people: People) -> None:
    for key in ("nothing:1", "faq:x", "faq:"):
        with pytest.raises(ValueError, match="not a row"):
            notify(recipients=[people.owner], event="x", title="x", shows=[key])
    assert "answer" in showing.kinds() and "faq" in showing.kinds()
