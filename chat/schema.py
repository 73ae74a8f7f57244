"""The frames that may come in: one table of types and fields, applied right after parsing.

Whatever passes has exactly these fields, of these kinds, within these bounds; fields that the table does not know are
left out. docs/chat-protocol.md describes the same table, and tests/chat/test_schema.py compares the two.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.params import UNSTORABLE

MAX_NUMBER = 2**31 - 1  # of an event in its conversation
MAX_ID = 2**63 - 1  # of a row
MAX_DEPTH = 4  # of fields within fields; the table knows none
_MISSING = object()


class BadFrame(Exception):
    """The frame is refused. `code`: one of docs/chat-protocol.md; `about`: what the answer may repeat of it."""

    def __init__(self, code: str = "bad_frame", about: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.about = dict(about or {})


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from `least` to `most`; true and 1.0 are none."""

    least: int
    most: int
    default: Any = _MISSING

    def read(self, value: Any) -> int:
        """The value. Raises BadFrame."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise BadFrame
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    default: Any = _MISSING

    def read(self, value: Any) -> bool:
        """The value. Raises BadFrame."""
        if type(value) is not bool:
            raise BadFrame
        return value


@dataclass(frozen=True, slots=True)
class Text:
    """A text that fits a pattern, or of at most `most` characters (code points)."""

    most: int
    pattern: str = ""
    default: Any = _MISSING

    def read(self, value: Any) -> str:
        """The value. Raises BadFrame: `invalid` for a text that does not fit, since people type texts."""
        if type(value) is not str:
            raise BadFrame
        if len(value) > self.most or (self.pattern and not re.fullmatch(self.pattern, value, re.ASCII)):
            raise BadFrame("invalid")
        return value


Field = Number | Flag | Text
CONVERSATION: dict[str, Field] = {"conversation": Number(1, MAX_ID)}
CLIENT_ID = Text(64, "[A-Za-z0-9_-]{8,64}")
FRAMES: dict[str, dict[str, Field]] = {
    "subscribe": CONVERSATION | {"after": Number(0, MAX_NUMBER, default=0)},
    "unsubscribe": CONVERSATION,
    "post": CONVERSATION | {"client_id": CLIENT_ID, "body": Text(32_768)},  # how long a message may be, its form says
    "typing": CONVERSATION,
    "seen": CONVERSATION | {"number": Number(0, MAX_NUMBER)},
    "take": CONVERSATION | {"over": Flag(default=False)},
    "release": CONVERSATION,
    "transfer": CONVERSATION | {"team": Number(1, MAX_ID)},
    "close": CONVERSATION,
    "reopen": CONVERSATION,
    "desk": {},
    "ping": {},
}
ECHOED: dict[str, Field] = CONVERSATION | {"client_id": CLIENT_ID}  # what an error repeats, when it is sound


def parse(text: str) -> dict[str, Any]:
    """The fields of an incoming frame, `type` among them. Raises BadFrame."""
    try:
        frame = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_short_int)
    except (ValueError, RecursionError):
        raise BadFrame from None
    if type(frame) is not dict or type(frame.get("type")) is not str or not _sound(frame, MAX_DEPTH):
        raise BadFrame
    fields = FRAMES.get(frame["type"])
    if fields is None:
        raise BadFrame("unknown_type")
    about = {"of": frame["type"]} | _echoed(frame)
    try:
        return {"type": frame["type"]} | {name: _read(field, frame, name) for name, field in fields.items()}
    except BadFrame as refused:
        raise BadFrame(refused.code, about) from None


def about(frame: Mapping[str, Any]) -> dict[str, Any]:
    """What the answer to a frame that `parse` let in may repeat of it."""
    return {"of": frame["type"]} | {name: frame[name] for name in ECHOED if name in frame}


def _read(field: Field, frame: dict[str, Any], name: str) -> Any:
    if name in frame:
        return field.read(frame[name])
    if field.default is _MISSING:
        raise BadFrame
    return field.default


def _echoed(frame: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, field in ECHOED.items():
        try:
            found[name] = field.read(frame.get(name))
        except BadFrame:
            continue
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that comes twice has no one value: readers differ in which they take."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("the same name twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _short_int(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError("too long a number")
    return int(digits)


def _sound(value: Any, depth: int) -> bool:
    """Whether every text in it can be stored and sent, and nothing stands too deep."""
    if type(value) is str:
        return not UNSTORABLE.search(value)
    if type(value) not in (dict, list):
        return True
    if depth == 0:
        return False
    if type(value) is dict:
        return all(_sound(name, depth) and _sound(each, depth - 1) for name, each in value.items())
    return all(_sound(each, depth - 1) for each in value)
