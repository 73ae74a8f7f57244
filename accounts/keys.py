"""Audience keys: the strings that audiences and viewers are made of.

An audience is a set of keys, meaning *any of*. A viewer holds keys too. They see a row if the two sets share a key.
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
    """Return the key. Raise ValueError if it is malformed."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not an audience key: {key!r}")
    return key


def both(one: str, general: str) -> str:
    """Return the key for the members of a team or circle, or the person, who are also staff or employees.

    Teams may have members from elsewhere, so "the team, as far as the topic allows" needs a key of its own.
    """
    return f"{one}&{general}"


def parts(key: str) -> tuple[str, str]:
    """Split a key made by `both`. The second part is "" for any other key."""
    one, _and, general = key.partition("&")
    return one, general


def organisation(pk: int) -> str:
    """Return the key for everybody in an organisation."""
    return f"organisation:{pk}"


def unit(pk: int) -> str:
    """Return the key for everybody in a unit and the units below it."""
    return f"unit:{pk}"


def team(pk: int) -> str:
    """Return the key for the members of a team and of its sub-teams."""
    return f"team:{pk}"


def circle(pk: int) -> str:
    """Return the key for the members of a circle."""
    return f"circle:{pk}"


def user(pk: int) -> str:
    """Return the key for one person."""
    return f"user:{pk}"


def visitor(token: str) -> str:
    """Return the key for the holder of a visitor token (a cookie or a signed link). Only its hash is ever stored."""
    return f"visitor:{hashlib.sha256(token.encode()).hexdigest()}"
