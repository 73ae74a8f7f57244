"""Advice about filters: tips about all of them, and what to type instead of one that search does not know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from discovery.chips import rewritten
from search import filters, query
from search.facets import Facet
from search.filters import Filter, FixedFilter
from search.reading.query_parser import ParsedQuery
from web.http import Viewer

MOST = 3  # unknown filters that the page mentions
MOST_VALUES = 6  # values that it proposes for one


@dataclass(frozen=True, slots=True)
class UnknownFilter:
    """A filter that was typed with a value that does not exist."""

    text: str  # as it was typed, with its name
    others: list[tuple[str, str]]  # values that exist, each with the query string of the same search with it


@dataclass(frozen=True, slots=True)
class Tip:
    """How to type a filter."""

    typed: str  # an example
    hint: Any  # what it does
    values: list[str]  # all of them, if they are the same for everybody
    others: list[str]  # other words that do the same


def tips(language: str, facets: Iterable[Facet]) -> list[Tip]:
    """Return how to type each filter, with the words of a language first.

    The example of a filter whose values depend on the reader is one of the `facets` of the page, which they can find.
    """
    found = {facet.name: str(facet.options[0].label) for facet in facets}
    return [_tip(each, language, found) for each in filters.all()]


def _tip(each: Filter, language: str, found: Mapping[str, str]) -> Tip:
    first, *others = [
        *each.words.get(language, ()),
        *(w for code, ws in each.words.items() if code != language for w in ws),
    ]
    if isinstance(each, FixedFilter):
        return Tip(f"{first}:{each.example}", each.hint, [str(label) for label in each.offered().values()], others)
    example = found.get(each.field) or str(each.example)
    return Tip(f'{first}:"{example}"' if " " in example else f"{first}:{example}", each.hint, [], others)


def unknown_filters(
    parsed: ParsedQuery,
    parameters: QueryDict,
    *,
    viewer: Viewer,
    language: str,
    typing: bool = False,
    degraded: bool = False,
) -> list[UnknownFilter]:
    """Return the unknown filters of a query, which search reads as plain words; each once.

    A filter that is still being typed is left out, and so is one whose values the engine knows, while that is down.
    """
    found: dict[str, UnknownFilter] = {}
    findable = query.findable(viewer)
    for operator in parsed.unknown_filters:
        text = parsed.text[operator.start : operator.end]
        unfinished = typing and operator.end == len(parsed.text)
        wanted = filters.get(operator.type)
        if text in found or len(found) == MOST or unfinished or (degraded and not isinstance(wanted, FixedFilter)):
            continue
        names = wanted.alternatives(operator.text, language, viewer, findable)[:MOST_VALUES]
        others = [(name, rewritten(parameters, parsed.with_filter_value(operator, name))) for name in names]
        found[text] = UnknownFilter(text, others)
    return list(found.values())
