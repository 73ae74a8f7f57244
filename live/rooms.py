"""The rooms of the socket: their names, as packages declare them, and what travels to them.

A room is called "<kind>.<pk>". Beside the declared kinds there is the room `rights`, in which every process hears of
changes of what people may see, and of sessions that ended.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string

from web.live import Log, Replay, Room
from web.packages import Package, composed, merged

RIGHTS = "rights"
AT_ONCE = 2_000  # rows in one query


@dataclass(frozen=True, slots=True)
class Envelope:
    """A frame on its way to a room.

    `text`: as sockets get it; "" has them look in the database. `number`: of the event in its room, or 0. `last`: of a
    frame without number that tells how something stands, the number of the event that it followed.
    """

    room: str
    text: str
    number: int = 0
    last: int = 0


def encoded(payload: dict[str, Any]) -> str:
    """Return a frame as it is sent."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


@composed
def declared(packages: tuple[Package, ...]) -> dict[str, Room]:
    """Return the rooms that packages declare, by their kind."""
    return merged({room.kind: room} for package in packages for room in package.rooms)


def parts(room: str) -> tuple[Room | None, int]:
    """Return the declaration of a room, and the pk of its row. (None, 0) for a room of no declared kind."""
    kind, _dot, pk = room.partition(".")
    declaration = declared().get(kind)
    return (declaration, int(pk)) if declaration else (None, 0)


def logs() -> dict[str, Log]:
    """Return the logs of rooms, by the kind of room."""
    return {room.kind: room.log for room in declared().values() if room.log is not None}


def log_of(room: str) -> Log | None:
    """Return the log of a room, or None for a room without one."""
    declaration, _pk = parts(room)
    return declaration.log if declaration else None


def log_and_pk(room: str) -> tuple[Log, int]:
    """Return the log of a room, and the pk of its row. Raises ValueError for a room without one."""
    declaration, pk = parts(room)
    if declaration is None or declaration.log is None:
        raise ValueError(f"{room} has no log")
    return declaration.log, pk


def by_name(name: str, pk: int) -> str:
    """Return the room of a row, `by_name("conversation", 7)`; "" when no room has that name: a process of a newer
    version may name it."""
    return next((room.room(pk) for room in declared().values() if room.name == name), "")


def missed(room: str) -> Envelope:
    """Return what has those in a room look for themselves, when something in it may not have reached them."""
    declaration, pk = parts(room)
    if declaration is None or declaration.log is not None or declaration.missed is None:
        return Envelope(room, "")
    return Envelope(room, encoded(declaration.missed(pk)))


def events_after(viewer: Any, room: str, number: int) -> Replay:
    """Read what came after an event from the log of a room. Raises Refused when the viewer may not see it."""
    log, pk = log_and_pk(room)
    found: Replay = import_string(log.events_after)(viewer, pk, number)
    return found


def last_numbers(rooms: list[str]) -> dict[str, int]:
    """Return the number of the last event of those rooms that have a log. One query for each kind and AT_ONCE rooms."""
    found: dict[str, int] = {}
    for kind, log in logs().items():
        pks = [parts(room)[1] for room in rooms if room.startswith(f"{kind}.")]
        for begin in range(0, len(pks), AT_ONCE):
            numbers = import_string(log.last_numbers)(pks[begin : begin + AT_ONCE])
            found |= {f"{kind}.{pk}": number for pk, number in numbers.items()}
    return found


def subscriptions() -> list[Any]:
    """Return the classes of what packages keep for a socket, each once."""
    return list(dict.fromkeys(import_string(path) for room in declared().values() if (path := room.subscriptions)))
