"""Sockets end with their session, and show nothing that their person may not see any more."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience, Circle, CircleMembership, Membership, RoleGrant, Team, TeamMembership, User
from chat import actions, event_log, rooms
from chat.models import Conversation
from live import close_codes, connections, executor, hub, rights
from tests.live.sockets import Tab, session_of, tab
from tests.people import People

pytestmark = pytest.mark.django_db(transaction=True)


def run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """In a thread, as the server does it."""
    return executor.run(partial(function, *args, **kwargs))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


async def test_signing_out_ends_the_sockets_of_that_session_at_once(people: People) -> None:
    client = await run(signed_in, people.owner)
    key = client.session.session_key
    async with tab(people.owner, session=key) as one, tab(people.owner, session=key) as two, tab(people.owner) as other:
        for each in (one, two, other):
            await each.get("hello")
        await run(client.post, reverse("account_logout"))
        for each in (one, two):
            assert await each.close_code() == close_codes.SIGNED_OUT
        assert "pong" in await heard(other)


async def test_every_way_to_end_a_session_or_shut_out_ends_its_sockets_at_once(people: People) -> None:
    def new_password(key: str) -> None:
        people.owner.set_password("Een heel nieuw wachtwoord")
        people.owner.save()

    def shut_out(key: str) -> None:
        people.owner.is_active = False
        people.owner.save()

    def deleted(key: str) -> None:
        people.owner.delete()

    ways: list[Callable[[str], None]] = [
        lambda key: SessionStore(key).flush(),
        lambda key: SessionStore(key).cycle_key(),
        lambda key: Session.objects.filter(pk=key).delete() and None,
        new_password,
        shut_out,
        deleted,
    ]
    for way in ways:
        key = await run(session_of, people.owner)
        async with tab(people.owner, session=key) as owner:
            await owner.get("hello")
            await run(way, key)
            assert await owner.close_code() == close_codes.SIGNED_OUT, way
        await run(User.objects.filter(pk=people.owner.pk).update, is_active=True)


async def test_an_ended_or_strange_session_opens_nothing(people: People) -> None:
    key = await run(session_of, people.owner)
    await run(Session.objects.filter(pk=key).update, expire_date=timezone.now())
    for session in (key, "nobodysession", "x", "%00" * 8, r'"a\000b"'):
        async with tab(session=session) as one:
            assert await one.close_code() == close_codes.SIGNED_OUT, session
    other = await run(session_of, people.colleague)
    await run(User.objects.filter(pk=people.colleague.pk).update, is_active=False)
    async with tab(session=other) as one:
        assert await one.close_code() == close_codes.SIGNED_OUT


Change = Callable[[People, Conversation, str], Any]
# Changes of which nobody is told, and what the agent loses by them: the socket, the conversation, the desk.
UNTOLD: dict[str, tuple[set[str], Change]] = {
    "team": ({"gone", "desk"}, lambda p, c, key: TeamMembership.objects.filter(user=p.agent)._raw_delete("default")),
    "role": ({"desk"}, lambda p, c, key: RoleGrant.objects.filter(user=p.agent)._raw_delete("default")),
    "audience": (
        {"gone"},
        lambda p, c, key: Conversation.objects.filter(pk=c.pk).update(
            audience=Audience.objects.of([f"team:{p.ict.pk}", f"user:{p.owner.pk}"])
        ),
    ),
    "may sign in": ({"closed"}, lambda p, c, key: User.objects.filter(pk=p.agent.pk).update(is_active=False)),
    "password": ({"closed"}, lambda p, c, key: User.objects.filter(pk=p.agent.pk).update(password="x")),
    "session": ({"closed"}, lambda p, c, key: Session.objects.filter(pk=key)._raw_delete("default")),
    "session ran out": (
        {"closed"},
        lambda p, c, key: Session.objects.filter(pk=key).update(expire_date=timezone.now()),
    ),
}


@pytest.mark.parametrize("what", UNTOLD)
async def test_a_look_notices_what_nobody_was_told(people: People, conversation: Conversation, what: str) -> None:
    loses, change = UNTOLD[what]
    key = await run(session_of, people.agent)
    async with tab(people.agent, session=key) as agent:
        await agent.send(type="desk")
        await agent.get("desk_open")
        await agent.send(type="subscribe", conversation=conversation.pk, after=1)
        await agent.get("subscribed")
        await hub.here().look()
        assert "gone" not in await heard(agent)
        await run(change, people, conversation, key)
        await hub.here().look()
        if loses == {"closed"}:
            assert await agent.close_code() == close_codes.SIGNED_OUT
            return
        assert ("gone" in await heard(agent)) is ("gone" in loses)
        await run(actions.post_message, by=people.viewer("owner"), conversation=conversation, body="geheim")
        still = {"event": {"gone"}, "desk": {"desk"}}
        kinds = await heard(agent)
        assert {kind for kind, lost in still.items() if kind in kinds} == {
            k for k, by in still.items() if not by & loses
        }


def test_everything_that_gives_keys_is_looked_at(people: People) -> None:
    """Whatever changes the keys or roles of a person changes what a look finds of them."""
    circle = Circle.objects.create(name="Kring", slug="t-kring")
    grants = [
        lambda p: CircleMembership.objects.create(user=p, circle=circle),
        lambda p: RoleGrant.objects.create(user=p, role="curator"),
        lambda p: TeamMembership.objects.create(user=p, team=people.ict),
        lambda p: Team.objects.filter(pk=people.ict.pk).update(parent=people.hr),
        lambda p: Membership.objects.filter(user=p).update(unit=None),
        lambda p: Membership.objects.filter(user=p).update(organisation=people.other_business),
        lambda p: type(people.business).objects.filter(pk=people.other_business.pk).update(kind="third_party"),
        lambda p: User.objects.filter(pk=p.pk).update(is_superuser=True),
    ]
    before = rights.look([people.owner.pk], [], []).people[people.owner.pk]
    unseen = []
    for number, grant in enumerate(grants):
        grant(people.owner)
        now = rights.look([people.owner.pk], [], []).people[people.owner.pk]
        if now == before:
            unseen.append(number)
        before = now
    assert not unseen, f"a look does not see these changes: {unseen}"


async def frames(one: Tab) -> list[dict[str, Any]]:
    """What comes until a ping is answered: what was queued before the ping comes before the answer."""
    await one.send(type="ping")
    came = [await one.communicator.receive_json()]
    while came[-1]["type"] != "pong":
        came.append(await one.communicator.receive_json())
    return came


async def heard(one: Tab) -> set[str]:
    """The types of those."""
    return {frame["type"] for frame in await frames(one)}


async def test_everybody_is_looked_at_by_one_query_and_nobody_is_not(
    people: People, conversation: Conversation, anonymous_conversation: Conversation, visitor: Person
) -> None:
    def statements(act: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as captured:
            act()
        return len(captured)

    async with tab(people.owner) as owner, tab(people.agent) as agent, tab(visitor=visitor.visitor) as asker:
        for one, pk in ((owner, conversation.pk), (agent, conversation.pk), (asker, anonymous_conversation.pk)):
            await one.send(type="subscribe", conversation=pk)
            await one.get("subscribed")
        here = hub.here()
        people_ = [people.owner.pk, people.agent.pk]
        followed = [rooms.conversation_room(pk) for pk in (conversation.pk, anonymous_conversation.pk)]
        sessions = [c.session.key for c in here.connections]
        assert await run(statements, lambda: rights.look(people_, sessions, followed)) == 1
        assert here._looker is not None and not here._looker.done()
    assert hub.here()._looker is None


async def test_looks_come_by_themselves_and_go_on_after_a_failure(
    people: People, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hub.LOOK <= 9
    monkeypatch.setattr(hub, "LOOK", 0.01)
    real, failed = rights.look, asyncio.Event()
    loop = asyncio.get_running_loop()

    def fails_first(*args: Any) -> Any:
        if not failed.is_set():
            loop.call_soon_threadsafe(failed.set)
            raise OSError("the database is away")
        return real(*args)

    monkeypatch.setattr(hub, "look", fails_first)
    async with tab(people.agent) as agent:
        await agent.send(type="subscribe", conversation=conversation.pk)
        await agent.get("subscribed")
        await failed.wait()
        await run(lambda: TeamMembership.objects.filter(user=people.agent)._raw_delete("default"))
        await agent.get("gone", conversation=conversation.pk)


async def test_a_visitor_who_is_no_asker_any_more_hears_nothing(
    people: People, anonymous_conversation: Conversation, visitor: Person
) -> None:
    pk = anonymous_conversation.pk
    async with tab(visitor=visitor.visitor) as asker:
        await asker.send(type="subscribe", conversation=pk, after=1)
        await asker.get("subscribed")
        await run(actions.hand_over, by=people.owner, visitor=visitor.visitor)
        await asker.get("gone", conversation=pk)
        assert rooms.conversation_room(pk) not in hub.here().rooms
    async with tab(people.owner) as owner:
        await owner.send(type="subscribe", conversation=pk, after=1)
        await owner.get("subscribed")


async def test_after_a_transfer_the_asker_waits_for_the_new_team(people: People, conversation: Conversation) -> None:
    async with tab(people.owner) as owner, tab(people.agent) as agent:
        await owner.send(type="subscribe", conversation=conversation.pk, after=1)
        await owner.get("subscribed")
        await agent.send(type="transfer", conversation=conversation.pk, team=people.ict.pk)
        await agent.get("done")
        await owner.get("queue", team=people.ict.pk)
        assert rooms.queue_room(people.hr.pk) not in hub.here().rooms
        assert len(hub.here().rooms[rooms.queue_room(people.ict.pk)]) == 1
        await run(hub.publish, rooms.queue_room(people.hr.pk), {"type": "queue", "team": people.hr.pk})
        assert [f for f in await frames(owner) if f["type"] == "queue" and f["team"] == people.hr.pk] == []
        await owner.send(type="unsubscribe", conversation=conversation.pk)
        await heard(owner)
        assert rooms.queue_room(people.ict.pk) not in hub.here().rooms


async def test_a_transfer_that_nobody_was_told_of_moves_the_asker_too(
    people: People, conversation: Conversation
) -> None:
    async with tab(people.owner) as owner:
        await owner.send(type="subscribe", conversation=conversation.pk, after=1)
        await owner.get("subscribed")

        def move() -> None:
            row = Conversation.objects.get(pk=conversation.pk)
            row.team = Team.objects.get(pk=people.ict.pk)
            row.set_audience()
            row.save()

        await run(move)
        await hub.here().look()
        await heard(owner)
        assert rooms.queue_room(people.hr.pk) not in hub.here().rooms
        assert rooms.queue_room(people.ict.pk) in hub.here().rooms


async def test_what_is_subscribed_to_while_rights_are_looked_at_again_is_not_lost_and_is_looked_at_too(
    people: People, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look asks about what the socket followed when it began."""
    looking, subscribed, still_visible = threading.Event(), threading.Event(), event_log.still_visible
    looked: list[list[int]] = []

    def slowly(viewer: Any, pks: list[int]) -> Any:
        looked.append(pks)
        found = still_visible(viewer, pks)
        looking.set()
        assert subscribed.wait(timeout=5)
        return found

    async with tab(people.owner) as owner:
        await owner.get("hello")
        monkeypatch.setattr(event_log, "still_visible", slowly)
        next(iter(hub.here().connections)).doubt()
        assert await asyncio.to_thread(looking.wait, 5)
        await owner.send(type="subscribe", conversation=conversation.pk, after=0)
        room, (socket,) = rooms.conversation_room(conversation.pk), hub.here().connections
        while room not in socket.logs:  # the reply waits behind the look
            await asyncio.sleep(0.01)
        subscribed.set()
        await owner.get("subscribed")
        assert (await owner.get("event"))["number"] == 1
    assert looked == [[], [conversation.pk]]


async def test_many_changes_of_rights_at_once_close_no_socket(people: People, conversation: Conversation) -> None:
    """As when a whole department is moved: more changes than the queue holds."""
    async with tab(people.owner) as owner:
        await owner.get("hello")
        await owner.send(type="subscribe", conversation=conversation.pk, after=1)
        await owner.get("subscribed")
        (socket,) = hub.here().connections
        for _ in range(2 * connections.QUEUE):
            socket.doubt()
        await owner.send(type="ping")
        await owner.get("pong")
        nobody = await run(Audience.objects.of, {audiences.user(people.colleague.pk)})
        await run(Conversation.objects.filter(pk=conversation.pk).update, audience=nobody)
        socket.doubt()
        await owner.get("gone")


async def test_who_left_a_team_and_comes_to_the_desk_again_hears_no_more_of_it(
    people: People, conversation: Conversation
) -> None:
    """Nobody told the socket that they left: it is the desk itself that looks."""
    room = rooms.desk_room(people.hr.pk)
    await run(TeamMembership.objects.create, user=people.agent, team=people.ict)
    async with tab(people.agent) as agent:
        await agent.send(type="desk")
        assert (await agent.get("desk_open"))["teams"] == sorted([people.hr.pk, people.ict.pk])
        assert room in hub.here().rooms
        await run(lambda: TeamMembership.objects.filter(user=people.agent, team=people.hr)._raw_delete("default"))
        await agent.send(type="desk")
        assert (await agent.get("desk_open"))["teams"] == [people.ict.pk]
        assert room not in hub.here().rooms
