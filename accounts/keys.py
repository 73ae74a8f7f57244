"""Audience keys: the words in which audiences and viewers are told.

An audience is a set of keys, meaning *any of*. A viewer holds keys too; they see a row when the two sets meet.
"""

import hashlib
import re

PUBLIC = "public"
EMPLOYEES = "employees"
STAFF = "staff"
_KEY = re.compile(
    r"public|employees|staff|(organisation|unit|team|circle|user):[1-9][0-9]*|visitor:[0-9a-f]{64}"
    r"|(team|circle|user):[1-9][0-9]*&(employees|staff)"
)


def check_key(key: str) -> str:
    """The key itself. Raises ValueError when it is none."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not an audience key: {key!r}")
    return key


def both(one: str, general: str) -> str:
    """Those of a team or circle, or the person, who are staff or employees as well. Teams may have members from
    elsewhere, so "the team, as far as the topic allows" needs a key of its own."""
    return f"{one}&{general}"


def parts(key: str) -> tuple[str, str]:
    """What `both` put together: the key and "" for one that stands alone."""
    one, _and, general = key.partition("&")
    return one, general


def organisation(pk: int) -> str:
    """Everybody of an organisation."""
    return f"organisation:{pk}"


def unit(pk: int) -> str:
    """Everybody of a unit and of the units below it."""
    return f"unit:{pk}"


def team(pk: int) -> str:
    """The members of a team and of its parts' parents."""
    return f"team:{pk}"


def circle(pk: int) -> str:
    """The members of a circle."""
    return f"circle:{pk}"


def user(pk: int) -> str:
    """One person."""
    return f"user:{pk}"


def visitor(token: str) -> str:
    """The holder of a visitor token (a cookie or a signed link); only its hash is ever stored."""
    return f"visitor:{hashlib.sha256(token.encode()).hexdigest()}"
