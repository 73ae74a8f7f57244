"""Numbers and text out of addresses, forms, cookies and frames, within the bounds that the database stores."""

import json
import re
import unicodedata
from collections.abc import Mapping

LARGEST = 2**63 - 1  # of a bigint, which is what primary keys are
SEARCH_LENGTH = 200  # characters that lists are searched for
_DIGITS = re.compile(r"[0-9]{1,19}")
_MOST_DIGITS = 1000  # Python itself refuses to read much longer ones
_QUOTES = re.compile(r"""["\x00\\]|(?<!\w)'|'(?!\w)""")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
COOKIE_LENGTH = 4096
_BLANK = "\u115f\u1160\u3164\uffa0\u2800"  # letters and a symbol that are drawn as nothing
# NUL, and halves of characters (lone surrogates): databases, indexes and pages take neither.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Every escape of JSON, so that what follows "\\\\" is not taken for one; whole characters before their halves.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<nul>u0000)|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def number(text: object, most: int = LARGEST) -> int | None:
    """The number that ASCII digits alone write, from 0 to `most`; None for everything else, such as "²", "+1", " 1"."""
    if not isinstance(text, str) or not _DIGITS.fullmatch(text):
        return None
    value = int(text)
    return value if value <= most else None


def key(text: object) -> int:
    """A primary key; 0, which no row has, for what is none."""
    return number(text) or 0


def text(given: Mapping[str, str], name: str, most: int) -> str:
    """What was given under a name, cut at `most` characters; "" when it was not."""
    value = given.get(name, "")
    return value[:most] if isinstance(value, str) else ""


def search_text(given: Mapping[str, str], name: str = "q") -> str:
    """What a list is searched for. SQLite takes no pattern of more than 50,000 bytes, and people type no such thing."""
    return text(given, name, SEARCH_LENGTH).strip()


def plain_search(text: str) -> str:
    """What was typed to search for as the words in it, for a search that is not ours. Wagtail's takes quotes for
    phrases, which it cannot look up in SQLite, and is as deep as there are words; apostrophes within words stay."""
    return " ".join(_QUOTES.sub(" ", text[:SEARCH_LENGTH]).split())


def beyond(text: str) -> bool:
    """Whether `int` reads a number in it that the database does not store."""
    digits = text.strip().removeprefix("-").removeprefix("+").replace("_", "")
    return digits.isdecimal() and (len(digits) > _MOST_DIGITS or int(digits) > LARGEST)


def fits(value: object) -> bool:
    """Whether a part of an address that is a number, or is written as one, is one that the database stores."""
    if isinstance(value, int):
        return 0 <= value <= LARGEST
    return not isinstance(value, str) or not value.isdecimal() or number(value) is not None


def cookies(given: Mapping[str, str]) -> dict[str, str]:
    """The cookies that a browser could have from us: none with a control character, which PostgreSQL refuses as a
    session's key, and none longer than browsers keep."""
    return {name: value for name, value in given.items() if len(value) <= COOKIE_LENGTH and not _CONTROLS.search(value)}


def storable(text: str) -> str:
    """The text without NUL, and with the replacement character for halves of characters."""
    return UNSTORABLE.sub(lambda found: "" if found[0] == "\0" else REPLACEMENT, text)


def readable(text: str) -> bool:
    """Whether there is anything to read in it: a letter, a digit or a sign, and not only spaces, marks that are drawn
    upon others, and what no font draws."""
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK for sign in text)


def storable_field(text: str) -> str:
    """What was typed or sent in a field of a form, made `storable`: also what JSON in it only writes as an escape,
    which becomes such a character when it is read. A text that is no JSON may hold anything that looks like one."""
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
