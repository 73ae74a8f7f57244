"""What each package says of itself, in its `package.py`, for the rest of the product to read.

A package is added by giving it a `package.py` with a `PACKAGE` and naming it in INSTALLED_APPS; it is named nowhere
else. Descriptions hold values, strings and callables; roles, people and models by name.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings

from web.jobs import Job
from web.live import Frame, Room


@dataclass(frozen=True, kw_only=True)
class Package:
    """The description of one package."""

    name: str
    jobs: tuple[Job, ...] = ()
    rooms: tuple[Room, ...] = ()  # of the socket
    frames: tuple[Frame, ...] = ()  # that clients may send


@cache
def packages() -> tuple[Package, ...]:
    """The descriptions of all installed packages, in the order of INSTALLED_APPS reversed: what others stand on comes
    first. Apps without a `package.py` (libraries) are left out."""
    ours = [name for name in reversed(settings.INSTALLED_APPS) if "." not in name and find_spec(f"{name}.package")]
    return tuple(import_module(f"{name}.package").PACKAGE for name in ours)
