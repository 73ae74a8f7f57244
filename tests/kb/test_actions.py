"""Drafting, linking, publishing, notifying askers, and feedback."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from wagtail.models import Locale

from accounts import audiences
from accounts.audiences import Person, viewer_for, visitor
from accounts.models import Audience, AuditEvent, User
from accounts.widening import widen_audience
from kb import actions
from kb.capture import OriginValue
from kb.models import Faq
from kb.personal import PersonalDataLeft
from kb.signals import faq_published
from notifications.models import Notification
from search.models import OutboxEntry
from tests.kb.conftest import Shelf
from tests.people import People

pytestmark = pytest.mark.django_db


def draft(shelf: Shelf, **changes: object) -> Faq:
    """File a draft by the agent, made of a conversation of the owner."""
    people = shelf.people
    values = {
        "by": Person(people.agent),
        "question": "Hoe neem ik ouderschapsverlof op?",
        "answer": "Dat kan **per dag**.",
        "topic": shelf.topic,
        "language": "nl",
        "origins": [
            OriginValue(
                key="conversation:1",
                url="/nl/chat/1/",
                asker_id=people.owner.pk,
                audience_keys=frozenset({audiences.user(people.owner.pk), audiences.team(people.hr.pk)}),
            )
        ],
        "audience": {audiences.STAFF},
    }
    return actions.draft_faq(**{**values, **changes})


def publish(faq: Faq, by: User, audience: set[str]) -> None:
    """Do what the curator does in Wagtail's editor: choose who may see it, confirm new readers, and publish."""
    widen_audience(by=Person(by), row=Faq.objects.get(pk=faq.pk), audience=Audience.objects.of(audience))
    latest = faq.get_latest_revision_as_object()
    latest.own_audience = Audience.objects.of(audience)
    latest.save_revision(user=by).publish(user=by)


def test_a_draft_is_seen_by_nobody_and_waits_for_the_curator(shelf: Shelf) -> None:
    faq = draft(shelf)
    assert not faq.live
    assert faq.workflow_in_progress
    assert faq.audience.key_set == {audiences.STAFF}
    for name in shelf.people.persons():
        assert not Faq.objects.visible_to(shelf.people.viewer(name)).filter(pk=faq.pk).exists()
    task = faq.current_workflow_task
    assert task.specific.user_can_access_editor(faq, shelf.people.curator)
    assert AuditEvent.objects.filter(event="kb.draft_faq", target=f"kb.faq:{faq.pk}", by=shelf.people.agent).exists()


@pytest.mark.parametrize("name", ["owner", "outsider", "administrator", "anonymous"])
def test_only_those_who_answer_may_draft(shelf: Shelf, name: str) -> None:
    with pytest.raises(PermissionDenied):
        draft(shelf, by=Person(getattr(shelf.people, name)))


def test_personal_data_is_refused_until_kept_on_purpose(shelf: Shelf) -> None:
    answer = "Mail sanne@debrug.example of bel 06-12345678."
    with pytest.raises(PersonalDataLeft) as refusal:
        draft(shelf, answer=answer)
    assert [found.kind for found in refusal.value.found] == ["email", "phone"]
    assert not Faq.objects.filter(answer=answer).exists()
    with pytest.raises(PersonalDataLeft):
        draft(shelf, answer="Vraag het aan Ayla de Vries.", names=["Ayla de Vries"])
    assert draft(shelf, answer=answer, kept=["sanne@debrug.example", "06-12345678"]).pk


def test_an_empty_or_endless_text_is_refused(shelf: Shelf) -> None:
    for changes in ({"question": " "}, {"answer": ""}, {"answer": "x" * 20_001}, {"question": "x" * 256}):
        with pytest.raises(ValidationError):
            draft(shelf, **changes)


def test_a_topic_in_another_language_gives_way(shelf: Shelf) -> None:
    faq = draft(shelf, language="en")
    assert faq.locale == Locale.objects.get(language_code="en") == faq.topic.locale


def test_publishing_tells_whoever_asked_and_may_read_it(
    shelf: Shelf, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]
) -> None:
    people, heard = shelf.people, []

    def receiver(sender: object, faq: Faq, origins: list[OriginValue], **kwargs: object) -> None:
        heard.append((faq.pk, [origin.key for origin in origins]))

    faq_published.connect(receiver)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            faq = draft(shelf)
            publish(faq, people.curator, {audiences.STAFF})
        assert not heard
        assert not Notification.objects.filter(recipient=people.owner).exists()
        OutboxEntry.objects.all().delete()
        with django_capture_on_commit_callbacks(execute=True):
            publish(Faq.objects.get(pk=faq.pk), people.curator, {audiences.EMPLOYEES, audiences.STAFF})
        assert heard == [(faq.pk, ["conversation:1"])]
        with django_capture_on_commit_callbacks(execute=True):
            publish(Faq.objects.get(pk=faq.pk), people.curator, {audiences.PUBLIC})
        assert len(heard) == 1
    finally:
        faq_published.disconnect(receiver)
    told = Notification.objects.get(recipient=people.owner)
    assert (told.key, told.url) == (f"faq:{faq.pk}", faq.get_absolute_url())
    assert OutboxEntry.objects.filter(key=f"faq:{faq.pk}").exists()
    assert AuditEvent.objects.filter(event="kb.publish_faq", by=people.curator).count() == 3


def test_an_anonymous_asker_is_told_when_it_is_public(
    shelf: Shelf, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]
) -> None:
    heard: list[str] = []

    def receiver(sender: object, origins: list[OriginValue], **kwargs: object) -> None:
        heard.extend(origin.key for origin in origins)

    origin = OriginValue(key="conversation:2", url="/nl/chat/2/", audience_keys=frozenset({visitor("token")}))
    faq_published.connect(receiver)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            faq = draft(shelf, origins=[origin])
            publish(faq, shelf.people.curator, {audiences.EMPLOYEES})
        assert heard == []
        with django_capture_on_commit_callbacks(execute=True):
            publish(Faq.objects.get(pk=faq.pk), shelf.people.curator, {audiences.PUBLIC})
        assert heard == ["conversation:2"]
    finally:
        faq_published.disconnect(receiver)


def test_linking_instead_of_a_duplicate_tells_at_once(shelf: Shelf) -> None:
    people = shelf.people
    origin = OriginValue(key="question:7", url="/nl/q/7/", asker_id=people.colleague.pk)
    for _twice in range(2):
        actions.link_faq(by=Person(people.agent), faq=shelf.faqs["public"], origin=origin)
    assert shelf.faqs["public"].origins.count() == 1
    assert Notification.objects.filter(recipient=people.colleague).count() == 1
    with pytest.raises(PermissionDenied):
        actions.link_faq(by=Person(people.owner), faq=shelf.faqs["public"], origin=origin)


def test_publishing_an_older_revision_keeps_feedback_and_source(shelf: Shelf) -> None:
    faq = shelf.faqs["public"]
    revision = faq.latest_revision
    actions.give_feedback(by=Person(shelf.people.owner), who="user:1", target=faq, helpful=True)
    revision.publish()
    faq.refresh_from_db()
    assert faq.helpful_count == 1


def test_feedback_counts_each_person_once(shelf: Shelf) -> None:
    faq, article = shelf.faqs["public"], shelf.articles["public"]
    for target in (faq, article):
        for helpful, reason in ((True, ""), (True, ""), (False, "Het bedrag ontbreekt."), (False, "Het bedrag.")):
            actions.give_feedback(
                by=Person(shelf.people.owner), who="user:1", target=target, helpful=helpful, reason=reason
            )
        actions.give_feedback(by=Person(shelf.people.colleague), who="user:2", target=target, helpful=True)
        target.refresh_from_db()
        assert (target.helpful_count, target.not_helpful_count) == (1, 1)
        assert target.feedback.get(who="user:1").reason == "Het bedrag."


def test_drafts_stay_hidden_while_the_published_text_shows(shelf: Shelf, people: People) -> None:
    faq = shelf.faqs["public"]
    faq.answer = "Nieuwe tekst die nog niet klaar is."
    faq.save_revision(user=people.curator)
    seen = Faq.objects.visible_to(viewer_for(people.anonymous)).get(pk=faq.pk)
    assert "Zo" in seen.answer_html
    assert "niet klaar" not in seen.answer_html
