"""Numbers, rights, and what is told to whom."""

import re
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from accounts import audiences
from accounts.audiences import Person
from chat import actions, capture
from chat.models import Conversation, Event
from chat.schema import CLIENT_ID
from kb.capture import load
from search import sources
from search.models import OutboxEntry
from tests.people import People

pytestmark = pytest.mark.django_db


def test_audience_is_askers_and_team(people: People, conversation: Conversation) -> None:
    assert conversation.audience.key_set == {audiences.user(people.owner.pk), audiences.team(people.hr.pk)}
    actions.post_message(by=people.viewer("agent"), conversation=conversation, body="Twaalf dagen nog.")
    conversation.refresh_from_db()
    assert audiences.user(people.agent.pk) not in conversation.audience.key_set


def test_visible_to(people: People, conversation: Conversation) -> None:
    seen = {name for name in people.persons() if Conversation.objects.visible_to(people.viewer(name)).exists()}
    assert seen == {"owner", "agent", "curator"}


def test_every_act_checks_first(people: People, conversation: Conversation, visitor: Person) -> None:
    strangers = [*(people.viewer(n) for n in ("colleague", "outsider", "ict_agent", "administrator")), visitor]
    for by in strangers:
        for act in (actions.take, actions.release, actions.close, actions.reopen):
            with pytest.raises(PermissionDenied):
                act(by=by, conversation=conversation)
        with pytest.raises(PermissionDenied):
            actions.post_message(by=by, conversation=conversation, body="x")
        with pytest.raises(PermissionDenied):
            actions.transfer(by=by, conversation=conversation, team=people.ict)
        with pytest.raises(PermissionDenied):
            actions.leave_email(by=by, conversation=conversation, email="a@b.example")
    people.hr.takes_chats = False
    with pytest.raises(PermissionDenied):
        actions.start_conversation(by=people.viewer("owner"), team=people.hr, question="?", language="nl")
    with pytest.raises(PermissionDenied):
        actions.start_conversation(by=Person(), team=people.ict, question="?", language="nl")


def test_a_client_id_is_one_text_of_one_participant(
    people: People, conversation: Conversation, anonymous_conversation: Conversation, visitor: Person
) -> None:
    owner, agent, curator = (people.viewer(name) for name in ("owner", "agent", "curator"))
    for first, others, about in (
        (owner, [agent], conversation),
        (agent, [owner, curator], conversation),
        (visitor, [agent], anonymous_conversation),
    ):
        said = {"conversation": about, "client_id": f"id-of-{first.user.pk}-{about.pk}"}
        event = actions.post_message(by=first, body="Mijn vraag", **said)
        number = event.number
        assert actions.post_message(by=first, body="Mijn vraag", **said).number == number
        for by, body in [(first, "Iets anders"), (first, "mijn vraag"), (first, "Mijn vraag "), (others[0], "x")] + [
            (other, "Mijn vraag") for other in others
        ]:
            with pytest.raises(actions.Conflict):
                actions.post_message(by=by, body=body, **said)
        about.refresh_from_db()
        assert about.last_number == number, "what is refused adds nothing"


def test_whoever_signed_in_meanwhile_sends_the_same_message_again(
    people: People, anonymous_conversation: Conversation, visitor: Person
) -> None:
    said = {"conversation": anonymous_conversation, "client_id": "before-and-after", "body": "Bent u er?"}
    first = actions.post_message(by=visitor, **said)
    actions.hand_over(by=people.owner, visitor=visitor.visitor)
    assert actions.post_message(by=people.viewer("owner"), **said).pk == first.pk


def test_what_the_server_adds_has_no_id_that_a_client_could_send(people: People, conversation: Conversation) -> None:
    actions.take(by=people.viewer("agent"), conversation=conversation)
    actions.add_faq(conversation_id=conversation.pk, faq_id=7, title="Verlof?", url="/nl/faq/7-verlof/")
    ids = Event.objects.filter(conversation=conversation).values_list("client_id", flat=True)
    assert [known for known in ids if re.fullmatch(CLIENT_ID.pattern, known)] == []
    event = actions.post_message(
        by=people.viewer("owner"), conversation=conversation, body="Nog iets", client_id="question"
    )
    assert event.body == "Nog iets"


def test_the_database_keeps_numbers_and_client_ids_single(conversation: Conversation) -> None:
    Event.objects.filter(conversation=conversation).update(client_id="12345678")
    for fields in ({"number": 1}, {"number": 2, "client_id": "12345678"}, {"number": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Event.objects.create(conversation=conversation, **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.filter(pk=conversation.pk).update(state="closed")


def test_a_change_marks_the_conversation_dirty(people: People, conversation: Conversation) -> None:
    OutboxEntry.objects.all().delete()
    actions.post_message(by=people.viewer("agent"), conversation=conversation, body="Twaalf.")
    assert set(OutboxEntry.objects.values_list("key", flat=True)) == {conversation.key}
    OutboxEntry.objects.all().delete()
    actions.transfer(by=people.viewer("agent"), conversation=conversation, team=people.ict)
    assert OutboxEntry.objects.filter(key=conversation.key).exists()


def test_the_document_says_what_was_said(people: People, conversation: Conversation, django_assert_num_queries) -> None:
    actions.post_message(by=people.viewer("agent"), conversation=conversation, body="Nog **twaalf** dagen.")
    source = sources.get("conversation")
    assert source is not None
    row = source.queryset().get(pk=conversation.pk)
    with django_assert_num_queries(0):
        document = source.to_document(row)
    assert document.title == "Hoeveel verlofdagen heb ik nog?" and "Nog twaalf dagen." in document.body
    assert document.audience == {audiences.user(people.owner.pk), audiences.team(people.hr.pk)}


def test_capture_suggests_question_and_answer(people: People, conversation: Conversation) -> None:
    for name, text in [
        ("agent", "Goedemiddag! Werk je voltijd of deeltijd?"),
        ("owner", "Voltijd."),
        ("agent", "Dan heb je 200 uur per jaar; in Mijn Brug zie je bij Verlof wat daarvan over is."),
        ("agent", "Graag gedaan!"),
    ]:
        actions.post_message(by=people.viewer(name), conversation=conversation, body=text)
    exchange = load("conversation", people.viewer("agent"), conversation.pk)
    assert exchange is not None
    assert exchange.suggested_question == "Hoeveel verlofdagen heb ik nog?"
    assert exchange.suggested_answer.startswith("Dan heb je 200 uur") and "Graag" not in exchange.suggested_answer
    assert exchange.audience == {"employees", "staff"} and exchange.origin.asker_id == people.owner.pk
    assert set(exchange.names) == {"Owner", "Agent"} and [t.is_staff for t in exchange.turns] == [0, 1, 0, 1, 1]
    for name in ("owner", "colleague", "ict_agent", "administrator"):
        assert load("conversation", people.viewer(name), conversation.pk) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hoi!", False),
        ("Goedemorgen Lotte! Heb je een tablet van het werk?", False),
        ("Wat vervelend, Priya! Ik kijk even voor je mee.", False),
        ("Good morning, one moment please.", False),
        ("Open de Winkel op je tablet en installeer Finbrug Onderweg.", True),
        (
            "De nada! If your tablet still has the old password, change it there too, or it will lock you out again.",
            True,
        ),
        ("", False),
    ],
)
def test_what_counts_as_an_answer(text: str, expected: bool) -> None:
    assert capture.answers(text) is expected


def test_a_published_faq_is_said_once(people: People, anonymous_conversation: Conversation, mailoutbox) -> None:
    for _ in range(2):
        actions.add_faq(conversation_id=anonymous_conversation.pk, faq_id=7, title="Jaaropgave?", url="/nl/faq/7-x/")
    event = Event.objects.get(kind="faq_published")
    assert (event.body, event.url) == ("Jaaropgave?", "/nl/faq/7-x/")
    assert actions.add_faq(conversation_id=10**9, faq_id=7, title="x", url="/") is None


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_when_everybody_talks_at_once(people: People, conversation: Conversation) -> None:
    failures: list[BaseException] = []

    def talk(name: str, tab: int) -> None:
        try:
            for n in range(5):
                actions.post_message(
                    by=people.viewer(name), conversation=conversation, body="x", client_id=f"{name}-{tab}-{n}-id"
                )
        except BaseException as error:  # noqa: BLE001  # shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=talk, args=(name, tab)) for name in ("owner", "agent") for tab in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    numbers = list(Event.objects.filter(conversation=conversation).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) == 1 + 30 + 1  # question, talk, joined
