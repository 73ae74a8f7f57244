"""Reading what somebody typed: plain words, quoted phrases, words to leave out, and filters.

    "jaarlijks verlof" aanvragen -zwangerschap soort:faq taal:nl

A sign is an operator only where a word begins, and whatever cannot be read is plain words: nothing is ever refused.
One pass over the text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from search.reading import filter_values

MOST = 10  # operators of a sort; what follows them is plain
PROSE = 12  # more plain words than this are a story, in which quotes quote and dashes dash

_FIELDS = {
    "kind": "kind",
    "soort": "kind",
    "topic": "topic",
    "onderwerp": "topic",
    "lang": "language",
    "language": "language",
    "taal": "language",
}
_FILTER = re.compile(rf"({'|'.join(_FIELDS)}):(?=\S)", re.IGNORECASE)
_CLOSERS = {**dict.fromkeys('"“”„', '"“”'), **dict.fromkeys("«»", "«»")}  # „Dutch”, „German“, “English”, »Danish«
_QUOTES = "".join(_CLOSERS)
_RUN = re.compile(r"\S+")
_UP_TO_QUOTE = re.compile(rf"[^\s{_QUOTES}]+")
_START = re.compile(r"(?:^|(?<=[\s(\[]))(?=\S)")
_TELLING = re.compile(r"[^\W_]")
_EXCLUDABLE = re.compile(r"[^\W\d_]['’.&_-]*[^\W_][^\s:/\\@]*\Z")  # begins with a letter, two signs or more, no address


@dataclass(frozen=True, slots=True)
class Piece:
    """An operator where it stands: characters `start` up to `end`."""

    sort: str  # "phrase", "without", or the filter: "kind", "topic", "language"
    text: str  # the phrase, word or value, without its signs
    start: int
    end: int
    values: tuple[str, ...] = ()  # what a filter filters on; none when nothing is called so

    @property
    def known(self) -> bool:
        """Whether it means something here: a filter on what nothing is called does not."""
        return bool(self.values) or self.sort in ("phrase", "without")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked."""

    text: str  # as it was typed
    plain: str  # what is left of it without operators
    words: str  # plain and phrases, in their order: what is ranked by
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  # words and phrases
    kinds: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()
    unknown: tuple[Piece, ...] = ()  # filters with a value that nothing is called: they are plain words

    def lifted(self, piece: Piece) -> str:
        """The text without that operator; of a phrase its words stay."""
        return self.replaced(piece, piece.text if piece.sort == "phrase" else "")

    def replaced(self, piece: Piece, text: str) -> str:
        """The text with something else in the place of that operator."""
        return " ".join(f"{self.text[: piece.start]} {text} {self.text[piece.end :]}".split())

    def renamed(self, piece: Piece, value: str) -> str:
        """The text in which that filter, as it was written, has another value."""
        name = self.text[piece.start : piece.end].partition(":")[0]
        return self.replaced(piece, f'{name}:"{value}"' if " " in value else f"{name}:{value}")

    def reworded(self, text: str) -> "Asked":
        """The same in other words: the names of topics mean what they mean here."""
        topics = {piece.text: piece.values for piece in self.pieces if piece.sort == "topic"}
        return parse(text, lambda name: topics.get(name, ()))

    @property
    def loose(self) -> str:
        """The text with no operator left: the words of phrases and plain ones."""
        return " ".join(_cut(self.text, self.pieces, keep=True).split())

    @property
    def only_without(self) -> bool:
        """Whether words are left out of everything there is, since nothing is asked for."""
        return bool(self.without) and not (self.words or self.kinds or self.topics or self.languages)


NOTHING = Asked(text="", plain="", words="")


def no_topics(value: str) -> Sequence[str]:
    """Nobody knows topics."""
    return ()


def parse(text: str, topics: Callable[[str], Sequence[str]] = no_topics) -> Asked:
    """Read a text. `topics` gives the keys of the topics that a typed name means; it is called only if there is one."""
    read = _pieces(text, topics)
    pieces = [piece for piece in read if piece.known]
    plain = _cut(text, pieces)
    if len(plain.split()) > PROSE:
        pieces = [piece for piece in pieces if piece.values]
    elif text.rstrip().endswith("?"):  # a question, in which a dash dashes
        pieces = [piece for piece in pieces if piece.sort != "without"]
    asked = _cut(text, [piece for piece in pieces if piece.sort != "phrase"])
    found = {
        sort: tuple(dict.fromkeys(value for piece in pieces if piece.sort == sort for value in piece.values))
        for sort in ("kind", "topic", "language")
    }
    return Asked(
        text=text,
        plain=_cut(text, pieces),
        words=asked,
        phrases=tuple(piece.text for piece in pieces if piece.sort == "phrase"),
        without=tuple(piece.text for piece in pieces if piece.sort == "without"),
        kinds=found["kind"],
        topics=found["topic"],
        languages=found["language"],
        pieces=tuple(pieces),
        unknown=tuple(piece for piece in read if not piece.known),
    )


def _pieces(text: str, topics: Callable[[str], Sequence[str]]) -> list[Piece]:
    quotes = _Quotes(text)
    pieces: list[Piece] = []
    counts: dict[str, int] = {}
    at = 0
    while match := _START.search(text, at):
        start = match.start()
        piece = _piece(text, start, quotes, topics)
        at = start + 1
        if not piece:
            continue
        sort = piece.sort if piece.known else "unknown"
        counts[sort] = counts.get(sort, 0) + 1
        if counts[sort] <= MOST:
            pieces.append(piece)
            at = piece.end if piece.known else at
    return pieces


def _piece(text: str, start: int, quotes: "_Quotes", topics: Callable[[str], Sequence[str]]) -> Piece | None:
    if text[start] in _CLOSERS:
        inside, end = quotes.read(start)
        return Piece("phrase", inside, start, end) if inside else None
    if text[start] == "-":
        inside, end = quotes.read(start + 1)
        if not inside and (run := _UP_TO_QUOTE.match(text, start + 1)):
            inside, end = _bare(run[0]), run.end()
            if not _EXCLUDABLE.match(inside):
                return None
        return Piece("without", inside, start, end) if inside else None
    if found := _FILTER.match(text, start):
        sort = _FIELDS[found[1].lower()]
        inside, end = quotes.read(found.end())
        if not inside and (run := _RUN.match(text, found.end())):
            inside, end = _bare(run[0]), run.end()
        values = _VALUES[sort](inside) if sort in _VALUES else topics(inside)
        return Piece(sort, inside, start, end, tuple(values)) if inside else None
    return None


_VALUES: dict[str, Callable[[str], Sequence[str]]] = {"kind": filter_values.kinds, "language": filter_values.languages}


def _bare(word: str) -> str:
    return word.rstrip(".,;:!?)]}'’\"")


class _Quotes:
    """Reads quoted pieces of one text. A closing sign that is not there is looked for once only."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._last = {closers: max(map(text.rfind, closers)) for closers in set(_CLOSERS.values())}

    def read(self, start: int) -> tuple[str, int]:
        """What stands between the sign at `start` and the one that closes it, and where that ends; "" if nothing."""
        closers = _CLOSERS.get(self.text[start : start + 1])
        if closers is None or self._last[closers] <= start:
            return "", start
        end = _CLOSING[closers].search(self.text, start + 1)
        inside = self.text[start + 1 : end.start()].strip() if end else ""
        return (inside, end.end()) if end and _TELLING.search(inside) else ("", start)


_CLOSING = {closers: re.compile(f"[{closers}]") for closers in set(_CLOSERS.values())}


def _cut(text: str, pieces: Sequence[Piece], keep: bool = False) -> str:
    """The text without those pieces; `keep` leaves the words of phrases."""
    parts, last = [], 0
    for piece in pieces:
        parts += [text[last : piece.start], piece.text if keep and piece.sort == "phrase" else ""]
        last = piece.end
    return " ".join(filter(None, (part.strip() for part in [*parts, text[last:]]))) if pieces else text.strip()
