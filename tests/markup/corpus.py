"""The hostile inputs in hostile/*.txt, separated by a line with "%%" alone.

They are written out as they are, except that {U+0000} stands for a character that text editors cannot store.
"""

import re
from pathlib import Path

HOSTILE = Path(__file__).parent / "hostile"
_CODE_POINT = re.compile(r"\{U\+([0-9A-F]{4,5})\}")


def inputs() -> dict[str, str]:
    """Return every hostile input by a name such as "tags-017"."""
    found = {}
    for path in sorted(HOSTILE.glob("*.txt")):
        # newline="" keeps every character; the last line end of an entry is not part of it.
        with path.open(encoding="utf-8", newline="") as file:
            entries = file.read().removesuffix("\n").split("\n%%\n")
        for number, entry in enumerate(entries, start=1):
            found[f"{path.stem}-{number:03d}"] = _CODE_POINT.sub(lambda m: chr(int(m[1], 16)), entry)
    return found
