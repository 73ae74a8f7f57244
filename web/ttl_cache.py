"""A cache for values that change rarely and are needed on every page: read once, then kept for some seconds."""

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from web import scope

T = TypeVar("T")
everything: "list[Kept[Any]]" = []  # for tests, which must not see values of another test


class Kept(Generic[T]):
    """A function without arguments whose result is cached for `seconds`, or until `forget()` in the same process.

    titles = Kept(_read_titles, 5.0)
    titles()
    """

    def __init__(self, read: Callable[[], T], seconds: float) -> None:
        self._read, self.seconds = read, seconds
        self._held: tuple[float, T] | None = None
        everything.append(self)

    def __call__(self) -> T:
        """Return the value, at most `seconds` old."""
        now, held = time.monotonic(), self._held
        if held is None or now - held[0] >= self.seconds:
            with scope.reading_as(None):  # cached for all readers
                held = self._held = now, self._read()
        return held[1]

    def forget(self) -> None:
        """Drop the value, because it changed."""
        self._held = None
