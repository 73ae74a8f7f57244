"""Find personal data in text: e-mail addresses, phone numbers, IBANs, BSNs and given names of people.

Every pattern starts at a word boundary and every repetition in it is bounded, so it takes time proportional to the
length of the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

Kind = Literal["email", "phone", "iban", "bsn", "name"]


@dataclass(frozen=True, slots=True)
class Match:
    """Personal data from `start` to `end` (in characters) of the searched text."""

    start: int
    end: int
    kind: Kind
    text: str


def find(text: str, *, names: Iterable[str] = ()) -> list[Match]:
    """Return the personal data in `text`, sorted, without overlaps.

    `names` are full names of people concerned ("Sanne de Vries"). The full name is found in any case, its parts
    ("Sanne", "Vries") only with a capital.
    """
    taken = bytearray(len(text))
    found = []
    # In order of certainty: an IBAN contains digits that could pass for a BSN.
    for match in chain(_emails(text), _ibans(text), _phones(text), _bsns(text), _names(text, names)):
        if not any(taken[match.start : match.end]):
            taken[match.start : match.end] = b"\1" * (match.end - match.start)
            found.append(match)
    return sorted(found, key=lambda match: match.start)


_EMAIL = re.compile(
    r"(?<![\w.%+'-])[\w%+'](?:[\w.%+'-]{0,63}+)@(?:[^\W_](?:[\w-]{0,61}+)\.){1,8}[^\W\d_]{2,24}(?![\w-])"
)


def _emails(text: str) -> Iterator[Match]:
    return _matches(_EMAIL, "email", text)


# Characters in an IBAN of each country that has them (ISO 13616 register).
_IBAN_LENGTHS = {
    **dict.fromkeys(["NO"], 15),
    **dict.fromkeys(["BE"], 16),
    **dict.fromkeys(["DK", "FI", "FO", "FK", "GL", "NL", "SD"], 18),
    **dict.fromkeys(["MK", "SI"], 19),
    **dict.fromkeys(["AT", "BA", "EE", "KZ", "LT", "LU", "XK", "MN"], 20),
    **dict.fromkeys(["CH", "CR", "HR", "LI", "LV"], 21),
    **dict.fromkeys(["BG", "BH", "DE", "GB", "GE", "IE", "ME", "RS", "VA"], 22),
    **dict.fromkeys(["AE", "GI", "IL", "IQ", "OM", "SO", "TL"], 23),
    **dict.fromkeys(["AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"], 24),
    **dict.fromkeys(["LY", "PT", "ST"], 25),
    **dict.fromkeys(["IS", "TR"], 26),
    **dict.fromkeys(["BI", "DJ", "FR", "GR", "IT", "MC", "MR", "SM"], 27),
    **dict.fromkeys(["AL", "AZ", "BY", "CY", "DO", "GT", "HN", "HU", "LB", "NI", "PL", "SV"], 28),
    **dict.fromkeys(["BR", "EG", "PS", "QA", "UA"], 29),
    **dict.fromkeys(["JO", "KW", "MU", "YE"], 30),
    **dict.fromkeys(["MT", "SC"], 31),
    **dict.fromkeys(["LC"], 32),
    **dict.fromkeys(["RU"], 33),
}
_IBAN_START = re.compile(r"(?<![^\W_])([A-Z]{2})[ -]?[0-9]{2}", re.IGNORECASE)
_IBAN_REST = {
    length: re.compile(
        rf"[A-Z]{{2}}(?:[ .-]?[A-Z0-9]){{{length - 2}}}(?![^\W_])",
        re.IGNORECASE | re.ASCII,
    )
    for length in set(_IBAN_LENGTHS.values())
}
_NOT_IN_IBAN = re.compile(r"[ .-]")


def _ibans(text: str) -> Iterator[Match]:
    for start in _IBAN_START.finditer(text):
        length = _IBAN_LENGTHS.get(start[1].upper())
        match = _IBAN_REST[length].match(text, start.start()) if length else None
        if match and is_iban(match[0]):
            yield Match(match.start(), match.end(), "iban", match[0])


def is_iban(written: str) -> bool:
    """Return True if country, length and check digits (mod 97) are valid. Spaces, dots and hyphens are ignored."""
    iban = _NOT_IN_IBAN.sub("", written).upper()
    if len(iban) != _IBAN_LENGTHS.get(iban[:2]) or not (iban.isascii() and iban.isalnum()):
        return False
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


_GAP = r"[ \u00a0./()\u2010-\u2013-]{0,3}+"
_PHONE = re.compile(
    rf"""(?<![\w+.,-])
        (?:\+{_GAP}|00(?=[1-9]))[1-9](?:{_GAP}[0-9]){{7,14}}+(?![0-9])     # +31 (0)6 12 34 56 78, 0044 …
      |(?<![\w+.,-])(?![0-9]{{1,2}}[-./][0-9]{{1,2}}[-./][0-9]{{4}}(?![0-9]))  # no date with a time behind it
        \(?0{_GAP}[1-9](?:{_GAP}[0-9]){{8}}+(?!\w|[.,-][0-9])              # 06-12345678, (020) 123 45 67
    """,
    re.VERBOSE | re.ASCII,
)


def _phones(text: str) -> Iterator[Match]:
    return _matches(_PHONE, "phone", text)


_BSN = re.compile(
    r"(?<![\w+,.-])(?:[0-9]{9}|[0-9]{4}([ .])[0-9]{2}\1[0-9]{3}|[0-9]{3}([ .-])[0-9]{3}\2[0-9]{3})(?!\w|[.,-][0-9])",
    re.ASCII,
)
# Eight digits are a BSN only after a word that says so: too many dates would pass the test.
_SHORT_BSN = re.compile(
    r"(?<!\w)(?:bsn|sofi-?nummer|burgerservicenummer)[^\w\n]{0,3}(?:(?:is|nr|nummer)[^\w\n]{1,3})?([0-9]{8})(?![0-9])",
    re.IGNORECASE,
)


def _bsns(text: str) -> Iterator[Match]:
    for match in _BSN.finditer(text):
        if is_bsn(match[0]):
            yield Match(match.start(), match.end(), "bsn", match[0])
    for match in _SHORT_BSN.finditer(text):
        if is_bsn(match[1]):
            yield Match(match.start(1), match.end(1), "bsn", match[1])


def is_bsn(written: str) -> bool:
    """Return True if the eight or nine digits in `written` pass the eleven-test and are not all zero."""
    digits = [int(char) for char in written if char in "0123456789"]
    if len(digits) not in {8, 9} or not any(digits):
        return False
    *rest, last = digits
    total = sum(weight * digit for weight, digit in zip(range(2, 10), reversed(rest), strict=False))
    return (total - last) % 11 == 0


_PARTICLES = frozenset(
    [
        "aan",
        "bij",
        "das",
        "den",
        "der",
        "des",
        "dos",
        "het",
        "ibn",
        "les",
        "los",
        "mac",
        "onder",
        "op",
        "over",
    ]
    + ["ten", "ter", "tot", "uit", "van", "vom", "von", "voor", "zum", "zur"]
)
_SHORTEST_PART = 3


def _names(text: str, names: Iterable[str]) -> Iterator[Match]:
    whole = {" ".join(name.split()) for name in names} - {""}
    yield from _matches(_any_of(whole, re.IGNORECASE), "name", text)
    parts = {part for name in whole for part in re.split(r"[\s.,]+", name)}
    parts = {part for part in parts if len(part) >= _SHORTEST_PART and part.lower() not in _PARTICLES}
    capitals = {form for part in parts for form in (part[0].upper() + part[1:], part.upper())}
    yield from _matches(_any_of(capitals), "name", text)


def _any_of(names: set[str], flags: int = 0) -> re.Pattern[str] | None:
    if not names:
        return None
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    alternatives = (r"\s{1,3}".join(re.escape(part) for part in name.split(" ")) for name in longest_first)
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", flags)


def _matches(pattern: re.Pattern[str] | None, kind: Kind, text: str) -> Iterator[Match]:
    if pattern:
        for match in pattern.finditer(text):
            yield Match(match.start(), match.end(), kind, match[0])
