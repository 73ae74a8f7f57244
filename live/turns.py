"""Turns: frames that change the same row are carried out one at a time and in order. A slow row holds up itself alone.

Frames wait on the event loop, not in a thread. That goes for a row that somebody else has locked, too: the attempt
fails at once (NOWAIT), and is repeated after growing pauses, for PATIENCE seconds. After that all frames that wait for
the same row fail with it, and for a while the row is not tried at all: clients send again by themselves. One thread is
left to what only reads.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar

from web.backoff import Backoff
from web.outages import UNANSWERED

T = TypeVar("T")
PATIENCE = 3.0  # seconds during which a locked row is tried
WAITING = 100  # frames that may wait for one row
MANY = 1_000  # rows remembered; beyond that those that may be tried again are forgotten
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL: NOWAIT, or lock_timeout


class Full(Exception):
    """Too many frames wait for this row already."""


class Failed(Exception):
    """Not tried: the frame before it failed a moment ago."""


def is_locked(error: BaseException) -> bool:
    """True if somebody else has locked the row."""
    return getattr(error.__cause__, "sqlstate", "") == _LOCK_NOT_AVAILABLE


def first_line(error: BaseException) -> str:
    """Return the first line of what a database says, for the log."""
    return (str(error).splitlines() or [type(error).__name__])[0]


class _Line:
    """The frames that wait for one row."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()  # wakes in the order of asking
        self.waiting = 0
        self.failures = 0  # ever; whoever waited through one fails with it
        self.pause = Backoff(first=0.5, most=4)

    @property
    def idle(self) -> bool:
        return not self.waiting and not self.pause.left()


class Turns:
    """The turns of one event loop, in which `at_once` rows at most use the database."""

    def __init__(self, at_once: int) -> None:
        self._lines: dict[Hashable, _Line] = {}
        self._places = asyncio.Semaphore(at_once)

    async def run(self, line_of: Hashable, attempt: Callable[[int], Awaitable[T]]) -> T:
        """Await `attempt(n)` when its turn has come among those of the same line; n counts the attempts before.

        Raises Full, Failed, one of UNANSWERED, and whatever else the attempt raises.
        """
        line = self._line(line_of)
        if line.pause.left():
            raise Failed
        if line.waiting >= WAITING:
            raise Full
        line.waiting += 1
        failures = line.failures
        try:
            async with line.turn:
                if line.failures != failures:
                    raise Failed
                return await self._in_turn(line, attempt)
        finally:
            line.waiting -= 1
            if line.idle and not line.pause.failures:
                self._lines.pop(line_of, None)

    def _line(self, name: Hashable) -> _Line:
        if name not in self._lines:
            if len(self._lines) > MANY:
                self._lines = {known: line for known, line in self._lines.items() if not line.idle}
            self._lines[name] = _Line()
        return self._lines[name]

    async def _in_turn(self, line: _Line, attempt: Callable[[int], Awaitable[T]]) -> T:
        try:
            done = await self._patiently(attempt)
        except UNANSWERED:
            line.failures += 1
            line.pause.failed()
            raise
        line.pause.succeeded()
        return done

    async def _patiently(self, attempt: Callable[[int], Awaitable[T]]) -> T:
        clock = asyncio.get_running_loop().time
        end, pauses = clock() + PATIENCE, Backoff(first=0.02, most=0.5)
        while True:
            try:
                async with self._places:
                    return await attempt(pauses.failures)
            except UNANSWERED as error:
                if not is_locked(error):
                    raise
                pause = pauses.failed()
                if clock() + pause > end:
                    raise
            await asyncio.sleep(pause)
