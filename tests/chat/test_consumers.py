"""Sockets: saved before acknowledged, replayed, idempotent, judged frame by frame."""

import asyncio
import json
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audiences import Person
from accounts.models import TeamMembership
from chat import actions, event_log, presence, rooms
from chat.models import Conversation, Event
from live import close_codes, connections, consumers, executor, hub
from live.rooms import Envelope
from tests.live.sockets import tab
from tests.people import People
from web.live import Refused

pytestmark = pytest.mark.django_db(transaction=True)
CLIENT_ID = "abcdefgh-{}"


def run(function, *args, **kwargs):
    """An action, from a thread, as the server does it."""
    return executor.run(partial(function, *args, **kwargs))


async def test_hello_subscribe_post(people: People, conversation: Conversation) -> None:
    async with tab(people.owner) as owner, tab(people.agent) as agent:
        assert (await owner.get("hello"))["version"] == 1
        for one in (owner, agent):
            await one.send(type="subscribe", conversation=conversation.pk, after=0)
            assert (await one.get("subscribed"))["state"] == "waiting"
            assert (await one.get("event", number=1))["kind"] == "message"
        await agent.send(type="post", conversation=conversation.pk, client_id=CLIENT_ID.format(1), body="Nog **12**.")
        ack = await agent.get("ack")
        assert ack["client_id"] == CLIENT_ID.format(1)
        event = await owner.get("event", number=ack["number"])
        assert event["staff"] and event["author"] == "Agent" and "<strong>12</strong>" in event["html"]
        assert (await owner.get("state", state="active"))["taken_by"] == "Agent"
    saved = await run(Event.objects.get, conversation=conversation, number=ack["number"])
    assert saved.body == "Nog **12**."


async def test_a_resend_is_not_a_repeat(people: People, conversation: Conversation) -> None:
    async with tab(people.owner) as owner:
        for _ in range(2):
            await owner.send(type="post", conversation=conversation.pk, client_id=CLIENT_ID.format(1), body="En nu?")
        first, second = await owner.get("ack"), await owner.get("ack")
    assert first == second
    assert await run(Event.objects.filter(conversation=conversation, body="En nu?").count) == 1


async def test_replay_after_the_last_number_seen(people: People, conversation: Conversation) -> None:
    for n in range(5):
        await run(actions.post_message, by=people.viewer("owner"), conversation=conversation, body=f"regel {n}")
    async with tab(people.owner) as owner:
        await owner.send(type="subscribe", conversation=conversation.pk, after=3)
        await owner.get("subscribed")
        assert [(await owner.get("event"))["number"] for _ in range(3)] == [4, 5, 6]


async def test_replay_is_paged(people: People, conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "PAGE", 2)
    for n in range(5):
        await run(actions.post_message, by=people.viewer("owner"), conversation=conversation, body=f"regel {n}")
    async with tab(people.owner) as owner:
        await owner.send(type="subscribe", conversation=conversation.pk)
        assert [(await owner.get("event"))["number"] for _ in range(6)] == [1, 2, 3, 4, 5, 6]


async def test_what_got_lost_on_the_way_is_read_from_the_database(
    people: People, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with tab(people.owner) as owner:
        await owner.send(type="subscribe", conversation=conversation.pk, after=1)
        await owner.get("subscribed")
        real = hub.publish
        monkeypatch.setattr(hub, "publish", lambda room, payload: None)
        await run(actions.post_message, by=people.viewer("owner"), conversation=conversation, body="verloren")
        monkeypatch.setattr(hub, "publish", real)
        await run(actions.post_message, by=people.viewer("owner"), conversation=conversation, body="aangekomen")
        assert [(await owner.get("event"))["number"] for _ in range(2)] == [2, 3]
        monkeypatch.setattr(hub, "publish", lambda room, payload: None)
        await run(actions.post_message, by=people.viewer("owner"), conversation=conversation, body="weer verloren")
        await owner.send(type="ping")
        assert (await owner.get("event"))["number"] == 4


async def test_posting_by_http_reaches_sockets(people: People, conversation: Conversation) -> None:
    async with tab(people.agent) as agent:
        await agent.send(type="subscribe", conversation=conversation.pk, after=1)
        await agent.get("subscribed")

        def post() -> int:
            client = Client()
            client.force_login(people.owner, backend="accounts.backends.RoleBackend")
            return client.post(reverse("chat:post", args=[conversation.pk]), {"body": "Via het formulier"}).status_code

        assert await run(post) == 302
        assert "Via het formulier" in (await agent.get("event", number=2))["html"]


@pytest.mark.parametrize("name", ["colleague", "neighbour", "outsider", "ict_agent", "provider", "administrator"])
async def test_others_do_not_find_it(people: People, conversation: Conversation, name: str) -> None:
    async with tab(getattr(people, name)) as other:
        for frame in (
            {"type": "subscribe", "after": 0},
            {"type": "post", "client_id": CLIENT_ID.format(1), "body": "x"},
            {"type": "take"},
            {"type": "close"},
            {"type": "seen", "number": 1},
        ):
            await other.send(conversation=conversation.pk, **frame)
            assert (await other.get("error"))["code"] == "not_found"


async def test_the_asker_does_not_answer_and_staff_without_the_role_only_reads(
    people: People, conversation: Conversation
) -> None:
    async with tab(people.owner) as owner:
        await owner.send(type="take", conversation=conversation.pk)
        assert (await owner.get("error"))["code"] == "not_allowed"
    await run(people.agent.role_grants.all().delete)
    async with tab(people.agent) as agent:
        await agent.send(type="post", conversation=conversation.pk, client_id=CLIENT_ID.format(2), body="x")
        assert (await agent.get("error"))["code"] == "not_allowed"
        await agent.send(type="desk")
        assert (await agent.get("error"))["code"] == "not_allowed"


async def test_rights_revoked_while_connected(people: People, conversation: Conversation) -> None:
    async with tab(people.agent) as agent:
        await agent.send(type="subscribe", conversation=conversation.pk, after=1)
        await agent.get("subscribed")
        await agent.send(type="desk")
        await agent.get("desk_open")
        await run(lambda: TeamMembership.objects.get(user=people.agent).delete())
        await run(actions.post_message, by=people.viewer("owner"), conversation=conversation, body="geheim")
        assert (await agent.get("gone"))["conversation"] == conversation.pk
        assert all(frame["type"] not in {"event", "desk"} for frame in await agent.all())
        await agent.send(type="post", conversation=conversation.pk, client_id=CLIENT_ID.format(1), body="x")
        assert (await agent.get("error"))["code"] == "not_found"


async def test_a_transferred_conversation_is_gone_for_the_old_team(people: People, conversation: Conversation) -> None:
    async with tab(people.agent) as agent, tab(people.ict_agent) as ict, tab(people.owner) as owner:
        await ict.send(type="desk")
        await ict.get("desk_open")
        for one in (agent, owner):
            await one.send(type="subscribe", conversation=conversation.pk, after=1)
            await one.get("subscribed")
        await agent.send(type="transfer", conversation=conversation.pk, team=people.ict.pk)
        await agent.get("gone", conversation=conversation.pk)
        await ict.get("desk")
        assert (await owner.get("event"))["kind"] == "transferred"
        await ict.send(type="take", conversation=conversation.pk)
        assert (await ict.get("done"))["of"] == "take"
        await run(actions.post_message, by=people.viewer("owner"), conversation=conversation, body="voor ICT")
        assert not [f for f in await agent.all() if f["type"] == "event"]


async def test_nobody_and_unknown_versions_are_sent_away(people: People) -> None:
    async with tab() as stranger:
        assert await stranger.close_code() == close_codes.SIGNED_OUT
    async with tab(people.owner, path="/ws/?v=99") as future:
        assert await future.close_code() == close_codes.VERSION_UNKNOWN


async def test_a_visitor_by_cookie(people: People, anonymous_conversation: Conversation, visitor: Person) -> None:
    pk = anonymous_conversation.pk
    async with tab(visitor=visitor.visitor) as asker, tab(visitor="somebody else") as other:
        await asker.send(type="post", conversation=pk, client_id=CLIENT_ID.format(1), body="Bent u er?")
        assert (await asker.get("ack"))["number"] == 2
        await other.send(type="subscribe", conversation=pk)
        assert (await other.get("error"))["code"] == "not_found"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "bad_frame"),
        ("[]", "bad_frame"),
        ('{"type": 1}', "bad_frame"),
        ('{"type": "dance"}', "unknown_type"),
        ('{"type": "subscribe", "conversation": "1"}', "bad_frame"),
        ('{"type": "subscribe", "conversation": 1, "after": -1}', "bad_frame"),
        ('{"type": "subscribe", "conversation": 99999999999999999999999}', "bad_frame"),
        ("[" * 20_000, "bad_frame"),
    ],
)
async def test_bad_frames(people: People, text: str, code: str) -> None:
    async with tab(people.owner) as owner:
        await owner.communicator.send_text(text)
        assert (await owner.get("error"))["code"] == code
        await owner.send(type="ping")
        await owner.get("pong")


@pytest.mark.parametrize(
    "fields", [{"body": ""}, {"body": "x" * 4001}, {"body": "x", "client_id": ""}, {"client_id": "!" * 9}]
)
async def test_bad_messages(people: People, conversation: Conversation, fields: dict[str, object]) -> None:
    async with tab(people.owner) as owner:
        frame = {"body": "x", "client_id": CLIENT_ID.format(1)} | fields
        await owner.send(type="post", conversation=conversation.pk, **frame)
        assert (await owner.get("error"))["code"] == "invalid"


async def test_closed_and_taken_are_codes(people: People, conversation: Conversation) -> None:
    async with tab(people.agent) as agent, tab(people.curator) as curator:
        await agent.send(type="take", conversation=conversation.pk)
        await agent.get("done")
        await curator.send(type="post", conversation=conversation.pk, client_id=CLIENT_ID.format(1), body="x")
        assert (await curator.get("error"))["code"] == "taken"
        await agent.send(type="close", conversation=conversation.pk)
        await agent.get("done")
        await agent.send(type="post", conversation=conversation.pk, client_id=CLIENT_ID.format(2), body="x")
        error = await agent.get("error")
        assert (error["code"], error["client_id"], error["of"]) == ("closed", CLIENT_ID.format(2), "post")
        await agent.send(type="reopen", conversation=conversation.pk)
        await agent.get("done")
        await agent.send(type="post", conversation=conversation.pk, client_id=CLIENT_ID.format(2), body="x")
        await agent.get("ack")


async def test_rate_limit(people: People, conversation: Conversation, settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"chat.message": (2, 60)}
    async with tab(people.owner) as owner:
        for n in range(3):
            await owner.send(type="post", conversation=conversation.pk, client_id=CLIENT_ID.format(n), body="x")
        error = await owner.get("error")
        assert error["code"] == "too_fast" and 0 < error["retry_after"] <= 60


async def test_floods_and_giants_are_closed(people: People, settings) -> None:
    async with tab(people.owner) as owner:
        await owner.communicator.send_text("x" * 40_000)
        assert await owner.close_code() == close_codes.TOO_LARGE
    async with tab(people.owner) as owner:
        for _ in range(settings.RATE_LIMITS["socket.frame"][0] + 30):
            await owner.send(type="dance")
        assert await owner.close_code() == close_codes.TOO_FAST


async def test_a_reader_who_cannot_keep_up_is_closed_and_replays(
    people: People, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, opened = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr(connections, "QUEUE", 20)  # room for what comes before the first event
    real = consumers.SocketConsumer.send

    async def slow(self, text_data=None, bytes_data=None, close=False):
        if text_data and json.loads(text_data)["type"] == "event":
            opened.set()
            await stuck.wait()
        await real(self, text_data, bytes_data, close)

    monkeypatch.setattr(consumers.SocketConsumer, "send", slow)
    async with tab(people.owner) as owner:
        await owner.send(type="subscribe", conversation=conversation.pk)
        async with asyncio.timeout(10):
            await opened.wait()
        for n in range(24):
            await run(actions.post_message, by=people.viewer("owner"), conversation=conversation, body=f"regel {n}")
        assert await owner.close_code() == close_codes.TOO_SLOW
    monkeypatch.setattr(consumers.SocketConsumer, "send", real)
    async with tab(people.owner) as owner:
        await owner.send(type="subscribe", conversation=conversation.pk)
        assert [(await owner.get("event"))["number"] for _ in range(25)] == list(range(1, 26))


async def test_typing_is_told_and_not_kept(people: People, conversation: Conversation) -> None:
    async with tab(people.owner) as owner, tab(people.agent) as agent:
        for one in (owner, agent):
            await one.send(type="subscribe", conversation=conversation.pk, after=1)
            await one.get("subscribed")
        for _ in range(3):
            await agent.send(type="typing", conversation=conversation.pk)
        assert (await owner.get("typing"))["author"] == "Agent"
        assert not [f for f in await owner.all() if f["type"] == "typing"]
    assert await run(Event.objects.filter(conversation=conversation).count) == 1


async def test_presence_at_the_desk(people: People, conversation: Conversation) -> None:
    team = people.hr.pk
    assert (await run(presence.agents_here, [team]))[team] == 0
    async with tab(people.owner) as owner:
        await owner.send(type="subscribe", conversation=conversation.pk, after=1)
        await owner.get("subscribed")
        async with tab(people.agent) as agent, tab(people.agent) as second:
            for one in (agent, second):
                await one.send(type="desk")
                assert (await one.get("desk_open"))["teams"] == [team]
            assert (await owner.get("queue"))["team"] == team
            assert (await run(presence.agents_here, [team]))[team] == 1
            await second.communicator.disconnect()
            assert (await run(presence.agents_here, [team]))[team] == 1
        await owner.get("queue")
        assert (await run(presence.agents_here, [team]))[team] == 0
        assert await run(presence.asker_is_here, conversation.pk)
    assert not await run(presence.asker_is_here, conversation.pk)


async def test_many_subscribers_share_one_encoding(people: People, conversation: Conversation) -> None:
    tabs = [tab(people.owner) for _ in range(10)]
    opened = [await t.__aenter__() for t in tabs]
    for one in opened:
        await one.send(type="subscribe", conversation=conversation.pk, after=1)
        await one.get("subscribed")
    await run(actions.post_message, by=people.viewer("owner"), conversation=conversation, body="aan allen")
    assert {(await one.get("event"))["number"] for one in opened} == {2}
    for one in tabs:
        await one.__aexit__(None, None, None)
    assert not hub.here().connections and not any(hub.here().rooms.values())


async def test_rights_that_end_while_somebody_subscribes(
    people: People, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What told of it came before the socket was in the room: what is read after entering finds out."""
    real, found = event_log.find, []

    def find(viewer: Person, pk: int) -> Conversation:
        found.append(pk)
        if len(found) > 1:
            raise Refused("not_found")
        return real(viewer, pk)

    monkeypatch.setattr(event_log, "find", find)
    async with tab(people.agent) as agent:
        await agent.send(type="subscribe", conversation=conversation.pk, after=1)
        await agent.get("gone", conversation=conversation.pk)
        hub.here().deliver(Envelope(rooms.conversation_room(conversation.pk), '{"type": "event"}', 2))
        assert not [frame for frame in await agent.all() if frame["type"] == "event"]
