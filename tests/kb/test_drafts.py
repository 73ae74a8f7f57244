"""Who sees which draft and which feedback, and who gets mail about reviews. No role gives access to content."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import wagtail
import wagtail.signals
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse
from wagtail.admin.mail import Notifier
from wagtail.admin.views.pages import edit
from wagtail.models import TaskState, WorkflowState

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience, Circle, RoleGrant, User
from accounts.roles import Role
from accounts.sync import sync_members
from accounts.widening import widen_audience
from kb import actions, review
from kb.capture import OriginValue
from kb.models import ArticlePage, Faq, Feedback
from tests.kb.conftest import Shelf, keys_for, make_article, make_faq, make_topic
from tests.kb.test_actions import draft
from tests.kb.test_pages import client_of

pytestmark = pytest.mark.django_db
CURATE = "/nl/kennis/beheer/"


def second_curator(shelf: Shelf) -> User:
    """Make the ICT agent a curator as well, who is not in the HR team."""
    RoleGrant.objects.create(user=shelf.people.ict_agent, role=Role.CURATOR)
    sync_members(Role.CURATOR)
    return shelf.people.ict_agent


def editor_of(faq: Faq) -> str:
    """Return the address where a curator publishes the FAQ."""
    return reverse("wagtailsnippets_kb_faq:edit", args=[faq.pk])


def drafts_of(shelf: Shelf) -> dict[str, Faq]:
    """Return a draft in review for each kind of audience."""
    found = {}
    for kind, keys in keys_for(shelf.people).items():
        faq = draft(shelf, question=f"Concept voor {kind}?")
        Faq.objects.filter(pk=faq.pk).update(audience=Audience.objects.of(keys), owner=None)
        found[kind] = faq
    return found


def test_who_sees_which_draft(shelf: Shelf) -> None:
    second_curator(shelf)
    hr_only = {"team"}
    sees = {"curator": {"public", "employees", "staff", "organisation"} | hr_only}
    sees["ict_agent"] = sees["curator"] - hr_only
    found = drafts_of(shelf)
    wrong = []
    for name in shelf.people.persons():
        client = client_of(shelf.people, name)
        queue = client.get(CURATE).content.decode()
        for kind, faq in found.items():
            expected = kind in sees.get(name, set())
            opened = client.get(reverse("kb:draft", args=[faq.pk])).status_code == 200
            if (opened, faq.question in queue) != (expected, expected):
                wrong.append((name, kind, opened, faq.question in queue))
            if name in sees and (client.get(editor_of(faq)).status_code == 200) != expected:
                wrong.append((name, kind, "in the editor", not expected))
    assert not wrong


def test_hidden_and_missing_drafts_look_the_same(shelf: Shelf) -> None:
    found = drafts_of(shelf)
    client = client_of(shelf.people, "curator")
    answers = [client.get(reverse("kb:draft", args=[pk])).status_code for pk in (found["unit"].pk, 999_999)]
    assert answers == [404, 404]


def test_a_draft_of_ones_own_is_always_seen(shelf: Shelf) -> None:
    faq = draft(shelf)
    Faq.objects.filter(pk=faq.pk).update(audience=Audience.objects.of({audiences.user(shelf.people.owner.pk)}))
    assert client_of(shelf.people, "agent").get(reverse("kb:draft", args=[faq.pk])).status_code == 200


def test_a_draft_that_nobody_may_read_is_for_curators_who_read_its_topic(shelf: Shelf) -> None:
    """For a draft for one team in a topic for a circle no key stands for both: this rule lets a curator finish it."""
    circle = Circle.objects.create(name="Kring", slug="t-kring")
    circle.memberships.create(user=shelf.people.curator)
    faq = draft(shelf, topic=make_topic("Van de kring", {audiences.circle(circle.pk)}))
    faq.own_audience = team_only(shelf)
    faq.save()
    assert faq.audience.key_set == set()
    second_curator(shelf)
    Faq.objects.filter(pk=faq.pk).update(owner=None)
    statuses = {
        n: [
            client_of(shelf.people, n).get(path).status_code
            for path in (reverse("kb:draft", args=[faq.pk]), editor_of(faq))
        ]
        for n in ("curator", "ict_agent")
    }
    assert statuses == {"curator": [200, 200], "ict_agent": [404, 404]}


SECRET = "Zwaluwplan"


def team_only(shelf: Shelf) -> Audience:
    """Return an audience without the other curator."""
    return Audience.objects.of({audiences.team(shelf.people.hr.pk)})


def narrowed_draft(shelf: Shelf, **changes: Any) -> Faq:
    """Return an FAQ that everybody may read, with a newer draft."""
    faq = make_faq("Voor iedereen?", {audiences.PUBLIC}, shelf.topic)
    for name, value in ({"question": SECRET, "answer": SECRET} | changes).items():
        setattr(faq, name, value)
    faq.save_revision(user=shelf.people.curator)
    return faq


def team_draft(shelf: Shelf, *keys: str, revision: bool = True) -> Faq:
    """Return a new FAQ for one team, in a topic for `keys`: it is for members of the team who hold one of them."""
    topic = make_topic(f"Voor {keys}", set(keys))
    faq = Faq(question=SECRET, answer=SECRET, topic=topic, locale=topic.locale, live=False)
    faq.own_audience = team_only(shelf)
    faq.save()
    if revision:
        faq.save_revision(user=shelf.people.curator)
    return faq


def narrowed_later(shelf: Shelf) -> Faq:
    """Return a draft whose topic was narrowed by somebody of the other team."""
    topic = make_topic("Eerst open", {audiences.PUBLIC})
    faq = Faq(question=SECRET, answer=SECRET, topic=topic, locale=topic.locale, live=False)
    faq.own_audience = team_only(shelf)
    faq.save()
    topic.own_audience = Audience.objects.of({audiences.team(shelf.people.ict.pk)})
    topic.save()
    return Faq.objects.get(pk=faq.pk)


def begun_wider(shelf: Shelf) -> Faq:
    """Return a draft for staff whose owner is not in the audience of its newest revision."""
    faq = Faq(question=SECRET, answer=SECRET, topic=shelf.topic, locale=shelf.topic.locale, live=False)
    faq.owner, faq.own_audience = shelf.people.ict_agent, Audience.objects.of({audiences.STAFF})
    faq.save()
    faq.own_audience = team_only(shelf)
    faq.save_revision(user=shelf.people.curator)
    return faq


@pytest.mark.parametrize(
    ("make", "seen_by"),
    [
        (lambda shelf: narrowed_draft(shelf, own_audience=team_only(shelf)), {"curator"}),
        (
            lambda shelf: narrowed_draft(
                shelf, topic=make_topic("Dicht", {audiences.team(shelf.people.hr.pk)}), own_audience=None
            ),
            {"curator"},
        ),
        (lambda shelf: team_draft(shelf, audiences.STAFF), {"curator"}),
        (lambda shelf: team_draft(shelf, audiences.EMPLOYEES, revision=False), {"curator"}),
        (narrowed_later, set()),
        (begun_wider, {"curator"}),
    ],
    ids=["narrower", "closed topic", "of one team", "without revision", "topic narrowed later", "narrowed meanwhile"],
)
def test_a_draft_is_for_whom_it_was_chosen_wherever_it_is_asked(
    shelf: Shelf, mailoutbox: list[Any], make: Callable[[Shelf], Faq], seen_by: set[str]
) -> None:
    """Preview, queue, editor and review mail use one rule (`kb.models.drafts`)."""
    second_curator(shelf)
    faq = make(shelf)
    if faq.latest_revision:
        faq.get_workflow().start(faq, shelf.people.owner)
    for name in ("curator", "ict_agent", "agent"):
        client, person = client_of(shelf.people, name), shelf.people.viewer(name)
        ways = {
            "preview": client.get(reverse("kb:draft", args=[faq.pk])).status_code == 200,
            "editor": client.get(editor_of(faq)).status_code == 200,
            "managed": faq.is_managed_by(person),
        }
        if faq.latest_revision:
            ways["queue"] = SECRET in client.get(CURATE).content.decode()
            ways["mail"] = person.user.email in {address for message in mailoutbox for address in message.to}
        assert set(ways.values()) == {name in seen_by}, (name, ways)


def test_reviewers_of_a_page_are_those_of_its_newest_draft(shelf: Shelf, mailoutbox: list[Any]) -> None:
    second_curator(shelf)
    page = make_article("Voor iedereen", {audiences.PUBLIC}, shelf.topic)
    page.title, page.own_audience = SECRET, team_only(shelf)
    page.save_revision(user=shelf.people.curator)
    page.get_workflow().start(page, shelf.people.agent)
    assert {address for message in mailoutbox for address in message.to} == {shelf.people.curator.email}


def test_whoever_looks_after_a_draft_reads_it_while_it_is_for_them(shelf: Shelf) -> None:
    people = shelf.people
    faq = draft(shelf)
    preview = reverse("kb:draft", args=[faq.pk])

    def read(name: str = "agent") -> tuple[int, bool]:
        client = client_of(people, name)
        return client.get(preview).status_code, SECRET in client.get(reverse("kb:drafts")).content.decode()

    faq.question = SECRET
    faq.save_revision(user=people.curator)
    assert read() == (200, True)
    faq.own_audience = Audience.objects.of({audiences.team(people.ict.pk)})
    faq.save_revision(user=people.ict_agent)
    assert read() == (404, False), "the newest draft is for another team"
    faq.own_audience = Audience.objects.of({audiences.PUBLIC})
    faq.save_revision(user=people.curator)
    assert read() == (200, True)
    people.agent.role_grants.all().delete()
    sync_members(Role.AGENT)
    assert read() == (404, False), "no agent any more"


def test_what_readers_missed_is_for_who_reads_the_text(shelf: Shelf) -> None:
    second_curator(shelf)
    hr = {audiences.team(shelf.people.hr.pk)}
    faq, article = make_faq("Alleen voor HR?", hr, shelf.topic), make_article("Voor HR", hr, shelf.topic)
    for field, row in (("faq", faq), ("article", article)):
        for person in range(2):
            Feedback.objects.create(**{field: row}, who=f"user:{person + 1}", helpful=False, reason=f"Geheim {field}")
    Faq.objects.filter(pk=faq.pk).update(not_helpful_count=2)
    parts = ("Geheim faq", "Geheim article", "Alleen voor HR?")
    pages = {n: client_of(shelf.people, n).get(CURATE).content.decode() for n in ("curator", "ict_agent")}
    assert [part for part in parts if part not in pages["curator"]] == []
    assert [part for part in parts if part in pages["ict_agent"]] == []


def test_reviewers_are_mailed_only_about_what_they_read(shelf: Shelf, mailoutbox: list[Any]) -> None:
    second_curator(shelf)
    for team in (shelf.people.hr, shelf.people.ict):
        mailoutbox.clear()
        faq = make_faq(f"Van {team}?", {audiences.team(team.pk)}, shelf.topic)
        faq.get_workflow().start(faq, shelf.people.agent)
        mailed = {address for message in mailoutbox for address in message.to}
        expected = shelf.people.curator if team == shelf.people.hr else shelf.people.ict_agent
        assert mailed == {expected.email}, team


def comment(client: Client, article: ArticlePage, audience: str = "staff", **more: str) -> None:
    """Save the article in its editor, with the comment in `more` if there is one, and follow its comments."""
    sent = {"title": article.title, "slug": article.slug, "own_audience": audience, "comment_notifications": "on"}
    sent |= {"body-count": "0", "comments-INITIAL_FORMS": "0", "comments-TOTAL_FORMS": "1" if more else "0"}
    empty = dict.fromkeys(("position", "id", "resolved", "DELETE"), "") | {"contentpath": "title"}
    empty |= {"replies-TOTAL_FORMS": "0", "replies-INITIAL_FORMS": "0"}
    sent |= {f"comments-0-{name}": value for name, value in (empty | more).items()} if more else {}
    assert client.post(reverse("wagtailadmin_pages:edit", args=[article.pk]), sent).status_code == 302


@pytest.mark.parametrize("lost", ["nothing", "the audience", "the draft", "the role"])
def test_mails_of_wagtail_are_for_who_reads_the_row_now(shelf: Shelf, mailoutbox: list[Any], lost: str) -> None:
    """The ICT agent followed the comments of an article, and asked for a review of an article and an FAQ."""
    ict, hr = second_curator(shelf), Audience.objects.of({audiences.team(shelf.people.hr.pk)})
    article, faq = (
        make_article("Plan", {audiences.STAFF}, shelf.topic),
        make_faq("Plan?", {audiences.STAFF}, shelf.topic),
    )
    comment(client_of(shelf.people, "ict_agent"), article)
    for row in (article, faq):
        row.get_workflow().start(row, ict)
        if lost == "the audience":
            widen_audience(by=None, row=type(row).objects.get(pk=row.pk), audience=hr)
        elif lost == "the draft":
            draft = type(row).objects.get(pk=row.pk)
            draft.own_audience = hr
            draft.save_revision()
    if lost == "the role":
        ict.role_grants.all().delete()
        sync_members(Role.CURATOR)
    mailoutbox.clear()
    chosen = f"team:{shelf.people.hr.pk}" if lost == "the draft" else "staff"
    comment(client_of(shelf.people, "curator"), article, chosen, text="Geheim")
    for row in (article, faq):
        state = type(row).objects.get(pk=row.pk).current_workflow_task_state
        state.reject(user=shelf.people.curator, comment="Geheim")
        again = type(row).objects.get(pk=row.pk)
        again.current_workflow_state.resume(user=ict)
        type(row).objects.get(pk=row.pk).current_workflow_task_state.approve(user=shelf.people.curator)
    mailed = [message.subject for message in mailoutbox if message.to == [ict.email]]
    assert len(mailed) == (5 if lost == "nothing" else 0), mailed


def test_no_mail_of_wagtail_is_left_out_of_that() -> None:
    """Return Wagtail's modules that send mail, and the receivers of its signals that do."""
    package = Path(wagtail.__file__).parent
    sending = re.compile(r"wagtail\.admin\.mail|django\.core\.mail|send_mail|PasswordResetForm")
    found = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if not {"test", "tests", "project_template"} & set(path.parts) and "test" not in path.stem
        and sending.search(path.read_text())
    }  # fmt: skip
    held = {"admin/mail.py", "admin/signal_handlers.py", "admin/views/pages/edit.py"}
    closed = {"admin/views/account.py", "admin/forms/auth.py", "contrib/forms/models.py"}  # passwords are allauth's
    assert found == held | closed
    notifiers = [
        receiver
        for signal in vars(wagtail.signals).values()
        if isinstance(signal, Signal)
        for receiver in signal._live_receivers(TaskState)[0] + signal._live_receivers(WorkflowState)[0]
        if isinstance(receiver, Notifier)
    ]
    assert {type(each) for each in notifiers} == {type(ours) for *_signal, ours in review.MAILS}
    assert all(isinstance(each, review.Held) for each in notifiers)
    assert edit.send_notification is review.send_notification


def test_a_captured_faq_starts_with_staff(shelf: Shelf) -> None:
    origin = OriginValue(
        key="question:1", url="/nl/q/1/", audience_keys=frozenset({audiences.team(shelf.people.hr.pk)})
    )
    faq = actions.draft_faq(
        by=Person(shelf.people.agent),
        question="Mag dit?",
        answer="Ja.",
        topic=shelf.topic,
        language="nl",
        origins=[origin],
        audience={audiences.PUBLIC},
    )
    assert Faq.objects.get(pk=faq.pk).audience.key_set == {audiences.STAFF}
    faq.get_latest_revision().publish()
    faq.refresh_from_db()
    assert (faq.live, faq.audience.key_set) == (True, {audiences.STAFF}), "publishing is not saying yes"
