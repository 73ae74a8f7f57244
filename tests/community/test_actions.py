"""Who may do what in the forum, and the effects."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience, AuditEvent
from accounts.widening import widen_audience
from community import actions
from community.models import Question, Vote
from kb.models import HomePage
from moderation import actions as moderation
from moderation import hideables
from notifications.actions import followers
from notifications.models import Notification
from search.models import OutboxEntry
from tests.community.conftest import Forum, make_space
from tests.kb.test_pages import client_of

pytestmark = pytest.mark.django_db
EVERYBODY = [
    "owner", "colleague", "neighbour", "outsider", "provider", "agent", "ict_agent", "curator", "administrator",
    "anonymous",
]  # fmt: skip
EMPLOYED = {"owner", "colleague", "neighbour", "agent", "ict_agent", "curator", "administrator"}


def may(function: object, **kwargs: object) -> bool:
    try:
        function(**kwargs)
    except PermissionDenied:
        return False
    return True


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_asks_where(forum: Forum, name: str) -> None:
    person = getattr(forum.people, name)
    asked = {
        space.slug
        for space in (forum.public, forum.employees, forum.waterland, forum.circle)
        if may(actions.ask, by=Person(person), space=space, title="Een vraag", body="", language="nl")
    }
    expected = set()
    if name != "anonymous":
        expected.add("loket")
    if name in EMPLOYED:
        expected.add("medewerkers")
    if name in {"owner", "colleague", "agent", "ict_agent", "curator"}:
        expected.add("waterland")
    if name == "owner":
        expected.add("kring")
    assert asked == expected


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_answers_and_votes(forum: Forum, name: str) -> None:
    person = getattr(forum.people, name)
    assert may(actions.answer, by=Person(person), question=forum.question, body="Beneden.") == (name in EMPLOYED)
    assert may(actions.vote, by=Person(person), row=forum.answer) == (name in EMPLOYED - {"agent"})
    assert may(actions.vote, by=Person(person), row=forum.question) == (name in EMPLOYED - {"owner"})
    closed = forum.ask(forum.circle)
    assert may(actions.answer, by=Person(person), question=closed, body="Beneden.") == (name == "owner")


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_accepts_and_edits(forum: Forum, name: str) -> None:
    person = getattr(forum.people, name)
    accepting = {"owner", "agent", "ict_agent", "curator"}
    assert may(actions.accept, by=Person(person), answer=forum.answer) == (name in accepting)
    assert may(actions.unaccept, by=Person(person), question=forum.question) == (name in accepting)
    assert may(actions.edit_question, by=Person(person), question=forum.question, title="Thee?", body="") == (
        name in {"owner", "curator"}
    )
    assert may(actions.edit_answer, by=Person(person), answer=forum.answer, body="Anders") == (
        name in {"agent", "curator"}
    )
    assert may(actions.move, by=Person(person), question=forum.question, space=forum.public) == (name == "curator")
    assert may(actions.hide, by=Person(person), row=forum.answer) == (name == "agent")


def test_asking_follows_audits_tells_the_team_and_marks_dirty(forum: Forum) -> None:
    forum.employees.team = forum.people.hr
    forum.employees.save()
    OutboxEntry.objects.all().delete()
    question = forum.ask(forum.employees)
    assert list(followers(question.key)) == [forum.people.owner]
    assert AuditEvent.objects.filter(event="community.ask", by=forum.people.owner).exists()
    told = Notification.objects.filter(event="community.question", key=question.key)
    assert {row.recipient for row in told} == {forum.people.agent, forum.people.curator}
    assert OutboxEntry.objects.filter(key=question.key).exists()
    assert question.body_html == "<p>Meer <em>hierover</em>.</p>\n"


def test_a_follower_who_lost_the_key_is_not_told(forum: Forum) -> None:
    question = forum.ask(forum.waterland)
    actions.vote(by=Person(forum.people.colleague), row=question)  # follows it
    forum.people.colleague.memberships.all().delete()
    actions.answer(by=Person(forum.people.agent), question=question, body="Om negen uur.")
    told = Notification.objects.filter(event__startswith="community.", body="Om negen uur.")
    assert {row.recipient for row in told} == {forum.people.owner}


def test_an_answer_changes_the_state_and_tells_the_asker(forum: Forum) -> None:
    assert forum.question.state == Question.State.ANSWERED
    assert forum.question.answer_count == 1
    assert forum.question.last_activity == forum.answer.created
    assert forum.answer.from_staff
    assert not actions.answer(by=Person(forum.people.colleague), question=forum.question, body="Boven.").from_staff
    told = Notification.objects.filter(recipient=forum.people.owner, event="community.answer")
    assert told.count() == 2
    assert told.filter(url__contains=f"/nl/q/{forum.question.pk}-").count() == 2


def test_accepting_solves_and_tells_the_answerer_once(forum: Forum) -> None:
    actions.accept(by=Person(forum.people.owner), answer=forum.answer)
    actions.accept(by=Person(forum.people.owner), answer=forum.answer)
    forum.question.refresh_from_db()
    assert forum.question.state == Question.State.SOLVED
    assert Notification.objects.filter(recipient=forum.people.agent, event="community.accepted").count() == 1
    other = actions.answer(by=Person(forum.people.colleague), question=forum.question, body="Boven.")
    actions.accept(by=Person(forum.people.owner), answer=other)
    forum.question.refresh_from_db()
    assert forum.question.accepted_answer == other
    actions.unaccept(by=Person(forum.people.owner), question=forum.question)
    forum.question.refresh_from_db()
    assert forum.question.state == Question.State.ANSWERED


def test_votes_count_once_and_can_be_taken_back(forum: Forum) -> None:
    voters = [forum.people.owner, forum.people.colleague, forum.people.curator]
    for voter in voters * 2:
        actions.vote(by=Person(voter), row=forum.answer)
    assert forum.answer.vote_count == Vote.objects.filter(answer=forum.answer).count() == 3
    assert actions.unvote(by=Person(voters[0]), row=forum.answer)
    assert not actions.unvote(by=Person(voters[0]), row=forum.answer)
    forum.answer.refresh_from_db()
    assert forum.answer.vote_count == Vote.objects.filter(answer=forum.answer).count() == 2


def test_a_vote_marks_the_question_dirty(forum: Forum) -> None:
    OutboxEntry.objects.all().delete()
    actions.vote(by=Person(forum.people.owner), row=forum.answer)
    assert set(OutboxEntry.objects.values_list("key", flat=True)) == {forum.question.key}


def test_withdrawing_and_hiding(forum: Forum) -> None:
    actions.accept(by=Person(forum.people.owner), answer=forum.answer)
    actions.hide(by=Person(forum.people.agent), row=forum.answer)
    forum.question.refresh_from_db()
    assert (forum.question.state, forum.question.answer_count) == (Question.State.OPEN, 0)
    assert forum.answer.withdrawn
    actions.restore(by=Person(forum.people.agent), row=forum.answer)
    forum.question.refresh_from_db()
    assert forum.question.state == Question.State.SOLVED
    moderation.hide(by=forum.people.viewer("curator"), key=forum.answer.key)
    forum.answer.refresh_from_db()
    assert not forum.answer.withdrawn
    with pytest.raises(PermissionDenied):
        actions.restore(by=Person(forum.people.agent), row=forum.answer)
    moderation.restore(by=forum.people.viewer("curator"), key=forum.answer.key)
    forum.answer.refresh_from_db()
    assert not forum.answer.hidden


def test_a_moderator_hides_what_was_flagged_in_a_space_they_do_not_see(forum: Forum) -> None:
    question = forum.ask(forum.circle)
    moderation.flag(by=forum.people.viewer("owner"), key=question.key, reason="other")
    moderation.hide(by=forum.people.viewer("curator"), key=question.key)
    question.refresh_from_db()
    assert question.hidden
    assert not Question.objects.readable_by(forum.people.viewer("curator"), moderator=True).filter(pk=question.pk)


def test_moderators_read_in_their_list_what_was_flagged_and_no_more_than_they_may_see(forum: Forum) -> None:
    closed = forum.ask(forum.circle)
    viewer = forum.people.viewer("curator")
    lines = hideables.titles(viewer, [forum.question.key, forum.answer.key, closed.key, "note:1", "question:x"])
    assert lines == {forum.question.key: forum.question.title, forum.answer.key: forum.answer.body}
    moderation.hide(by=forum.people.viewer("curator"), key=forum.question.key)
    assert forum.question.key in hideables.titles(viewer, [forum.question.key]), "also what is hidden"


def test_nobody_acts_on_what_is_hidden(forum: Forum) -> None:
    moderation.hide(by=forum.people.viewer("curator"), key=forum.question.key)
    forum.question.refresh_from_db()
    forum.answer.refresh_from_db()
    with pytest.raises(PermissionDenied):
        actions.answer(by=Person(forum.people.colleague), question=forum.question, body="Boven.")
    with pytest.raises(PermissionDenied):
        actions.accept(by=Person(forum.people.owner), answer=forum.answer)
    with pytest.raises(PermissionDenied):
        actions.edit_question(by=Person(forum.people.owner), question=forum.question, title="Thee?", body="")


def test_moving_never_widens(forum: Forum) -> None:
    question = forum.ask(forum.waterland)
    moved = actions.move(by=Person(forum.people.curator), question=question, space=forum.public)
    assert moved.space == forum.public
    assert moved.audience == forum.waterland.audience
    moved = actions.move(by=Person(forum.people.curator), question=forum.question, space=forum.waterland)
    assert moved.audience == forum.waterland.audience
    assert moved.own_audience is None


def test_moving_keeps_what_the_asker_chose(forum: Forum) -> None:
    """The question stays as narrow as it was when its new space is widened later, and the mover is told."""
    people = forum.people
    staff, hr = Audience.objects.of([audiences.STAFF]), Audience.objects.of([audiences.team(people.hr.pk)])
    desk = make_space("balie", audiences.STAFF)
    for own, expected in ((staff, {audiences.STAFF}), (hr, {audiences.both(audiences.team(people.hr.pk), "staff")})):
        question = actions.ask(
            by=Person(people.agent), space=forum.employees, title="Voor wie?", body="", language="nl", audience=own
        )
        moved = actions.move(by=Person(people.curator), question=question, space=desk)
        assert (moved.own_audience, moved.audience.key_set) == (own, expected)
    widen_audience(by=None, row=desk, audience=Audience.objects.of([audiences.PUBLIC]))
    assert {q.audience for q in Question.objects.filter(space=desk)} == {staff, hr}
    question = Question.objects.get(space=desk, own_audience=hr)
    client = client_of(people, "curator")
    path = reverse("community:move", args=[question.pk])
    text = client.post(path, {"space": forum.employees.pk}, follow=True).content.decode()
    assert "Ook daar lezen alleen deze lezers het: HR, voor zover ze medewerker zijn" in text
    moved = actions.move(by=Person(people.curator), question=question, space=forum.public)
    among = {audiences.both(audiences.team(people.hr.pk), general) for general in ("employees", "staff")}
    assert moved.audience.key_set == among, "never wider"


def test_moving_where_nobody_reads_is_refused(forum: Forum) -> None:
    forum.people.curator.memberships.create(organisation=forum.people.other_business)
    other = make_space("ander", audiences.organisation(forum.people.other_business.pk))
    question = forum.ask(forum.waterland)
    with pytest.raises(actions.NobodyLeft):
        actions.move(by=Person(forum.people.curator), question=question, space=other)


def test_a_narrower_space_narrows_its_questions(forum: Forum) -> None:
    own = Audience.objects.of([audiences.unit(forum.people.unit.pk), audiences.STAFF])
    narrower = actions.ask(
        by=Person(forum.people.owner), space=forum.employees, title="Voor inkoop", body="", language="nl", audience=own
    )
    assert narrower.audience == own
    OutboxEntry.objects.all().delete()
    forum.employees.own_audience = Audience.objects.of([audiences.STAFF])
    forum.employees.save()
    for question in (narrower, forum.question):
        question.refresh_from_db()
        assert question.audience.key_set == {audiences.STAFF}
        assert OutboxEntry.objects.filter(key=question.key).exists()
    wider = Audience.objects.of([audiences.EMPLOYEES, audiences.STAFF])
    widen_audience(by=None, row=forum.employees, audience=wider)
    narrower.refresh_from_db()
    assert narrower.audience == own


def test_a_narrower_home_narrows_everything_below(forum: Forum) -> None:
    home = HomePage.objects.get(locale__language_code="nl")
    home.own_audience = Audience.objects.of([audiences.STAFF])
    home.save()
    forum.question.refresh_from_db()
    assert forum.question.audience.key_set == {audiences.STAFF}


def test_an_offline_space_takes_its_questions_along(forum: Forum) -> None:
    OutboxEntry.objects.all().delete()
    forum.employees.unpublish()
    assert OutboxEntry.objects.filter(key=forum.question.key).exists()
    assert not Question.objects.visible_to(forum.people.viewer("colleague")).filter(pk=forum.question.pk).exists()
