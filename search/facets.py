"""Facets of the results page: the values to filter by, with counts and links."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.http import urlencode

from search import filters
from search.filters import MAX_VALUES, Filters
from web.http import Viewer

MAX_OPTIONS = 12  # of a facet, besides those that are chosen


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a facet."""

    value: str
    label: Any
    count: int
    url: str  # adds the value to the filters, or removes it when it is selected
    chosen: bool
    typed: bool  # the filter is in the text of the query; `url` changes the text


@dataclass(frozen=True, slots=True)
class Facet:
    """A field to filter by, with its values."""

    name: str
    label: Any
    options: list[Option]


def selected_filters(parameters: QueryDict) -> dict[str, tuple[str, ...]]:
    """Return the values of a query string by field, for every filter; none of what cannot exist."""
    given = {each: dict.fromkeys(parameters.getlist(each.field)) for each in filters.all()}
    return {each.field: each.accepted(values)[:MAX_VALUES] for each, values in given.items()}


def known_parameters(parameters: QueryDict, selected: Filters, *others: str) -> QueryDict:
    """Return what links keep of a query string: the selected filters, and parameters by name, each once.

    A page has dozens of links, and somebody may send thousands of parameters.
    """
    known = QueryDict(mutable=True)
    for name in others:
        if name in parameters:
            known.setlist(name, parameters.getlist(name)[-1:])
    for field, values in selected.items():
        if values:
            known.setlist(field, list(values))
    return known


def build(
    counts: dict[str, dict[str, int]],
    selected: Filters,
    parameters: QueryDict,
    language: str,
    typed: Mapping[tuple[str, str], str],
    viewer: Viewer,
) -> list[Facet]:
    """Return the facets that have anything to choose. One query, for titles of topics.

    `typed` has the links that remove filters from the text of the query.
    """
    facets = []
    for each in filters.all():
        name, found = each.field, counts.get(each.field, {})
        taken = {*selected.get(name, ()), *(value for field, value in typed if field == name)}
        values = sorted({*found, *taken}, key=lambda value: (-found.get(value, 0), value != language, value))
        names = each.labels(values, language, viewer)
        shown = [value for place, value in enumerate(values) if value in taken or place < MAX_OPTIONS]
        options = [
            Option(
                value,
                names[value],
                found.get(value, 0),
                typed.get((name, value)) or toggled_query_string(parameters, name, value),
                value in taken,
                (name, value) in typed,
            )
            for value in shown
            if value in names
        ]
        if len(options) > 1 or any(option.chosen for option in options):
            facets.append(Facet(name, each.label, options))
    return facets


def toggled_query_string(parameters: QueryDict, name: str, value: str) -> str:
    """Return the query string of the first page with a filter value added, or removed when it is there."""
    changed = {key: values for key, values in parameters.lists() if key != "page"}
    values = changed.get(name, [])
    changed[name] = [v for v in values if v != value] if value in values else [*values, value]
    return f"?{urlencode(changed, doseq=True)}"
