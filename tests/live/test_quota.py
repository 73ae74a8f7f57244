"""How much of the sockets one person may take: in all their tabs together, and no more than others notice."""

import json
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import handlers
from chat.models import Conversation
from chat.subscriptions import renew
from live import close_codes, consumers, hub, quota, rights
from live.handlers import _renew
from tests.live.sockets import Tab, WebsocketCommunicator, session_of, tab
from tests.people import People

pytestmark = pytest.mark.django_db(transaction=True)


async def opened(stack: AsyncExitStack, **options: Any) -> Tab:
    """A socket that stays open until the stack ends."""
    return await stack.enter_async_context(tab(**options))


async def test_a_person_has_so_many_sockets_and_no_more(people: People, settings: Any) -> None:
    settings.SOCKET_LIMITS = settings.SOCKET_LIMITS | {"sockets.person": 3}
    async with AsyncExitStack() as stack:
        for n in range(3):  # each with a session and an address of its own: it is the person who is counted
            one = await opened(stack, user=people.owner, address=f"10.0.0.{n}")
            await one.get("hello")
        refused = await opened(stack, user=people.owner, address="10.0.0.9")
        assert await refused.close_code() == close_codes.TOO_MANY_SOCKETS
        await (await opened(stack, user=people.colleague)).get("hello")
        await one.communicator.disconnect()
        await (await opened(stack, user=people.owner)).get("hello")
    assert not hub.here().quota._sockets, "places are given back"


async def test_visitors_are_counted_by_address(settings: Any, people: People) -> None:
    settings.SOCKET_LIMITS = settings.SOCKET_LIMITS | {"sockets.address": 2}
    async with AsyncExitStack() as stack:
        for n, address in enumerate(["10.0.0.1", "10.0.0.1", "2001:db8::1", "2001:db8::2"]):
            await (await opened(stack, visitor=f"visitor {n}", address=address)).get("hello")
        for address in ("10.0.0.1", "2001:db8::3"):
            refused = await opened(stack, visitor="another", address=address)
            assert await refused.close_code() == close_codes.TOO_MANY_SOCKETS
        await (await opened(stack, user=people.owner, address="10.0.0.1")).get("hello")


async def test_frames_are_counted_over_all_sockets_of_a_person(people: People, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"socket.frame": (10, 60)}
    async with tab(people.owner) as one, tab(people.owner) as two, tab(people.colleague) as other:
        for n in range(10):
            sender = one if n % 2 else two
            await sender.send(type="ping")
            await sender.get("pong")
        await two.send(type="ping")
        assert await two.close_code() == close_codes.TOO_FAST
        await other.send(type="ping")
        await other.get("pong")


async def test_costly_frames_have_a_limit_of_their_own(
    people: People, conversation: Conversation, settings: Any
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"socket.work": (2, 60)}
    async with tab(people.agent) as one, tab(people.agent) as two:
        for each in (one, two):
            await each.send(type="subscribe", conversation=conversation.pk)
            await each.get("subscribed")
        for frame in ({"type": "desk"}, {"type": "take"}, {"type": "close"}, {"type": "subscribe"}):
            await one.send(conversation=conversation.pk, **frame)
            error = await one.get("error")
            assert (error["code"], error["of"]) == ("too_fast", frame["type"]) and 0 < error["retry_after"] <= 60
        await one.send(type="ping")
        await one.get("pong")


async def test_subscriptions_are_counted_over_all_sockets_of_a_person(
    people: People, conversation: Conversation, anonymous_conversation: Conversation, settings: Any
) -> None:
    settings.SOCKET_LIMITS = settings.SOCKET_LIMITS | {"subscriptions": 2}
    async with tab(people.agent) as one, tab(people.agent) as two:
        for pk in (conversation.pk, anonymous_conversation.pk):
            await one.send(type="subscribe", conversation=pk)
            await one.get("subscribed")
        await two.send(type="subscribe", conversation=conversation.pk)
        assert (await two.get("error"))["code"] == "too_many"
        await one.send(type="subscribe", conversation=conversation.pk)  # again is not one more
        await one.get("subscribed")
        await one.send(type="unsubscribe", conversation=anonymous_conversation.pk)
        await one.send(type="ping")
        await one.get("pong")
        await two.send(type="subscribe", conversation=conversation.pk)
        await two.get("subscribed")


async def test_opening_again_and_again_is_slowed_down(people: People, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"socket.open": (3, 60)}
    for _ in range(3):
        async with tab(people.owner) as one:
            await one.get("hello")
    async with tab(people.owner) as one, tab(people.colleague) as other:
        assert await one.close_code() == close_codes.TOO_FAST
        await other.get("hello")


async def test_whoever_knocks_too_often_costs_no_query(people: People, settings: Any) -> None:
    """A flood of an address is refused before anybody looks at its session."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"socket.knock": (2, 60)}
    looked: list[str] = []
    real = rights.Session.find

    def counted(self: rights.Session) -> None:
        looked.append(self.key)
        real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rights.Session, "find", counted)
        answers = []
        for n in range(4):
            communicator = WebsocketCommunicator(consumers.SocketConsumer.as_asgi(), "/ws/")
            communicator.scope["headers"] = [(b"cookie", f"sessionid=made-up-{n}".encode())]
            communicator.scope["client"] = ["10.0.0.7", n]
            await communicator.send_input({"type": "websocket.connect"})
            answers.append((await communicator.receive_output(5))["type"])
            await communicator.send_input({"type": "websocket.disconnect", "code": 1000})
            await communicator.wait(5)
    assert answers == ["websocket.accept"] * 2 + ["websocket.close"] * 2
    assert looked == ["made-up-0", "made-up-1"]


async def test_ten_tabs_of_somebody_who_comes_back_notice_nothing(people: People, conversation: Conversation) -> None:
    """After a restart all tabs come at once: each opens, subscribes, opens the desk, says what it saw, and types."""
    async with AsyncExitStack() as stack:
        tabs = [await opened(stack, user=people.agent) for _ in range(10)]
        for one in tabs:
            await one.get("hello")
            await one.send(type="subscribe", conversation=conversation.pk, after=0)
            await one.send(type="desk")
            await one.send(type="seen", conversation=conversation.pk, number=1)
            for n in range(3):
                await one.send(type="post", conversation=conversation.pk, client_id=f"same-in-all-{n}", body=f"{n}")
            await one.send(type="ping")
        for one in tabs:
            frames = [await one.communicator.receive_json()]
            while frames[-1]["type"] != "pong":
                frames.append(await one.communicator.receive_json())
            assert [frame for frame in frames if frame["type"] == "error"] == []


def test_what_opening_and_frames_cost_in_statements(people: People, conversation: Conversation) -> None:
    """The most that each may cost for somebody in a unit: session with person 1, keys 2, and what the frame does."""

    def scope(cookie: str) -> dict[str, Any]:
        return {"headers": [(b"cookie", cookie.encode())], "client": ["127.0.0.1", 1]}

    session = rights.Session(scope(f"sessionid={session_of(people.owner)}"))
    post = {"conversation": conversation.pk, "client_id": "abcdefgh", "body": "Hallo"}
    renewal = partial(renew, sent={conversation.pk: 1}, asking={conversation.pk}, desk=False)
    costs = {
        "made up": (1, lambda: rights.Session(scope("sessionid=made-up-made-up")).find()),
        "nobody": (0, lambda: rights.Session(scope("")).find()),
        "find": (1, session.find),
        "check": (1, session.check),
        "subscribe": (4, lambda: handlers._subscribe(session, conversation.pk)),
        "ping": (4, lambda: _renew(session, [renewal])),
        "post": (16, lambda: handlers._post(session, post)),
    }
    seen = {}
    for name, (_most, act) in costs.items():
        with CaptureQueriesContext(connection) as captured:
            act()
        seen[name] = len(captured)
    too_many = {name: n for name, n in seen.items() if n > costs[name][0]}
    assert not too_many, f"more statements than allowed: {too_many}; all: {json.dumps(seen)}"


def test_buckets_of_people_who_left_are_forgotten(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.RATE_LIMITS = {"socket.frame": (2, 10)}
    now = 1000.0
    monkeypatch.setattr(quota.time, "monotonic", lambda: now)
    monkeypatch.setattr(quota, "MANY", 3)
    buckets = quota.Buckets("socket.frame")
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 5]
    now += 5
    assert [buckets.take("a") for _ in range(2)] == [0, 5]
    now += 100
    for who in "bcde":
        buckets.take(who)
    assert len(buckets._full) <= 4 and "a" not in buckets._full
