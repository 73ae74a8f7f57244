"""The line to other processes: nobody waits for it, and what it loses is read from the database."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from chat import actions, rooms
from chat.models import Conversation
from live import executor, hub, wire
from live.rooms import Envelope
from tests.faults.nodes import Redis, redis_server
from tests.live.sockets import Tab, tab
from tests.people import People

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def server(settings: Any) -> Iterator[Redis]:
    """A Redis of this test's own, which the hub uses."""
    with redis_server() as redis:
        settings.REDIS_URL = redis.url
        yield redis


class Line:
    """A connection to Redis that can be slow, cut, or silent as when a cable is pulled."""

    def __init__(self, port: int) -> None:
        self.to, self.delay, self.silent = port, 0.0, False
        self.writers: list[asyncio.StreamWriter] = []

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction; what comes later is not held up by what is on its way."""
        loop = asyncio.get_running_loop()
        while data := await reader.read(65536):
            if not self.silent:
                loop.call_later(self.delay, writer.write, data)
        writer.close()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A client connects."""
        there = await asyncio.open_connection("127.0.0.1", self.to)
        self.writers += [writer, there[1]]
        await asyncio.gather(self.carry(reader, there[1]), self.carry(there[0], writer), return_exceptions=True)

    def cut(self) -> None:
        """End every connection."""
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()


@asynccontextmanager
async def line(server: Redis, settings: Any) -> AsyncIterator[Line]:
    """Between the hub and the Redis of this test."""
    between = Line(server.port)
    listening = await asyncio.start_server(between.accept, "127.0.0.1", 0)
    settings.REDIS_URL = f"redis://127.0.0.1:{listening.sockets[0].getsockname()[1]}/0"
    try:
        yield between
    finally:
        listening.close()
        between.cut()
        await asyncio.sleep(0.05)  # both directions end


async def until(condition: Any, seconds: float = 15) -> None:
    """Poll."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def follow(one: Tab, pk: int) -> None:
    """Subscribe from event 1, and be heard of by other processes."""
    await one.send(type="subscribe", conversation=pk, after=1)
    await one.get("subscribed")


async def elsewhere(people: People, conversation: Conversation, text: str, sender: wire.Sender | None) -> None:
    """A post by another process, which tells of it by its own line, or of which nobody hears."""
    with pytest.MonkeyPatch.context() as patch:
        loop = asyncio.get_running_loop()
        send = sender.send if sender else lambda frame: None
        patch.setattr(hub, "_publish", lambda frame: loop.call_soon_threadsafe(send, frame))
        post = partial(actions.post_message, by=people.viewer("owner"), conversation=conversation, body=text)
        await executor.run(post)


async def test_what_is_missed_comes_after_redis_and_the_line_are_back(
    people: People, conversation: Conversation, server: Redis, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut, silent and restarted: each time what another process saved meanwhile comes, without a ping, once."""
    monkeypatch.setattr(wire, "BEAT", 0.1)
    monkeypatch.setattr(wire, "SILENT", 0.4)
    monkeypatch.setattr(wire, "PATIENCE", 0.5)
    async with line(server, settings) as between, tab(people.agent) as agent:
        await follow(agent, conversation.pk)
        other = wire.Sender("another-process")
        await elsewhere(people, conversation, "gewoon", None)
        await elsewhere(people, conversation, "gewoon 2", other)
        assert [(await agent.get("event"))["number"] for _ in range(2)] == [2, 3]

        await elsewhere(people, conversation, "in de breuk", None)
        between.cut()
        assert (await agent.get("event"))["number"] == 4

        between.silent = True
        await elsewhere(people, conversation, "in de stilte", None)
        cut = len(between.writers)
        await until(lambda: len(between.writers) > cut)  # noticed: it connects anew
        between.silent = False
        assert (await agent.get("event"))["number"] == 5

        server.kill()
        between.cut()
        await elsewhere(people, conversation, "zonder Redis", other)
        server.start()
        assert (await agent.get("event"))["number"] == 6
        assert [frame for frame in await agent.all() if frame["type"] == "event"] == [], "each once"
        await other.stop()


async def test_a_hung_redis_holds_up_nobody(
    people: People, conversation: Conversation, server: Redis, settings: Any
) -> None:
    """Subscribing, posting, hearing of it here, and closing, while Redis accepts and says nothing."""
    assert server._process is not None
    os.kill(server._process.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(15), tab(people.agent) as agent, tab(people.owner) as owner:
            for one in (agent, owner):
                await follow(one, conversation.pk)
            for n in range(5):
                await owner.send(type="post", conversation=conversation.pk, client_id=f"abcdefgh-{n}", body=f"{n}")
                assert (await owner.get("ack"))["number"] == n + 2
                assert (await agent.get("event"))["number"] == n + 2
            assert not agent.communicator.future.done()
        assert not hub.here().connections and not hub.here().rooms
    finally:
        os.kill(server._process.pid, signal.SIGCONT)


async def test_a_thousand_joins_over_a_slow_line_do_not_queue(server: Redis, settings: Any) -> None:
    async with line(server, settings) as between:
        between.delay = 0.2
        came: set[str] = set()
        listener = wire.Listener("me", lambda frame: None, came.add)
        listener.join("rights")
        await until(lambda: "rights" in came)
        began = asyncio.get_running_loop().time()
        for n in range(1000):
            listener.join(f"c.{n}")
            if not n % 100:
                await asyncio.sleep(0)
        assert asyncio.get_running_loop().time() - began < 0.2, "nobody waits for it"
        await until(lambda: len(came) == 1001)
        assert asyncio.get_running_loop().time() - began < 10, "one after the other takes 400 s"
        listener.stop()


async def test_what_is_left_is_not_heard_and_what_is_joined_again_is(server: Redis) -> None:
    heard: list[str] = []
    came: list[str] = []
    listener = wire.Listener("me", lambda frame: heard.append(frame.text), came.append)
    other, own = wire.Sender("other"), wire.Sender("me")
    for room in ("c.1", "c.2"):
        listener.join(room)
    await until(lambda: len(came) == 2)
    listener.leave("c.1")
    listener.leave("c.2")
    listener.join("c.2")
    await asyncio.sleep(0.1)
    own.send(Envelope("c.2", "my own", 1))
    other.send(Envelope("c.1", "left", 1))
    other.send(Envelope("c.2", "tweede, met spaties é", 1))
    await until(lambda: heard)
    assert heard == ["tweede, met spaties é"]
    listener.stop()
    await asyncio.gather(other.stop(), own.stop())


async def test_closing_touches_the_rooms_of_that_socket_alone() -> None:
    """However many rooms there are."""

    class Rooms(dict[str, Any]):
        def __iter__(self) -> Any:
            raise AssertionError("all rooms are looked through")

        items = keys = values = __iter__

    class Connection:
        logs: dict[str, int] = {}
        audiences: dict[str, int] = {}

    here, one, two = hub.here(), Connection(), Connection()
    here.rooms = Rooms()
    for connection in (one, two):
        here.connect(connection)
        here.enter("c.1", connection)
    here.enter("c.2", two)
    here.disconnect(two)
    assert dict.keys(here.rooms) == {"c.1"}
    here.enter("c.3", two)
    assert dict.keys(here.rooms) == {"c.1"}, "who is gone enters nothing"
    here.disconnect(one)
    assert not len(here.rooms) and not here.connections


async def test_how_it_stood_before_does_not_come_after(people: People, conversation: Conversation) -> None:
    """A state that was on its way by Redis while something newer went out."""
    async with tab(people.owner) as owner:
        await follow(owner, conversation.pk)
        room = rooms.conversation_room(conversation.pk)
        for number, state in ((2, "closed"), (1, "waiting")):
            text = f'{{"type":"event","number":{number}}}'
            hub.here().deliver(Envelope(room, text, number))
            hub.here().deliver(Envelope(room, f'{{"type":"state","state":"{state}"}}', 0, number))
        await owner.get("event", number=2)
        after = [frame for frame in await owner.all() if frame["type"] in ("event", "state")]
        assert [frame["state"] for frame in after] == ["closed"]


async def test_who_comes_when_the_last_one_has_just_left_is_heard_of(server: Redis) -> None:
    """The end of the old connection takes a few turns of the loop; what is wanted meanwhile goes to the new one."""
    other, heard = wire.Sender("another-process"), list[str]()
    listener = wire.Listener("this-process", lambda frame: heard.append(frame.room), lambda room: None)
    for turns in range(40):
        listener.join("c.1")
        await asyncio.sleep(0.02)
        listener.stop()
        listener.join("rights")
        for _ in range(turns):
            await asyncio.sleep(0)
        listener.join(f"t.{turns}")
        async with asyncio.timeout(5):
            while f"t.{turns}" not in heard:
                other.send(Envelope(f"t.{turns}", "{}"))
                await asyncio.sleep(0.02)
    listener.stop()
    await other.stop()
