"""Parse the frames that come in, by the types and fields that packages declare.

A frame that passes has exactly the declared fields, of their types and within their bounds; other fields are left out.
docs/socket-protocol.md describes the same frames, and tests/live/test_schema.py compares the two.
"""

import json
from collections.abc import Mapping
from typing import Any

from web.live import BadFrame, Field, Frame
from web.packages import Package, composed, merged
from web.params import UNSTORABLE

VERSION = 1
MAX_FRAME = 32_768  # characters of one incoming frame
MAX_DEPTH = 4  # of fields within fields; no declaration has any


@composed
def frames(packages: tuple[Package, ...]) -> dict[str, Frame]:
    """Return the frames that packages declare, by type."""
    return merged({frame.type: frame} for package in packages for frame in package.frames)


@composed
def _repeated(packages: tuple[Package, ...]) -> dict[str, Field]:
    """Return the fields that an error repeats when they are valid, by name."""
    declared = (frame for package in packages for frame in package.frames)
    return {name: each for frame in declared for name, each in frame.fields.items() if each.repeated}


def parse(text: str) -> dict[str, Any]:
    """Return the fields of an incoming frame, `type` among them. Raises BadFrame."""
    try:
        frame = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_short_int)
    except (ValueError, RecursionError):
        raise BadFrame from None
    if type(frame) is not dict or type(frame.get("type")) is not str or not _sound(frame, MAX_DEPTH):
        raise BadFrame
    declared = frames().get(frame["type"])
    if declared is None:
        raise BadFrame("unknown_type")
    try:
        return {"type": declared.type} | {name: _read(each, frame, name) for name, each in declared.fields.items()}
    except BadFrame as refused:
        raise BadFrame(refused.code, {"of": declared.type} | _valid_repeated(frame)) from None


def about(frame: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the answer to a parsed frame repeats of it."""
    return {"of": frame["type"]} | {name: frame[name] for name in _repeated() if name in frame}


def _read(declared: Field, frame: dict[str, Any], name: str) -> Any:
    if name in frame:
        return declared.read(frame[name])
    if declared.required:
        raise BadFrame
    return declared.default


def _valid_repeated(frame: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, declared in _repeated().items():
        try:
            found[name] = declared.read(frame.get(name))
        except BadFrame:
            continue
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that comes twice: readers differ in which value they take."""
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
    """True if every text in it can be stored and sent, and nothing is nested too deep."""
    if type(value) is str:
        return not UNSTORABLE.search(value)
    if type(value) not in (dict, list):
        return True
    if depth == 0:
        return False
    if type(value) is dict:
        return all(_sound(name, depth) and _sound(each, depth - 1) for name, each in value.items())
    return all(_sound(each, depth - 1) for each in value)
