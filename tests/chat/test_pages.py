"""Every page of chat: who finds it, what works without JavaScript, and how many queries it takes."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import visitors
from accounts.audiences import Person
from accounts.models import AuditEvent
from chat import actions, presence, resume_links
from chat.models import Conversation, Event
from chat.notices import tell_unless_seen
from live.presence import FADES
from notifications.models import Notification, SentMail
from tests.people import People

pytestmark = pytest.mark.django_db


def client_of(who: object) -> Client:
    """A browser in which somebody is signed in, or whose visitor cookie is set."""
    client = Client()
    if isinstance(who, Person):
        client.cookies[visitors.COOKIE] = visitors.sign(who.visitor)
    elif getattr(who, "is_authenticated", False):
        client.force_login(who, backend="accounts.backends.RoleBackend")
    return client


def status(who: object, name: str, *args: object, post: bool = False) -> int:
    """The status of a page for somebody."""
    client = client_of(who)
    url = reverse(name, args=args)
    return (client.post(url) if post else client.get(url)).status_code


SEES = {"owner": 200, "agent": 302, "curator": 302}
DESK = {"agent": 200, "curator": 200, "ict_agent": 404, "provider": 404, "anonymous": 302}
EVERYBODY = ["owner", "colleague", "neighbour", "outsider", "provider", "agent", "ict_agent", "curator"]
EVERYBODY += ["administrator", "anonymous"]


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_finds_a_conversation(people: People, conversation: Conversation, visitor: Person, name: str) -> None:
    who = getattr(people, name)
    assert status(who, "chat:conversation", conversation.pk) == SEES.get(name, 404)
    assert status(who, "chat:status", conversation.pk) == (200 if name in SEES else 404)
    assert status(who, "chat:desk_conversation", conversation.pk) == DESK.get(name, 403)
    for act in ("take", "release", "close", "reopen", "transfer", "email", "over"):
        if name not in SEES:
            assert status(who, "chat:act", conversation.pk, act, post=True) == 404
    if name not in SEES:
        assert status(who, "chat:post", conversation.pk, post=True) == 404
        assert status(visitor, "chat:conversation", conversation.pk) == 404


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_has_a_desk(people: People, name: str) -> None:
    agents = {"agent", "curator", "ict_agent", "provider"}
    expected = 200 if name in agents else 302 if name == "anonymous" else 403
    for page in ("chat:desk", "chat:desk_lists", "chat:history"):
        assert status(getattr(people, name), page) == expected
    assert status(getattr(people, name), "chat:start") == 200
    assert status(getattr(people, name), "chat:mine") == 200


def test_the_asker_may_not_act_as_staff(people: People, conversation: Conversation) -> None:
    for act in ("take", "release"):
        assert status(people.owner, "chat:act", conversation.pk, act, post=True) == 404
    assert status(people.owner, "chat:act", conversation.pk, "dance", post=True) == 404


def test_a_whole_conversation_by_form(people: People) -> None:
    """Nobody is at the desk: that is said, the question waits, and the asker is told when it is answered."""
    asker, agent = client_of(None), client_of(people.agent)
    page = asker.get(reverse("chat:start"), {"q": "Waar vind ik mijn jaaropgave?", "page": "/nl/", "team": "t-hr"})
    text = page.content.decode()
    assert "Waar vind ik mijn jaaropgave?" in text and "Nu niemand aan de balie" in text and "checked" in text
    form = {"q": "Waar vind ik mijn jaaropgave?", "team": people.hr.pk, "name": "Wim", "page_url": "/nl/"}
    form |= {"email": "wim@thuis.example"}
    shown = asker.post(reverse("chat:start"), form, follow=True)
    text = shown.content.decode()
    assert "Er is nu niemand van HR aan de balie." in text and "wim@thuis.example" in text
    conversation = Conversation.objects.get()
    assert conversation.state == "waiting" and conversation.page_url == "/nl/"

    assert "Waar vind ik mijn jaaropgave?" in agent.get(reverse("chat:desk")).content.decode()
    agent.post(reverse("chat:act", args=[conversation.pk, "take"]))
    presence.left_conversation(conversation.pk)
    agent.post(reverse("chat:post", args=[conversation.pk]), {"body": "In **Mijn Brug**, bij Documenten."})
    assert (
        "<strong>Mijn Brug</strong>" in asker.get(reverse("chat:conversation", args=[conversation.pk])).content.decode()
    )

    asker.post(reverse("chat:post", args=[conversation.pk]), {"body": "Dank!"})
    asker.post(reverse("chat:act", args=[conversation.pk, "close"]))
    text = asker.get(reverse("chat:conversation", args=[conversation.pk])).content.decode()
    assert "Dit gesprek is afgesloten." in text and "data-composer hidden" in text
    refused = asker.post(reverse("chat:post", args=[conversation.pk]), {"body": "Nog iets"})
    assert refused.status_code == 422 and "data-composer>" in refused.content.decode()  # with what was typed
    asker.post(reverse("chat:act", args=[conversation.pk, "reopen"]))
    assert Conversation.objects.get().state == "waiting"
    kinds = list(Event.objects.order_by("number").values_list("kind", flat=True))
    assert kinds == ["message", "joined", "message", "message", "closed", "reopened"]
    assert list(Event.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert set(AuditEvent.objects.filter(event__startswith="chat.").values_list("event", flat=True)) >= {
        "chat.started", "chat.taken", "chat.closed", "chat.reopened",
    }  # fmt: skip


def test_an_answer_is_mailed_to_a_visitor_who_left(
    people: People, anonymous_conversation: Conversation, django_capture_on_commit_callbacks
) -> None:
    def answer(text: str) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            actions.post_message(by=people.viewer("agent"), conversation=anonymous_conversation, body=text)

    answer("Vraag hem op met het formulier.")
    answer("En bel ons gerust.")
    assert SentMail.objects.count() == 1, "one mail until they come back"
    sent = SentMail.objects.get()
    assert sent.to == "wim@thuis.example"
    link = re.search(r"https?://\S+/chat/terug/\S+", sent.text)
    assert link
    assert "formulier" not in sent.text and "jaaropgave" not in sent.text + sent.subject, "not confirmed yet"

    elsewhere, path = Client(), link[0].removeprefix("http://127.0.0.1:8000")
    assert "Open het gesprek" in elsewhere.get(path).content.decode()
    shown = elsewhere.post(path, follow=True)
    assert "En bel ons gerust." in shown.content.decode()
    elsewhere.post(reverse("chat:post", args=[anonymous_conversation.pk]), {"body": "Dank u wel"})
    answer("Tot ziens!")
    assert SentMail.objects.count() == 1, "they have it open"
    presence.left_conversation(anonymous_conversation.pk)
    answer("Nog een tip.")
    assert SentMail.objects.count() == 2
    last = SentMail.objects.latest("pk")
    assert "Nog een tip." in last.text and "jaaropgave" in last.subject, "confirmed by the link in the mail"


def test_who_left_just_before_the_answer_is_told_a_little_later(
    people: People, conversation: Conversation, settings: Any
) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    presence.in_conversation(conversation.pk)
    for body in ("Nog 12.", "Nee, 13."):
        actions.post_message(by=people.viewer("agent"), conversation=conversation, body=body)
    look = DBTaskResult.objects.get()  # one look for both
    assert look.run_after > timezone.now() + timedelta(seconds=FADES)
    presence.left_conversation(conversation.pk)
    tell_unless_seen.call(conversation.pk)
    assert Notification.objects.get().body == "Nee, 13."


def test_who_saw_the_answer_is_not_told(people: People, conversation: Conversation) -> None:
    presence.in_conversation(conversation.pk)
    actions.post_message(by=people.viewer("agent"), conversation=conversation, body="Nog 12.")
    client_of(people.owner).get(reverse("chat:conversation", args=[conversation.pk]))
    presence.left_conversation(conversation.pk)
    tell_unless_seen.call(conversation.pk)
    assert not Notification.objects.exists()


def test_an_answer_is_told_to_a_person_who_left(people: People, conversation: Conversation) -> None:
    presence.in_conversation(conversation.pk)
    actions.post_message(by=people.viewer("agent"), conversation=conversation, body="Nog 12.")
    assert not Notification.objects.exists()
    presence.left_conversation(conversation.pk)
    actions.post_message(by=people.viewer("agent"), conversation=conversation, body="Nee, 13.")
    told = Notification.objects.get()
    assert told.recipient == people.owner and told.url == reverse("chat:conversation", args=[conversation.pk])


def test_the_link_is_signed_and_its_holder_is_the_asker(anonymous_conversation: Conversation, people: People) -> None:
    path = resume_links.path(anonymous_conversation)
    assert len(anonymous_conversation.link_nonce) >= 32  # 192 bits
    for cut in (path[:-3] + "xx/", path[:-20] + "/"):
        gone = Client().get(cut)
        assert (gone.status_code, "Deze link werkt niet" in gone.text) == (404, True), cut
        assert f'href="{reverse("account_login")}?next={reverse("chat:mine")}"' in gone.text
    for _ in range(25):
        assert Client().post(path).status_code == 302
    assert anonymous_conversation.participants.count() == actions.MAX_LINK_VISITORS + 1
    signed_in = client_of(people.outsider)
    assert signed_in.post(path, follow=True).status_code == 200
    anonymous_conversation.refresh_from_db()
    assert not anonymous_conversation.email_confirmed, "the link of the page says nothing of the address"


def test_opening_the_link_changes_nothing(anonymous_conversation: Conversation, visitor: Person) -> None:
    def state() -> list[Any]:
        rows = Conversation.objects.filter(pk=anonymous_conversation.pk).values()
        return [*rows, *anonymous_conversation.participants.order_by("pk").values(), AuditEvent.objects.count()]

    before = state()
    for mailed in (False, True):
        path = resume_links.path(anonymous_conversation, mailed=mailed)
        for client in (Client(), client_of(visitor)):
            for method in (client.get, client.head):
                response = method(path)
                assert response.status_code in (200, 302) and visitors.COOKIE not in response.cookies
                assert response["Referrer-Policy"] == "strict-origin" and "no-store" in response["Cache-Control"]
    assert state() == before
    assert client_of(visitor).get(resume_links.path(anonymous_conversation)).status_code == 302, "theirs: they go on"


def test_only_the_link_in_a_mail_confirms_its_own_address(
    anonymous_conversation: Conversation, visitor: Person
) -> None:
    first = resume_links.path(anonymous_conversation, mailed=True)
    client_of(visitor).post(resume_links.path(anonymous_conversation))
    actions.leave_email(by=visitor, conversation=anonymous_conversation, email="other@thuis.example")
    assert Client().post(first).status_code == 404, "whoever got it by mistake reads no further"
    anonymous_conversation.refresh_from_db()
    assert not anonymous_conversation.email_confirmed
    client_of(visitor).post(resume_links.path(anonymous_conversation, mailed=True))
    anonymous_conversation.refresh_from_db()
    assert anonymous_conversation.email_confirmed
    actions.leave_email(by=visitor, conversation=anonymous_conversation, email="third@thuis.example")
    anonymous_conversation.refresh_from_db()
    assert not anonymous_conversation.email_confirmed


def test_somebody_elses_signed_link_is_none(conversation: Conversation) -> None:
    """And tells nothing: the page is that of a link that was cut off."""
    assert Client().get(resume_links.path(conversation)).status_code == 404


def test_a_link_that_is_opened_twice_at_once_makes_one_visitor(anonymous_conversation: Conversation) -> None:
    """The second click leaves before the first answer came with a cookie."""
    path, client = resume_links.path(anonymous_conversation), Client(enforce_csrf_checks=True)
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(path).content.decode())
    assert found
    cookies = client.cookies.copy()
    for _ in range(2):
        client.cookies = cookies.copy()
        assert client.post(path, {"csrfmiddlewaretoken": found[1]}, follow=True).status_code == 200
    assert anonymous_conversation.participants.count() == 2


def test_a_visitor_who_signs_in_keeps_the_conversation(
    people: People, anonymous_conversation: Conversation, visitor: Person
) -> None:
    client = client_of(visitor)
    client.force_login(people.outsider, backend="accounts.backends.RoleBackend")
    actions.hand_over(by=people.outsider, visitor=visitor.visitor)
    anonymous_conversation.refresh_from_db()
    assert anonymous_conversation.customer == people.outsider and not anonymous_conversation.visitor
    assert status(people.outsider, "chat:conversation", anonymous_conversation.pk) == 200
    assert status(visitor, "chat:conversation", anonymous_conversation.pk) == 404


def test_starting_is_limited_and_keeps_what_was_typed(people: People, settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"chat.start": (1, 3600)}
    client = client_of(people.owner)
    form = {"q": "Mijn vraag over verlof", "team": people.hr.pk}
    assert client.post(reverse("chat:start"), form).status_code == 302
    again = client.post(reverse("chat:start"), form)
    assert again.status_code == 429 and "Mijn vraag over verlof" in again.content.decode()
    assert int(again["Retry-After"]) > 3000
    assert client.post(reverse("chat:start"), {"q": "", "team": people.hr.pk}).status_code == 422


def test_posting_is_limited_and_keeps_what_was_typed(people: People, conversation: Conversation, settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"chat.message": (1, 3600)}
    client = client_of(people.owner)
    url = reverse("chat:post", args=[conversation.pk])
    assert client.post(url, {"body": "een"}).status_code == 302
    again = client.post(url, {"body": "twee"})
    assert again.status_code == 429 and "twee" in again.content.decode()
    assert int(again["Retry-After"]) > 3000


def test_another_text_from_the_same_page_is_not_lost(people: People, conversation: Conversation) -> None:
    client, address = client_of(people.owner), reverse("chat:post", args=[conversation.pk])
    sent = {"client_id": "from-this-page-1"}
    for body, status in (("Eerste bericht", 302), ("Eerste bericht", 302), ("Tweede bericht", 422)):
        response = client.post(address, sent | {"body": body})
        assert response.status_code == status, body
    assert "Tweede bericht" in response.content.decode()
    (client_id,) = re.findall(r'name="client_id" value="([^"]+)"', response.content.decode())
    assert client_id != sent["client_id"]
    assert client.post(address, {"body": "Tweede bericht", "client_id": client_id}).status_code == 302
    bodies = conversation.events.order_by("number").values_list("body", flat=True)
    assert list(bodies)[1:] == ["Eerste bericht", "Tweede bericht"]


def test_a_strange_client_id_is_said_and_replaced(people: People, conversation: Conversation) -> None:
    response = client_of(people.owner).post(
        reverse("chat:post", args=[conversation.pk]), {"body": "Hallo", "client_id": "<x>"}
    )
    assert response.status_code == 422
    assert 'value="&lt;x&gt;"' not in response.content.decode()
    assert response.context["form"].errors["body"]


def test_an_outside_page_is_no_context(people: People) -> None:
    form = {"q": "Vraag", "team": people.hr.pk, "page_url": "/\t/evil.example/", "page_title": "x"}
    client_of(people.owner).post(reverse("chat:start"), form)
    assert Conversation.objects.get().page_url == ""


def test_transfer_moves_who_sees_it(people: People, conversation: Conversation) -> None:
    agent = client_of(people.agent)
    answer = agent.post(reverse("chat:act", args=[conversation.pk, "transfer"]), {"team": people.ict.pk}, follow=True)
    assert "Doorverbonden met ICT." in answer.content.decode()
    assert status(people.agent, "chat:desk_conversation", conversation.pk) == 404
    assert status(people.ict_agent, "chat:desk_conversation", conversation.pk) == 200
    assert status(people.provider, "chat:desk_conversation", conversation.pk) == 200
    assert status(people.owner, "chat:conversation", conversation.pk) == 200


def test_history_filters(people: People, conversation: Conversation, anonymous_conversation: Conversation) -> None:
    actions.post_message(by=people.viewer("agent"), conversation=conversation, body="Dat zijn er dertien.")
    client = client_of(people.agent)

    def found(**query: str) -> set[int]:
        return {row.pk for row in client.get(reverse("chat:history"), query).context["page_obj"]}

    assert found() == {conversation.pk, anonymous_conversation.pk}
    assert found(q="dertien") == {conversation.pk}
    assert found(q="jaaropgave") == {anonymous_conversation.pk}
    assert found(state="waiting") == {anonymous_conversation.pk}
    assert found(by="me") == {conversation.pk}
    assert found(team=str(people.ict.pk)) == set()


def test_mine_shows_what_is_new(people: People, conversation: Conversation) -> None:
    client = client_of(people.owner)
    assert "vb-row-unread" not in client.get(reverse("chat:mine")).content.decode()
    actions.post_message(by=people.viewer("agent"), conversation=conversation, body="Twaalf.")
    assert "vb-row-unread" in client.get(reverse("chat:mine")).content.decode()
    assert conversation.subject not in client_of(people.colleague).get(reverse("chat:mine")).content.decode()


PAGES = ["conversation", "desk_conversation", "desk", "mine", "history", "start"]


@pytest.mark.parametrize("page", [f"chat:{name}" for name in PAGES])
def test_queries_do_not_grow(people: People, django_assert_max_num_queries, page: str) -> None:
    who = people.owner if page in {"chat:conversation", "chat:mine", "chat:start"} else people.agent

    def ask(messages: int) -> Conversation:
        row = actions.start_conversation(
            by=people.viewer("owner"), team=people.hr, question="Hoe dan wel precies?", language="nl"
        )
        for n in range(messages):
            for name in ("owner", "agent"):
                actions.post_message(by=people.viewer(name), conversation=row, body=f"regel {n}")
        return row

    def visit(row: Conversation) -> int:
        args = [row.pk] if page.endswith("conversation") else []
        client = client_of(who)
        with django_assert_max_num_queries(24) as captured:
            assert client.get(reverse(page, args=args)).status_code == 200
        return len(captured)

    few = visit(ask(1))
    for _ in range(2):
        many = ask(3)
    ask(0)
    assert visit(many) <= few + 1
