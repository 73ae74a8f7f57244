"""Numbers and text from URLs, forms, cookies and frames, within the limits of the database."""

import json
import re
import unicodedata
from collections.abc import Mapping

LARGEST = 2**63 - 1  # of a bigint, which is what primary keys are
SEARCH_LENGTH = 200  # characters of the search text of a list
_DIGITS = re.compile(r"[0-9]{1,19}")
_MOST_DIGITS = 1000  # Python itself refuses to read much longer ones
_QUOTES = re.compile(r"""["\x00\\]|(?<!\w)'|'(?!\w)""")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
COOKIE_LENGTH = 4096
_BLANK = "\u115f\u1160\u3164\uffa0\u2800"  # letters and a symbol that are drawn as nothing
# NUL and lone surrogates: databases, indexes and pages accept neither.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Every JSON escape, so that what follows "\\\\" is not taken for one; surrogate pairs before lone surrogates.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<nul>u0000)|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def number(text: object, most: int = LARGEST) -> int | None:
    """Return the number that consists of ASCII digits alone, from 0 to `most`; None for anything else ("²", "+1", "
    1").
    """
    if not isinstance(text, str) or not _DIGITS.fullmatch(text):
        return None
    value = int(text)
    return value if value <= most else None


def key(text: object) -> int:
    """Return a primary key; 0, which no row has, for anything else."""
    return number(text) or 0


def text(given: Mapping[str, str], name: str, most: int) -> str:
    """Return the value of a parameter, truncated to `most` characters; "" if it is missing."""
    value = given.get(name, "")
    return value[:most] if isinstance(value, str) else ""


def search_text(given: Mapping[str, str], name: str = "q") -> str:
    """Return the search text of a list. SQLite accepts no pattern of more than 50,000 bytes, and nobody types one."""
    return text(given, name, SEARCH_LENGTH).strip()


def plain_search(text: str) -> str:
    """Return the words of a search text, for a search engine that is not ours.

    Wagtail's treats quoted words as phrases, which it cannot search in SQLite, and recurses once for each word.
    Apostrophes within words stay.
    """
    return " ".join(_QUOTES.sub(" ", text[:SEARCH_LENGTH]).split())


def beyond(text: str) -> bool:
    """Return True if `int` would read a number from the text that the database cannot store."""
    digits = text.strip().removeprefix("-").removeprefix("+").replace("_", "")
    return digits.isdecimal() and (len(digits) > _MOST_DIGITS or int(digits) > LARGEST)


def fits(value: object) -> bool:
    """Return True unless a URL argument is a number, or written as one, that the database cannot store."""
    if isinstance(value, int):
        return 0 <= value <= LARGEST
    return not isinstance(value, str) or not value.isdecimal() or number(value) is not None


def cookies(given: Mapping[str, str]) -> dict[str, str]:
    """Return the cookies that a browser could have from us.

    Leaves out those with a control character, which PostgreSQL refuses as a session key, and those longer than browsers
    store.
    """
    return {name: value for name, value in given.items() if len(value) <= COOKIE_LENGTH and not _CONTROLS.search(value)}


def storable(text: str) -> str:
    """Return the text without NUL, and with the replacement character for lone surrogates."""
    return UNSTORABLE.sub(lambda found: "" if found[0] == "\0" else REPLACEMENT, text)


def readable(text: str) -> bool:
    """Return True if the text has a visible character: a letter, digit or sign.

    Spaces, combining marks alone and characters that fonts draw as nothing do not count.
    """
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK for sign in text)


def storable_field(text: str) -> str:
    """Make the value of a form field `storable`, including escapes in JSON, which become such characters when it is
    read.

    A text that is not JSON may contain anything that looks like an escape, and keeps it.
    """
    clean = storable(text) if UNSTORABLE.search(text) else text
    if clean.lstrip()[:1] not in ("{", "[", '"') or "\\u" not in clean:
        return clean
    escaped = _ESCAPE.sub(_without_half, clean)
    if escaped == clean:
        return clean
    try:
        json.loads(clean)
    except (ValueError, RecursionError):
        return clean
    return escaped


def _without_half(found: re.Match[str]) -> str:
    if found["nul"]:
        return ""
    return "\\ufffd" if found["half"] else found[0]
