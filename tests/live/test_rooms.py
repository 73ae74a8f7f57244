"""Declared rooms and frames: what they name exists, and no two packages mean different things by one name."""

import pytest
from django.apps import apps
from django.utils.module_loading import import_string

from chat.rooms import conversation_room, desk_room, queue_room
from live import rooms, schema
from live.rooms import Envelope
from notifications.rooms import inbox_room
from tests.described import described
from web.live import Frame, Room
from web.packages import packages


def test_what_declarations_name_exists() -> None:
    assert rooms.logs(), "no room with a log is declared any more"
    for room in rooms.declared().values():
        if room.subscriptions:
            assert isinstance(import_string(room.subscriptions), type)
        if room.log is not None:
            assert callable(import_string(room.log.events_after)) and callable(import_string(room.log.last_numbers))
            apps.get_model(room.log.model)._meta.get_field("audience")
        else:
            assert room.missed is not None, f"{room.name}: nobody in it hears what may have been missed"


def test_one_name_has_one_meaning() -> None:
    """Kinds and names of rooms, types of frames, and fields that errors repeat."""
    declared = [room for package in packages() for room in package.rooms]
    assert len({room.kind for room in declared}) == len({room.name for room in declared}) == len(declared)
    repeated: dict[str, set[object]] = {}
    for frame in schema.frames().values():
        for name, field in frame.fields.items():
            if field.repeated:
                repeated.setdefault(name, set()).add(field)
    assert repeated and all(len(fields) == 1 for fields in repeated.values()), repeated
    with described(rooms=(Room(kind="c", name="case"),), frames=(Frame(type="post", handler="other.on_post"),)):
        for reader in (rooms.declared, schema.frames):
            with pytest.raises(ValueError, match="two packages declare"):
                reader()


def test_who_may_have_missed_something_replays_or_asks_again() -> None:
    seen = [rooms.missed(room) for room in (conversation_room(7), desk_room(3), queue_room(3), inbox_room(5))]
    assert seen == [
        Envelope("c.7", ""),
        Envelope("t.3", '{"type":"desk","conversation":0}'),
        Envelope("q.3", '{"type":"queue","team":3}'),
        Envelope("i.5", '{"type":"inbox"}'),
    ]


def test_rows_are_named_between_processes_and_unknown_names_are_ignored() -> None:
    assert rooms.by_name("conversation", 7) == "c.7"
    assert rooms.by_name("case", 7) == ""
