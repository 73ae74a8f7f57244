"""An FAQ that came of a conversation is named only to who sees it when it is shown or sent (`chat.published`)."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import audiences
from accounts.models import Audience
from accounts.widening import widen_audience
from chat import actions, published
from chat.frames import event_frame
from chat.models import Conversation, Event
from kb.models import Faq
from tests.chat.test_consumers import run
from tests.kb.conftest import make_faq, make_topic
from tests.live.sockets import tab
from tests.people import People

SECRET = "Zwaluwplan"
LOST = "een antwoord dat er voor jou niet meer is"


def publish(conversation: Conversation, *keys: str, times: int = 1) -> Faq:
    """An FAQ for some comes of the conversation."""
    topic = make_topic("Verlof", {audiences.PUBLIC})
    for n in range(times):
        faq = make_faq(f"{SECRET} {n}?", set(keys), topic)
        url = faq.get_absolute_url()
        actions.add_faq(conversation_id=conversation.pk, faq_id=faq.pk, title=faq.question, url=url)
    return faq


def pages_of(people: People, conversation: Conversation) -> dict[str, str]:
    """The conversation as asker and agent get it."""
    found = {}
    for name, path in (("owner", f"/nl/chat/{conversation.pk}/"), ("agent", f"/nl/balie/{conversation.pk}/")):
        client = Client()
        client.force_login(getattr(people, name), backend="accounts.backends.RoleBackend")
        found[name] = client.get(path).content.decode()
    return found


def said(page: str, words: str) -> bool:
    """Whether the thread says so; behind it are the templates."""
    return words in page.partition("<template data-kind")[0]


@pytest.mark.django_db
def test_it_is_named_to_who_sees_it_now_and_by_its_title_of_now(people: People, conversation: Conversation) -> None:
    faq = publish(conversation, audiences.PUBLIC)
    for page in pages_of(people, conversation).values():
        assert SECRET in page and faq.get_absolute_url() in page and not said(page, LOST)
    Faq.objects.filter(pk=faq.pk).update(question="Heet nu anders?")
    for page in pages_of(people, conversation).values():
        assert SECRET not in page and "Heet nu anders?" in page
    Faq.objects.filter(pk=faq.pk).update(question=SECRET)
    widen_audience(by=None, row=Faq.objects.get(pk=faq.pk), audience=Audience.objects.of({audiences.STAFF}))
    pages = pages_of(people, conversation)
    told = {name: (SECRET in page, "zwaluw" in page, said(page, LOST)) for name, page in pages.items()}
    assert told == {"owner": (False, False, True), "agent": (True, True, False)}
    event = Event.objects.get(kind="faq_published")
    published.as_seen_by(people.viewer("owner"), [event])
    assert SECRET not in json.dumps(event_frame(event))
    Faq.objects.filter(pk=faq.pk).update(live=False)
    assert not [page for page in pages_of(people, conversation).values() if SECRET in page]


@pytest.mark.django_db
def test_however_many_there_are_they_are_asked_for_at_once(people: People, conversation: Conversation) -> None:
    publish(conversation, audiences.PUBLIC, times=3)
    events = list(Event.objects.filter(conversation=conversation))
    viewer = people.viewer("owner")
    assert viewer.keys
    with CaptureQueriesContext(connection) as sent:
        seen = published.as_seen_by(viewer, events)
        assert [bool(event.url) for event in seen] == [False, True, True, True]
    assert len(sent) == 1
    with CaptureQueriesContext(connection) as sent:
        published.as_seen_by(viewer, events[:1])
    assert len(sent) == 0


@pytest.mark.django_db(transaction=True)
async def test_open_sockets_get_it_each_for_themselves(people: People, conversation: Conversation) -> None:
    async with tab(people.owner) as owner, tab(people.agent) as agent:
        for one in (owner, agent):
            await one.send(type="subscribe", conversation=conversation.pk, after=1)
            await one.get("subscribed")
        await run(publish, conversation, audiences.STAFF)
        for one, title in ((agent, f"{SECRET} 0?"), (owner, "")):
            event = await one.get("event", number=2)
            assert (event["text"], bool(event["url"])) == (title, bool(title))
        assert SECRET not in json.dumps(await owner.all())
