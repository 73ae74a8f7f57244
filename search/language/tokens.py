"""The tokenizer: words, names, codes, abbreviations and addresses of a text."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# A run of letters and digits, and several runs joined to one name, code, address or abbreviation.
_ADDRESS = (
    r"(?P<address> [\w.+-]{1,40} @ [\w-]{1,40} (?:\.[\w-]{1,40}){1,6} )"  # bounded, since it would take quadratic time
)
_RUN = r"""
      (?P<dotted>  (?<![^\W_]) (?:[^\W\d_]\.){2,12} (?:[^\W\d_](?![^\W_]))? )     # I.C.T.  a.s.
    | (?P<signed>  (?<![^\W_]) (?: [cCfF] (?:\+\+|\#) | [A-Z]&[A-Z] ) (?![^\W_]) )   # C++  F#  R&D
    | [^\W_]++ (?P<joined> (?: [-_/.'’‑] [^\W_]++ )++ )?
"""
_PIECE = re.compile(_RUN, re.VERBOSE)
_PIECE_OR_ADDRESS = re.compile(f"{_ADDRESS} | {_RUN}", re.VERBOSE)
_APOSTROPHE = re.compile(r"['’]")
_JOINT = re.compile(r"[-_/.‑]")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d_]{3})(?=\d)")
_UNFOLDABLE = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_LONGEST = 60  # letters: longer runs are encoded data, not words
_SHORTEST_HUMP = 3  # SharePoint is found by its parts; iOS and eBay are not


class Token(NamedTuple):
    """A word of a text."""

    text: str  # folded: lower case, without accents
    start: int  # in the text as it was given
    end: int
    pieces: tuple[str, ...] = ()  # parts that it is found by too: share and point of SharePoint, 00942 of ora-00942
    shouted: bool = False  # a short word in capitals, such as IT or WIA: a name, and no stop word


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """Return the text in lower case, without accents: "Coördinatie" → "coordinatie"."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_UNFOLDABLE)


def tokenise(text: str) -> Iterator[Token]:
    """Yield the words of a text in order, without those of over 60 letters."""
    for match in (_PIECE_OR_ADDRESS if "@" in text else _PIECE).finditer(text):
        kind, start, end = match.lastgroup, match.start(), match.end()
        piece = match.group()
        if kind is None:
            if end - start <= _LONGEST:
                folded, pieces, shouted = _read(piece)
                yield Token(folded, start, end, pieces, shouted)
        elif kind == "joined":
            yield from _joined(piece, start)
        elif kind == "address":
            yield Token(fold(piece), start, end, tuple(fold(p) for p in re.split(r"[@.]", piece) if len(p) > 1))
        elif kind == "dotted":
            yield Token(fold(piece.replace(".", "")), start, end, shouted=True)
        else:
            yield Token(fold(piece.replace("&", "")), start, end, shouted=True)


def folded_words(text: str) -> list[str]:
    """Return the folded words of a text in order."""
    return [token.text for token in tokenise(text)]


@lru_cache(maxsize=200_000)
def _read(piece: str) -> tuple[str, tuple[str, ...], bool]:
    """Return text, pieces and shouted of the token of a run of letters and digits."""
    shouted = 1 < len(piece) <= 4 and piece.isupper()
    if piece.islower() or piece.isupper() or piece[1:].islower():  # the common case: no camel case
        if not any(c.isdigit() for c in piece[3:]) or not piece[0].isalpha():
            return fold(piece), (), shouted
    humps = _HUMPS.split(piece)
    pieces = tuple(fold(p) for p in humps if len(p) >= _SHORTEST_HUMP) if 1 < len(humps) <= 4 else ()
    return fold(piece), pieces, shouted


def _joined(piece: str, start: int) -> Iterator[Token]:
    """Yield the tokens of runs joined by hyphen, underscore, slash, dot or apostrophe: a word, a code or words."""
    end = start + len(piece)
    bare = _APOSTROPHE.split(piece)
    if len(bare) > 1 and not _JOINT.search(piece):
        # foto's → foto, Facebook's → facebook; other apostrophes only join: don't → dont, zo'n → zon
        text = bare[0] if len(bare) == 2 and bare[1] in ("s", "S") else "".join(bare)
        if len(text) <= _LONGEST:
            yield Token(fold(text), start, end)
        return
    parts = [p for p in _JOINT.split(piece) if p]
    if any(c.isdigit() for c in piece) and len(piece) <= _LONGEST and "/" not in piece:
        # a code, version or date is one word, and is found by its parts too
        whole = "-".join(fold(p) for p in parts)
        yield Token(whole, start, end, tuple(fold(p) for p in parts if len(p) > 1))
        return
    if len(parts) == 2 and len(parts[0]) == 1 and "." not in piece and "/" not in piece:
        yield Token(fold("".join(parts)), start, end)  # e-mail → email, T-shirt → tshirt
        return
    glued = () if "." in piece or "/" in piece or len(piece) > _LONGEST else (fold("".join(parts)),)
    at = start
    for number, part in enumerate(parts):
        at = piece.index(part, at - start) + start
        text = _APOSTROPHE.split(part)[0] if part[-2:] in ("'s", "’s") else _APOSTROPHE.sub("", part)
        if text and len(text) <= _LONGEST:
            folded, pieces, shouted = _read(text)
            # the last word is found by the joined words too (OLE-objecten by oleobjecten)
            yield Token(folded, at, at + len(part), pieces + glued * (number == len(parts) - 1), shouted)
        at += len(part)
