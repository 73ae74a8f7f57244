"""Advice about filters in a query that search does not know."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.http import QueryDict
from rapidfuzz import fuzz

from discovery.chips import rewritten
from search import sources
from search.reading.query_parser import Operator, ParsedQuery

MOST = 3  # unknown filters that the page mentions
MOST_VALUES = 6  # values that it proposes for one


@dataclass(frozen=True, slots=True)
class UnknownFilter:
    """A filter that was typed with a value that does not exist."""

    text: str  # as it was typed, with its name
    others: list[tuple[str, str]]  # values that exist, each with the query string of the same search with it


def unknown_filters(
    parsed: ParsedQuery,
    parameters: QueryDict,
    topics: Callable[[], Iterable[str]],
    *,
    typing: bool = False,
    degraded: bool = False,
) -> list[UnknownFilter]:
    """Return the unknown filters of a query, which search reads as plain words; each once.

    `topics` returns the titles that the viewer may know; it is called only if one of the filters is a topic. A filter
    that is still being typed is left out, and so are topics while the engine is down.
    """
    found: dict[str, UnknownFilter] = {}
    for operator in parsed.unknown_filters:
        text = parsed.text[operator.start : operator.end]
        unfinished = typing and operator.end == len(parsed.text)
        if text in found or len(found) == MOST or unfinished or (degraded and operator.type == "topic"):
            continue
        found[text] = UnknownFilter(text, _others(parsed, operator, parameters, topics))
    return list(found.values())


def _others(
    parsed: ParsedQuery, operator: Operator, parameters: QueryDict, topics: Callable[[], Iterable[str]]
) -> list[tuple[str, str]]:
    if operator.type == "kind":
        values = [str(source.label) for source in sources.all() if not source.on_request_only]
    elif operator.type == "language":
        values = [str(name) for name in dict(settings.LANGUAGES).values()]
    else:
        titles = [title for title in topics() if '"' not in title]
        wanted = operator.text.casefold()
        values = sorted(titles, key=lambda title: (-fuzz.WRatio(wanted, title.casefold()), title))
    return [(value, rewritten(parameters, parsed.with_filter_value(operator, value))) for value in values[:MOST_VALUES]]
