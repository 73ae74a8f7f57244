"""A slow conversation holds up itself alone: turns, locked rows, and an outage of the database."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from chat import actions, event_log, rooms
from chat.models import Conversation, Event
from live import consumers, executor, hub, turns
from live.rooms import RIGHTS, Envelope
from tests.live.sockets import tab
from tests.people import People
from web.live import Refused


class NotAvailable(Exception):
    """As psycopg says that a row is locked."""

    sqlstate = "55P03"


def locked() -> OperationalError:
    error = OperationalError("could not obtain lock on row")
    error.__cause__ = NotAvailable()
    return error


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience of a moment."""
    monkeypatch.setattr(turns, "PATIENCE", 0.2)


async def test_one_at_a_time_and_in_order_within_a_conversation_and_beside_each_other_in_others() -> None:
    line, done, under_way = turns.Turns(10), [], set()

    async def attempt(pk: int, n: int) -> None:
        assert pk not in under_way, "two at once in one conversation"
        under_way.add(pk)
        await asyncio.sleep(0.001 * (5 - n))
        under_way.remove(pk)
        done.append((pk, n))

    def act(pk: int, n: int) -> Any:
        return line.run(pk, lambda _attempts: attempt(pk, n))

    await asyncio.gather(*(act(pk, n) for n in range(5) for pk in (1, 2)))
    assert [n for pk, n in done if pk == 1] == [n for pk, n in done if pk == 2] == [0, 1, 2, 3, 4]
    assert {pk for pk, _n in done[:2]} == {1, 2}
    assert not line._lines, "nothing is kept of those that are done"


async def test_who_waits_behind_a_failure_fails_with_it_and_later_ones_at_once(quick: None) -> None:
    line, tried = turns.Turns(10), []

    async def attempt(n: int) -> None:
        tried.append(n)
        raise locked()

    behind = [line.run(1, attempt) for _ in range(5)]
    answers = await asyncio.gather(*behind, return_exceptions=True)
    assert [type(answer) for answer in answers] == [OperationalError] + [turns.Failed] * 4
    assert tried == list(range(len(tried))) and 2 <= len(tried) < 10, "again and again, with growing pauses"
    tried.clear()
    with pytest.raises(turns.Failed):
        await line.run(1, attempt)
    assert tried == []
    line._lines[1].pause._until = 0  # the pause is over
    assert await line.run(1, lambda attempts: asyncio.sleep(0, "done")) == "done"
    assert not line._lines


async def test_what_is_refused_is_no_failure_and_a_lost_connection_is_not_tried_again() -> None:
    line, tried = turns.Turns(10), []

    async def refused(n: int) -> None:
        raise Refused("closed")

    async def cut(n: int) -> None:
        tried.append(n)
        raise OperationalError("the connection is closed")

    with pytest.raises(Refused):
        await line.run(1, refused)
    assert await line.run(1, lambda attempts: asyncio.sleep(0, "done")) == "done"
    with pytest.raises(OperationalError):
        await line.run(1, cut)
    assert tried == [0]


async def test_only_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAITING", 3)
    line, go = turns.Turns(10), asyncio.Event()
    waiting = [asyncio.ensure_future(line.run(1, lambda attempts: go.wait())) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(turns.Full):
        await line.run(1, lambda attempts: go.wait())
    go.set()
    await asyncio.gather(*waiting)


async def test_many_slow_conversations_leave_a_place_to_others(quick: None) -> None:
    """Locked rows hold no place while they are waited for."""
    line = turns.Turns(2)

    async def attempt(n: int) -> None:
        raise locked()

    slow = [asyncio.ensure_future(line.run(pk, attempt)) for pk in range(40)]
    await asyncio.sleep(0.02)
    assert await asyncio.wait_for(line.run(99, lambda attempts: asyncio.sleep(0, "done")), 0.1) == "done"
    await asyncio.gather(*slow, return_exceptions=True)


@contextmanager
def held(pks: list[int]) -> Iterator[Callable[[], None]]:
    """The rows of these conversations, locked by another connection; gives how to let go of them."""
    ready, over = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                assert len(Conversation.objects.select_for_update().filter(pk__in=pks).values_list("pk")) == len(pks)
                ready.set()
                over.wait(60)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert ready.wait(20)

    def let_go() -> None:
        over.set()
        thread.join()

    try:
        yield let_go
    finally:
        let_go()


def asked(people: People, number: int) -> list[int]:
    """New conversations of the owner with HR."""
    by = people.viewer("owner")
    new = [actions.start_conversation(by=by, team=people.hr, question=f"{n}?", language="nl") for n in range(number)]
    return [conversation.pk for conversation in new]


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
async def test_locked_conversations_hold_up_themselves_alone(people: People, settings: Any) -> None:
    """More rows are locked than there are threads: one socket goes on in 20 other conversations; each message is
    answered; what failed and is sent again is acknowledged once, in order."""
    if connection.vendor != "postgresql":
        pytest.skip("rows are locked on PostgreSQL")
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"chat.start": (1000, 60), "chat.message": (1000, 60)}
    pks = await executor.run(asked, people, 26)
    slow, others = pks[:6], pks[6:]
    async with tab(people.owner) as owner:
        await owner.get("hello")
        with held(slow) as let_go:
            loop = asyncio.get_running_loop()
            began = loop.time()
            for n in range(2):
                for pk in slow:
                    await owner.send(type="post", conversation=pk, client_id=f"slowly-{pk}-{n}", body=f"regel {n}")
            for pk in others:
                await owner.send(type="post", conversation=pk, client_id=f"other-chat-{pk}", body="gaat door")
            acks, failed, took = set(), set(), 0.0
            while len(acks) < len(others) or len(failed) < 2 * len(slow):
                frame = await owner.communicator.receive_json(20)
                if frame["type"] == "ack":
                    acks.add(frame["conversation"])
                    took = loop.time() - began
                elif frame["type"] == "error":
                    failed.add((frame["code"], frame["client_id"]))
            assert acks == set(others)
            assert failed == {("failed", f"slowly-{pk}-{n}") for pk in slow for n in range(2)}
            let_go()
        assert took < 5, f"others waited {took:.1f} s"
        await asyncio.sleep(0.6)  # the longest first pause
        for pk in slow:
            for n in (0, 1, 0):
                await owner.send(type="post", conversation=pk, client_id=f"slowly-{pk}-{n}", body=f"regel {n}")
        for _ in range(3 * len(slow)):
            await owner.get("ack")
    said = await executor.run(
        lambda: list(Event.objects.filter(conversation__in=slow, number__gt=1).order_by("number"))
    )
    for pk in slow:
        assert [event.body for event in said if event.conversation_id == pk] == ["regel 0", "regel 1"]


@pytest.mark.django_db(transaction=True)
async def test_an_outage_is_answered_in_one_line_and_closes_nothing(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (pk,) = await executor.run(asked, people, 1)

    def away(*args: Any, **options: Any) -> Any:
        raise OperationalError("connection failed: refused\nIs the server running?")

    async with tab(people.owner) as owner:
        await owner.send(type="subscribe", conversation=pk, after=1)
        await owner.get("subscribed")
        caplog.clear()
        with monkeypatch.context() as outage, caplog.at_level(logging.WARNING):
            outage.setattr(event_log, "find", away)
            for kind, frame in (("post", {"client_id": "abcdefgh-1", "body": "x"}), ("subscribe", {}), ("typing", {})):
                await owner.send(type=kind, conversation=pk, **frame)
                error = await owner.get("error")
                assert (error["code"], error["of"], error["conversation"]) == ("failed", kind, pk)
        told = [record.getMessage() for record in caplog.records if record.name == "live.consumers"]
        assert len([line for line in told if "A frame" in line]) == 3, "one line each"
        assert all(record.exc_info is None for record in caplog.records) and not any("\n" in line for line in told)
        await asyncio.sleep(0.6)
        await owner.send(type="post", conversation=pk, client_id="abcdefgh-1", body="x")
        assert (await owner.get("ack"))["number"] == 2


@pytest.mark.django_db(transaction=True)
async def test_what_goes_out_waits_for_the_database(
    people: People, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay that fails is tried again: the socket stays, and nothing is left out."""
    real, failures = event_log.events_after, []

    def fails_first(*args: Any) -> Any:
        if not failures:
            failures.append(1)
            raise OperationalError("server closed the connection unexpectedly")
        return real(*args)

    monkeypatch.setattr(event_log, "events_after", fails_first)
    async with tab(people.owner) as owner:
        await owner.send(type="subscribe", conversation=conversation.pk)
        assert (await owner.get("event"))["number"] == 1
    assert failures


@pytest.mark.django_db(transaction=True)
async def test_one_socket_has_only_so_many_under_way(
    people: People, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "UNDER_WAY", 2)
    go, run = asyncio.Event(), turns.Turns.run

    async def slow(self: turns.Turns, pk: int, attempt: Any) -> Any:
        await go.wait()
        return await run(self, pk, attempt)

    monkeypatch.setattr(turns.Turns, "run", slow)
    async with AsyncExitStack() as stack:
        owner = await stack.enter_async_context(tab(people.owner))
        for n in range(3):
            await owner.send(type="post", conversation=conversation.pk, client_id=f"abcdefgh-{n}", body=f"{n}")
        error = await owner.get("error")
        assert (error["code"], error["client_id"]) == ("too_fast", "abcdefgh-2") and error["retry_after"]
        await owner.send(type="ping")
        await owner.get("pong")
        go.set()
        for _ in range(2):
            await owner.get("ack")


@pytest.mark.django_db(transaction=True)
async def test_who_does_not_follow_a_conversation_takes_no_turn_from_those_who_do(
    people: People, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may name a conversation that they cannot see: their frames wait behind each other alone."""
    real, go = event_log.find, threading.Event()

    def find(viewer: Any, pk: int) -> Conversation:
        if viewer.user != people.owner:
            go.wait(5)
        return real(viewer, pk)

    monkeypatch.setattr(turns, "WAITING", 2)
    async with tab(people.owner) as owner, tab(people.outsider) as stranger:
        await owner.send(type="subscribe", conversation=conversation.pk)
        await owner.get("subscribed")
        monkeypatch.setattr(event_log, "find", find)
        try:
            for n in range(3):
                await stranger.send(type="post", conversation=conversation.pk, client_id=f"abcdefgh-{n}", body="x")
            assert (await stranger.get("error"))["code"] == "too_fast", "in their own line"
            await owner.send(type="post", conversation=conversation.pk, client_id="abcdefgh-o", body="y")
            assert (await owner.get("ack"))["client_id"] == "abcdefgh-o"
        finally:
            go.set()
        assert {(await stranger.get("error"))["code"] for _ in range(2)} == {"not_found"}


@pytest.mark.django_db(transaction=True)
async def test_a_desk_hears_afterwards_that_something_moved_during_an_outage(
    people: People, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = event_log.still_visible, []

    def fails_twice(*args: Any) -> Any:
        if len(failures) < 2:
            failures.append(1)
            raise OperationalError("server closed the connection unexpectedly")
        return real(*args)

    monkeypatch.setattr(event_log, "still_visible", fails_twice)
    async with tab(people.agent) as agent:
        await agent.send(type="desk")
        await agent.get("desk_open")
        hub.here().deliver(Envelope(RIGHTS, f'{{"user": {people.agent.pk}}}'))
        hub.publish(rooms.desk_room(conversation.team_id), {"type": "desk", "conversation": conversation.pk})
        await agent.get("desk")
    assert len(failures) == 2
