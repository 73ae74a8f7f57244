"""The bell counts live: a frame asks for the number, and the room of a person's inbox says when it changed."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.audiences import Person
from live import executor, hub
from live.rights import Session
from notifications import actions, handlers
from notifications.models import Notification
from notifications.rooms import inbox_room
from tests.live.sockets import Tab, session_of, tab
from tests.people import People

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _end_threads() -> Iterator[None]:
    """Connections of the sockets' threads do not outlive the database of a test."""
    yield
    executor.close()


def run(function: Any, *args: Any, **kwargs: Any) -> Any:
    """In a thread, as the server does it."""
    return executor.run(partial(function, *args, **kwargs))


def tell(people: People, key: str = "thing:7") -> Any:
    """Notify the owner and their colleague."""
    return run(actions.notify, recipients=[people.owner, people.colleague], event="e", title="An answer", key=key)


async def unread(one: Tab) -> int:
    """Ask for the number, as the bell does."""
    await one.send(type="unread")
    return int((await one.get("unread"))["count"])


async def test_every_open_page_of_a_person_hears_of_what_is_new_and_what_was_read(people: People) -> None:
    async with tab(people.owner) as one, tab(people.owner) as two, tab(people.neighbour) as other:
        for each in (one, two, other):
            assert await unread(each) == 0
        await tell(people)
        for each in (one, two):
            await each.get("inbox")
            assert await unread(each) == 1
        await tell(people, "thing:8")
        await one.get("inbox")
        assert await unread(one) == 2
        rows = await run(lambda: list(people.owner.notifications.all()))
        await run(actions.mark, by=Person(people.owner), notifications=rows[:1])
        await two.get("inbox")  # of the second
        await two.get("inbox")  # of reading
        assert await unread(two) == 1
        assert [frame["type"] for frame in await other.all()] == []


async def test_a_page_that_did_not_ask_hears_nothing(people: People) -> None:
    async with tab(people.owner) as owner:
        await owner.get("hello")
        await tell(people)
        assert await owner.all() == []


async def test_a_visitor_has_no_inbox(people: People) -> None:
    async with tab(visitor="somebody") as one:
        await one.send(type="unread")
        error = await one.get("error")
        assert (error["code"], error["of"]) == ("not_allowed", "unread")
        assert not hub.here().rooms


async def test_pages_are_told_to_ask_again_when_something_may_have_been_missed(people: People) -> None:
    """As after Redis was away: the room has no log that could be replayed."""
    async with tab(people.owner) as owner:
        assert await unread(owner) == 0
        hub.here()._joined(inbox_room(people.owner.pk))
        await owner.get("inbox")


async def test_the_room_is_left_with_the_last_page(people: People) -> None:
    async with tab(people.owner) as one:
        assert await unread(one) == 0
        assert list(hub.here().rooms) == [inbox_room(people.owner.pk)]
    assert not hub.here().rooms


async def test_asking_takes_a_token_of_costly_frames(people: People, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"socket.work": (1, 60)}
    async with tab(people.owner) as owner:
        assert await unread(owner) == 0
        await owner.send(type="unread")
        assert (await owner.get("error"))["code"] == "too_fast"


async def test_a_ping_of_a_page_with_only_a_bell_costs_no_query(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with tab(people.owner) as owner:
        assert await unread(owner) == 0
        monkeypatch.setattr(executor, "run", None)
        await owner.send(type="ping")
        await owner.get("pong")
        monkeypatch.undo()


def test_what_counting_costs_in_statements(people: People) -> None:
    """At most: the session with its person, and whether anything is unread; and if so what counts for this viewer."""
    scope = {"headers": [(b"cookie", f"sessionid={session_of(people.owner)}".encode())], "client": ["127.0.0.1", 1]}
    session = Session(scope)
    session.find()
    seen = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            handlers._unread(session)
        seen.append(len(captured))
        actions.notify(recipients=[people.owner], event="e", title="An answer", key="thing:7")
    assert seen[0] <= 2 and seen[1] <= 8, seen
    assert Notification.objects.count() == 1
