"""Numbers and text out of addresses, forms, cookies and frames, within the bounds that the database stores."""

import re
from collections.abc import Mapping

LARGEST = 2**63 - 1  # of a bigint, which is what primary keys are
SEARCH_LENGTH = 200  # characters that lists are searched for
_DIGITS = re.compile(r"[0-9]{1,19}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
COOKIE_LENGTH = 4096


def number(text: object, most: int = LARGEST) -> int | None:
    """The number that ASCII digits alone write, from 0 to `most`; None for everything else, such as "²", "+1", " 1"."""
    if not isinstance(text, str) or not _DIGITS.fullmatch(text):
        return None
    value = int(text)
    return value if value <= most else None


def key(text: object) -> int:
    """A primary key; 0, which no row has, for what is none."""
    return number(text) or 0


def text(given: Mapping[str, str], name: str, most: int) -> str:
    """What was given under a name, cut at `most` characters; "" when it was not."""
    value = given.get(name, "")
    return value[:most] if isinstance(value, str) else ""


def search_text(given: Mapping[str, str], name: str = "q") -> str:
    """What a list is searched for. SQLite takes no pattern of more than 50,000 bytes, and people type no such thing."""
    return text(given, name, SEARCH_LENGTH).strip()


def fits(value: object) -> bool:
    """Whether a part of an address that is a number, or is written as one, is one that the database stores."""
    if isinstance(value, int):
        return 0 <= value <= LARGEST
    return not isinstance(value, str) or not value.isdecimal() or number(value) is not None


def cookies(given: Mapping[str, str]) -> dict[str, str]:
    """The cookies that a browser could have from us: none with a control character, which PostgreSQL refuses as a
    session's key, and none longer than browsers keep."""
    return {name: value for name, value in given.items() if len(value) <= COOKIE_LENGTH and not _CONTROLS.search(value)}
