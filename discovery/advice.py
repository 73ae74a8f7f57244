"""What a results page says quietly about a search that was read otherwise than whoever typed it may expect."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.http import QueryDict
from rapidfuzz import fuzz

from discovery.chips import rewritten
from search import sources
from search.reading.query_parser import Operator, ParsedQuery

MOST = 3  # filters that are spoken of
MOST_VALUES = 6  # that are proposed for one


@dataclass(frozen=True, slots=True)
class Unknown:
    """A filter that was typed with a value that nothing is called."""

    text: str  # as it was typed, name and all
    others: list[tuple[str, str]]  # values that are there, and the query strings of the same search with each


def unknown(
    parsed: ParsedQuery,
    parameters: QueryDict,
    topics: Callable[[], Iterable[str]],
    *,
    typing: bool = False,
    degraded: bool = False,
) -> list[Unknown]:
    """What to say of filters that are plain words, each once. `topics` gives titles that the viewer may know; it is
    asked only when a topic is among them.

    Left out are the one that is still being typed, and topics while there is no engine that knows them.
    """
    said: dict[str, Unknown] = {}
    for operator in parsed.unknown_filters:
        text = parsed.text[operator.start : operator.end]
        unfinished = typing and operator.end == len(parsed.text)
        if text in said or len(said) == MOST or unfinished or (degraded and operator.type == "topic"):
            continue
        said[text] = Unknown(text, _others(parsed, operator, parameters, topics))
    return list(said.values())


def _others(
    parsed: ParsedQuery, operator: Operator, parameters: QueryDict, topics: Callable[[], Iterable[str]]
) -> list[tuple[str, str]]:
    if operator.type == "kind":
        called = [str(source.label) for source in sources.all() if not source.on_request_only]
    elif operator.type == "language":
        called = [str(name) for name in dict(settings.LANGUAGES).values()]
    else:
        titles = [title for title in topics() if '"' not in title]
        wanted = operator.text.casefold()
        called = sorted(titles, key=lambda title: (-fuzz.WRatio(wanted, title.casefold()), title))
    return [(value, rewritten(parameters, parsed.with_filter_value(operator, value))) for value in called[:MOST_VALUES]]
