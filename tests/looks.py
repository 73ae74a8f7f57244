"""In which language, width and theme a browser test starts: rotated from day to day, or all of them with FULL=1.

    @looks()                     # one start; `sound(page)` sees the other widths and themes from there
    @looks("width")              # both widths, for what is done otherwise on a phone; each in another language
    @looks("language")           # both languages, for words that only one of them has
    def test_something(visit, look):
        page = visit(f"/{look.language}/", **look.options)

The day stands at the top of pytest's output; LOOKS_DAY=739585 repeats it.
"""

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

FULL = os.environ.get("FULL") == "1"
LANGUAGES, WIDTHS, THEMES = ("nl", "en"), (390, 1280), (False, True)
# Kept in the environment, so that all workers have the day of the process that began them.
DAY = int(os.environ.setdefault("LOOKS_DAY", str(datetime.now(UTC).date().toordinal())))


@dataclass(frozen=True)
class Look:
    """A language, a width in pixels, and whether it is dark."""

    language: str
    width: int
    dark: bool

    def __str__(self) -> str:
        return f"{self.language}-{self.width}-{'dark' if self.dark else 'light'}"

    @property
    def options(self) -> dict[str, Any]:
        """What `visit()` and `context_factory()` take."""
        return {"language": self.language, "width": self.width, "dark": self.dark}


Test = Callable[..., None]
ALL = [Look(language, width, dark) for language in LANGUAGES for width in WIDTHS for dark in THEMES]


def rotated(name: str, day: int = DAY) -> Look:
    """Where to start what has this name: in eight days each of the eight once."""
    return ALL[(zlib.crc32(name.encode()) + day * 5) % len(ALL)]


def chosen(name: str, each: str = "", *, day: int = DAY, full: bool = FULL) -> list[Look]:
    """The looks to start in; two that differ in everything when `each` names what must be seen both ways."""
    if full:
        return ALL
    first = rotated(name, day)
    if not each:
        return [first]
    other = Look(LANGUAGES[first.language == "nl"], WIDTHS[first.width == WIDTHS[0]], not first.dark)
    return sorted([first, other], key=lambda look: getattr(look, each))


def looks(each: str = "") -> Callable[[Test], Test]:
    """Run a test with `look`, in what `chosen` says for its name."""

    def decorate(test: Test) -> Test:
        name = f"{test.__module__}.{test.__name__}"
        return pytest.mark.parametrize("look", chosen(name, each), ids=str)(test)

    return decorate


def pytest_report_header() -> str:
    """How to repeat this run."""
    return "looks: all (FULL=1)" if FULL else f"looks: LOOKS_DAY={DAY}"
