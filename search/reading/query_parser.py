"""The query parser: plain words, quoted phrases, excluded words and filters.

    "jaarlijks verlof" aanvragen -zwangerschap soort:faq taal:nl

A sign is an operator only where a word begins. Whatever cannot be parsed is plain words, so nothing is ever refused.
One pass over the text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from search import filters
from search.filters import Filter, Filters, FixedFilter

MAX_OPERATORS = 10  # of one type; what follows them is plain text
MAX_NAMED = 30  # filters of one text whose values are looked up
PROSE = 12  # with more plain words than this, quotes and dashes are punctuation

_FILTERS = filters.by_word()
_FILTER = re.compile(rf"({'|'.join(_FILTERS)}):(?=\S)", re.IGNORECASE)
_CLOSERS = {**dict.fromkeys('"“”„', '"“”'), **dict.fromkeys("«»", "«»")}  # „Dutch”, „German“, “English”, »Danish«
_QUOTES = "".join(_CLOSERS)
_RUN = re.compile(r"\S+")
_UP_TO_QUOTE = re.compile(rf"[^\s{_QUOTES}]+")
_START = re.compile(r"(?:^|(?<=[\s(\[]))(?=\S)")
_TELLING = re.compile(r"[^\W_]")
_EXCLUDABLE = re.compile(
    r"[^\W\d_]['’.&_-]*[^\W_][^\s:/\\@]*\Z"
)  # begins with a letter, two characters or more, no address


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator, from character `start` up to `end`."""

    type: str  # "phrase", "exclude", or the field of a filter
    text: str  # the phrase, word or value, without quotes, dash or field name
    start: int
    end: int
    values: tuple[str, ...] = ()  # of a filter; none when nothing has that name

    @property
    def known(self) -> bool:
        """True unless it is a filter with a value that does not exist."""
        return bool(self.values) or self.type in ("phrase", "exclude")


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query by its parts."""

    text: str  # as it was typed
    plain: str  # without operators and phrases
    words: str  # plain words and phrases in their order: what is ranked by
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()  # words and phrases
    filters: Filters = field(default_factory=dict)
    operators: tuple[Operator, ...] = ()
    unknown_filters: tuple[Operator, ...] = ()  # filters with values that do not exist: read as plain words

    def without_operator(self, operator: Operator) -> str:
        """Return the text without that operator. The words of a phrase stay."""
        return self.with_operator_replaced(operator, operator.text if operator.type == "phrase" else "")

    def with_operator_replaced(self, operator: Operator, text: str) -> str:
        """Return the text with `text` in the place of that operator."""
        return " ".join(f"{self.text[: operator.start]} {text} {self.text[operator.end :]}".split())

    def with_filter_value(self, operator: Operator, value: str) -> str:
        """Return the text with another value for that filter, under the field name as it was typed."""
        name = self.text[operator.start : operator.end].partition(":")[0]
        return self.with_operator_replaced(operator, f'{name}:"{value}"' if " " in value else f"{name}:{value}")

    def reworded(self, text: str) -> "ParsedQuery":
        """Parse another wording, in which names stand for the same values as here."""
        known = {(operator.type, operator.text): operator.values for operator in self.operators}
        return parse(text, lambda each, name: known.get((each.field, name)) or fixed_values(each, name))

    @property
    def bare_text(self) -> str:
        """The plain words and the words of phrases, in the order of the text."""
        return " ".join(_cut(self.text, self.operators, keep=True).split())

    @property
    def only_excludes(self) -> bool:
        """True if the query excludes words and asks for nothing."""
        return bool(self.excluded) and not (self.words or self.filters)


EMPTY = ParsedQuery(text="", plain="", words="")


Named = Callable[[Filter, str], Sequence[str]]


def fixed_values(each: Filter, name: str) -> Sequence[str]:
    """Return the values that a name stands for, if these are the same for every viewer; else none."""
    return each.named(name) if isinstance(each, FixedFilter) else ()


def parse(text: str, named: Named = fixed_values) -> ParsedQuery:
    """Parse a text. `named` returns the values of a filter by name; it is called only if the text has that filter."""
    read = _pieces(text, named)
    operators = [operator for operator in read if operator.known]
    plain = _cut(text, operators)
    if len(plain.split()) > PROSE:
        operators = [operator for operator in operators if operator.values]
    elif text.rstrip().endswith("?"):  # in a question a dash is punctuation
        operators = [operator for operator in operators if operator.type != "exclude"]
    parsed = _cut(text, [operator for operator in operators if operator.type != "phrase"])
    return ParsedQuery(
        text=text,
        plain=_cut(text, operators),
        words=parsed,
        phrases=tuple(operator.text for operator in operators if operator.type == "phrase"),
        excluded=tuple(operator.text for operator in operators if operator.type == "exclude"),
        filters=filters.merged(*({operator.type: operator.values} for operator in operators)),
        operators=tuple(operators),
        unknown_filters=tuple(operator for operator in read if not operator.known),
    )


def _pieces(text: str, named: Named) -> list[Operator]:
    quotes = _Quotes(text)
    operators: list[Operator] = []
    counts: dict[str, int] = {}
    looked_up = at = 0

    def few(each: Filter, name: str) -> Sequence[str]:
        nonlocal looked_up
        looked_up += 1
        return named(each, name) if looked_up <= MAX_NAMED else ()

    while match := _START.search(text, at):
        start = match.start()
        operator = _piece(text, start, quotes, few)
        at = start + 1
        if not operator:
            continue
        type = operator.type if operator.known else "unknown"
        counts[type] = counts.get(type, 0) + 1
        if counts[type] <= MAX_OPERATORS:
            operators.append(operator)
            at = operator.end if operator.known else at
    return operators


def _piece(text: str, start: int, quotes: "_Quotes", named: Named) -> Operator | None:
    if text[start] in _CLOSERS:
        inside, end = quotes.read(start)
        return Operator("phrase", inside, start, end) if inside else None
    if text[start] == "-":
        inside, end = quotes.read(start + 1)
        if not inside and (run := _UP_TO_QUOTE.match(text, start + 1)):
            inside, end = _bare(run[0]), run.end()
            if not _EXCLUDABLE.match(inside):
                return None
        return Operator("exclude", inside, start, end) if inside else None
    if found := _FILTER.match(text, start):
        wanted = _FILTERS[found[1].lower()]
        inside, end = quotes.read(found.end())
        if not inside and (run := _RUN.match(text, found.end())):
            inside, end = _bare(run[0]), run.end()
        return Operator(wanted.field, inside, start, end, tuple(named(wanted, inside))) if inside else None
    return None


def _bare(word: str) -> str:
    return word.rstrip(".,;:!?)]}'’\"")


class _Quotes:
    """Quoted stretches of one text. A missing closing quote is looked for only once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._last = {closers: max(map(text.rfind, closers)) for closers in set(_CLOSERS.values())}

    def read(self, start: int) -> tuple[str, int]:
        """Return the text between the quote at `start` and its closing quote (or ""), and where that ends."""
        closers = _CLOSERS.get(self.text[start : start + 1])
        if closers is None or self._last[closers] <= start:
            return "", start
        end = _CLOSING[closers].search(self.text, start + 1)
        inside = self.text[start + 1 : end.start()].strip() if end else ""
        return (inside, end.end()) if end and _TELLING.search(inside) else ("", start)


_CLOSING = {closers: re.compile(f"[{closers}]") for closers in set(_CLOSERS.values())}


def _cut(text: str, operators: Sequence[Operator], keep: bool = False) -> str:
    """Return the text without those operators; `keep` leaves the words of phrases."""
    parts, last = [], 0
    for operator in operators:
        parts += [text[last : operator.start], operator.text if keep and operator.type == "phrase" else ""]
        last = operator.end
    return " ".join(filter(None, (part.strip() for part in [*parts, text[last:]]))) if operators else text.strip()
