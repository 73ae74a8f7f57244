"""The types by which a package declares its rooms of the socket, and the frames that clients may send to it.

A declaration names functions and classes by their dotted path: reading it loads no model. `live/` has the one consumer
that reads them all.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from web.http import Viewer

MAX_NUMBER = 2**31 - 1  # of an event in its room
MAX_ID = 2**63 - 1  # of a row
Payload = dict[str, Any]
_MISSING: Any = object()


class BadFrame(Exception):
    """The frame cannot be read. `code`: an error code of the protocol; `about`: the fields that the answer repeats."""

    def __init__(self, code: str = "bad_frame", about: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.about = dict(about or {})


class Refused(Exception):
    """The frame was not carried out. `code`: an error code of the protocol."""

    def __init__(self, code: str, retry_after: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


# -- frames -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a frame. `default`: its value when it is missing; `repeated`: an error repeats it when it is valid."""

    default: Any = _MISSING
    repeated: bool = False

    @property
    def required(self) -> bool:
        """True if a frame without this field is refused."""
        return self.default is _MISSING

    def read(self, value: Any) -> Any:
        """Return the value. Raises BadFrame."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Field):
    """A whole number from `least` to `most`; true and 1.0 are none."""

    least: int
    most: int

    def read(self, value: Any) -> int:
        """Return the number. Raises BadFrame."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise BadFrame
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Boolean(Field):
    """True or false."""

    def read(self, value: Any) -> bool:
        """Return the flag. Raises BadFrame."""
        if type(value) is not bool:
            raise BadFrame
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Field):
    """A text of at most `most` characters (code points) that matches `pattern`, if there is one."""

    most: int
    pattern: str = ""

    def read(self, value: Any) -> str:
        """Return the text. Raises BadFrame: `invalid` for a text that does not fit, since people type texts."""
        if type(value) is not str:
            raise BadFrame
        if len(value) > self.most or (self.pattern and not re.fullmatch(self.pattern, value, re.ASCII)):
            raise BadFrame("invalid")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame that clients may send.

    `handler`: the dotted path of `async def handler(socket, frame)`, called on the event loop with the fields that
    were read, `type` among them. It raises Refused; what else it raises is answered `failed`.
    `concurrent`: the socket goes on with later frames while this one waits.
    `costly`: the frame takes a token of the rate limit "socket.work".
    """

    type: str
    handler: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    concurrent: bool = False
    costly: bool = False


# -- rooms ------------------------------------------------------------------------------------------


class Replay(NamedTuple):
    """Events read from the database: number and text of each. `more`: there may be later ones."""

    events: list[tuple[int, str]]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The numbered events of a room, kept in the database: a socket replays from there whatever it missed.

    `model`: the rows that have such a log; their `audience_id` is compared in the periodic look at rights.
    `events_after(viewer, pk, number)` returns a Replay; raises Refused when the viewer may not see the row.
    `last_numbers(pks)` returns {pk: number of the last event}, without asking who may see it.
    `gone(pk)` makes the frame that says that the row is not there for this person any more.
    """

    model: str
    events_after: str
    last_numbers: str
    gone: Callable[[int], Payload]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A kind of room. The room of row 7 is called "<kind>.7".

    `name`: what the row is, "conversation".
    `missed(pk)` makes the frame for those in a room without log when something in it may not have reached them.
    `subscriptions`: the dotted path of a class as `Subscriptions` below, or "" when nothing is kept for a socket.
    """

    kind: str
    name: str
    log: Log | None = None
    missed: Callable[[int], Payload] | None = None
    subscriptions: str = ""

    def room(self, pk: int) -> str:
        """Return the name of the room of a row."""
        return f"{self.kind}.{pk}"


class Subscriptions(Protocol):
    """What a package keeps for one open socket. It is made when the socket opens, and called on the event loop."""

    def __init__(self, socket: Any) -> None: ...

    def check(self) -> Callable[[Viewer], Any]:
        """Return a function that finds, in a thread, what the viewer may still see. `checked` gets its result."""

    def checked(self, found: Any) -> Awaitable[None]:
        """Leave the rooms that the viewer may not be in any more."""

    def renewal(self) -> Callable[[Viewer], list[str]] | None:
        """Return a function that renews, in a thread, the presence of this socket's person, and returns the rooms of
        which an event did not arrive. None when there is nothing to renew."""

    def left(self, room: str) -> None:
        """Forget a room with a log, which the socket has just left."""

    def closed(self) -> Awaitable[None]:
        """The socket closed, and has left every room."""
