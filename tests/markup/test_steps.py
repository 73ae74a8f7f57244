"""The cost of cleaning, counted in function calls rather than in time: proportional to the length for any input."""

import sys
from typing import Any

from markup import text

# Beginnings of what may be read again for every mark in it; tests/markup/hostile has whole inputs.
PIECES = [
    "![", "[", "![*", "![a](", "[a](", "[`", "*", "**a", "a*", "*a_", "`", "> ", "- ", "# a\n", "|a|\n|-|\n", "|a|\n",
    "[a]: b\n", "<", "&", "&amp;", "\\", "~~", "\n\n- a\n  ", "<a href=",
]  # fmt: skip
SIZE = 4_000
MOST = 80  # calls for each character of such inputs; `![` once took 700


def calls(source: str) -> int:
    """Return the number of function calls to render a source."""
    count = 0

    def counting(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counting)
    try:
        text.render(source)
    finally:
        sys.setprofile(None)
    return count


def test_calls_are_in_proportion_to_the_length() -> None:
    text.render("a")
    found = []
    for piece in PIECES:
        half, whole = (calls((piece * (size // len(piece) + 1))[:size]) for size in (SIZE // 2, SIZE))
        if whole > MOST * SIZE or whole > 2.5 * half:
            found.append(f"{piece!r}: {half} calls for {SIZE // 2} characters, {whole} for {SIZE}")
    assert not found, "\n".join(found)
