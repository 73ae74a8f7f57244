"""Questions in search, as material for FAQs, and with notes about FAQs made of them."""

import pytest
from wagtail.models import Locale

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience
from community import actions
from community.documents import QuestionSource
from community.models import FaqNote, Question
from community.receivers import tell_thread
from kb import capture
from kb.capture import OriginValue
from kb.models import Faq, TopicPage
from moderation import actions as moderation
from notifications.actions import follow
from notifications.models import Notification
from tests.community.conftest import Forum
from tests.community.test_actions import EVERYBODY

pytestmark = pytest.mark.django_db


def test_a_document_holds_what_all_its_readers_may_see(forum: Forum) -> None:
    best = actions.answer(by=Person(forum.people.colleague), question=forum.question, body="**Boven** bij de trap.")
    hidden = actions.answer(by=Person(forum.people.agent), question=forum.question, body="Bel 06-12345678.")
    moderation.hide(by=forum.people.viewer("curator"), key=hidden.key)
    actions.vote(by=Person(forum.people.owner), row=best)
    actions.vote(by=Person(forum.people.colleague), row=forum.question)
    actions.accept(by=Person(forum.people.owner), answer=best)
    source = QuestionSource()
    document = source.to_document(source.queryset().get(pk=forum.question.pk))
    assert document.key == forum.question.key
    assert document.title == "Waar staat de koffie?"
    assert document.body == "Ik zoek koffie.\n\nBoven bij de trap.\n\nIn de kast."
    assert document.audience == forum.employees.audience.key_set
    assert (document.solved, document.helpful, document.language) == (True, 2, "nl")
    assert document.url == forum.question.get_absolute_url()


@pytest.mark.parametrize("name", EVERYBODY)
def test_the_source_shows_what_visible_to_shows(forum: Forum, name: str) -> None:
    forum.ask(forum.public)
    forum.ask(forum.circle)
    hidden = forum.ask(forum.public)
    moderation.hide(by=forum.people.viewer("curator"), key=hidden.key)
    viewer = forum.people.viewer(name)
    expected = {q.pk for q in Question.objects.filter(hidden=False) if q.audience.key_set & viewer.keys}
    assert set(QuestionSource().visible_to(viewer).values_list("pk", flat=True)) == expected


def test_the_search_without_an_engine_reads_answers_but_not_hidden_ones(forum: Forum) -> None:
    source = QuestionSource()
    rows = source.visible_to(forum.people.viewer("owner"))
    assert set(source.filter_by_words(rows, ["kast"])) == {forum.question}
    moderation.hide(by=forum.people.viewer("curator"), key=forum.answer.key)
    assert not source.filter_by_words(rows, ["kast"]).exists()


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_captures(forum: Forum, name: str) -> None:
    exchange = capture.load("question", forum.people.viewer(name), forum.question.pk)
    assert (exchange is not None) == (name in {"agent", "ict_agent", "curator"})


def test_an_exchange_has_the_accepted_answer(forum: Forum) -> None:
    better = actions.answer(by=Person(forum.people.colleague), question=forum.question, body="Boven.")
    actions.accept(by=Person(forum.people.owner), answer=better)
    exchange = capture.load("question", forum.people.viewer("curator"), forum.question.pk)
    assert exchange is not None
    assert (exchange.suggested_question, exchange.suggested_answer) == ("Waar staat de koffie?", "Boven.")
    assert [turn.is_staff for turn in exchange.turns] == [False, False, True]
    assert set(exchange.names) == {"Owner", "Colleague", "Agent"}
    assert exchange.origin.asker_id == forum.people.owner.pk
    assert exchange.origin.audience_keys == exchange.audience == forum.question.audience.key_set


def test_a_hidden_question_is_not_captured(forum: Forum) -> None:
    moderation.hide(by=forum.people.viewer("curator"), key=forum.question.key)
    assert capture.load("question", forum.people.viewer("curator"), forum.question.pk) is None
    assert capture.load("question", forum.people.viewer("curator"), 999_999) is None


def make_faq(*keys: str) -> Faq:
    locale = Locale.objects.get(language_code="nl")
    topic = TopicPage.objects.get(depth=3, locale=locale)
    audience = Audience.objects.of(keys)
    return Faq.objects.create(
        question="Waar is de koffie?", answer="Boven.", topic=topic, locale=locale, own_audience=audience, live=True
    )


def test_the_thread_says_that_an_faq_came_of_it(forum: Forum, client: object) -> None:
    faq = make_faq(audiences.EMPLOYEES, audiences.STAFF)
    for follower in (forum.people.colleague, forum.people.owner):
        follow(by=Person(follower), key=forum.question.key)
    origins = [
        OriginValue(key=forum.question.key, url="", asker_id=forum.people.owner.pk),
        OriginValue(key="conversation:1", url=""),
        OriginValue(key="question:999999", url=""),
    ]
    for _time in range(2):
        tell_thread(faq=faq, origins=origins)
    assert FaqNote.objects.filter(question=forum.question, faq=faq).count() == 1
    told = Notification.objects.filter(event="community.faq")
    assert [row.recipient for row in told] == [forum.people.colleague]  # kb notifies the asker
    client.force_login(forum.people.owner, backend="accounts.backends.RoleBackend")
    page = client.get(forum.question.get_absolute_url()).content.decode()
    assert faq.get_absolute_url() in page


def test_the_note_is_for_those_who_may_see_the_faq(forum: Forum, client: object) -> None:
    faq = make_faq(audiences.STAFF)
    tell_thread(faq=faq, origins=[OriginValue(key=forum.question.key, url="")])
    for name, seen in (("owner", False), ("agent", True)):
        client.force_login(getattr(forum.people, name), backend="accounts.backends.RoleBackend")
        page = client.get(forum.question.get_absolute_url()).content.decode()
        assert (faq.get_absolute_url() in page) == seen
