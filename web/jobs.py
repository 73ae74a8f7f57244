"""Periodic work: each package declares its jobs, and one leader at a time runs those that are due."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work that is repeated. `run` must be idempotent and bounded: it may be cut off and done again."""

    name: str  # "<package>.<what it does>"
    run: Callable[[], Any]
    seconds: float  # between the end of one run and the beginning of the next
