"""Facets of the results page: the values to filter by, with counts and links."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from search import sources

FIELDS = {"kind": _("Kind"), "topic": _("Topic"), "language": _("Language")}
MAX_TOPICS = 12


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
    """Return the filters of a query string: known kinds and languages, any topics."""
    kinds = {source.kind for source in sources.all()}
    languages = dict(settings.LANGUAGES)
    return {
        "kind": tuple(value for value in _once(parameters, "kind") if value in kinds),
        "topic": tuple(value[:64] for value in _once(parameters, "topic")[:20] if value),
        "language": tuple(value for value in _once(parameters, "language") if value in languages),
    }


def _once(parameters: QueryDict, name: str) -> list[str]:
    return list(dict.fromkeys(parameters.getlist(name)))


def build(
    counts: dict[str, dict[str, int]],
    filters: dict[str, tuple[str, ...]],
    parameters: QueryDict,
    language: str,
    typed: Mapping[tuple[str, str], str],
    viewer: sources.Viewer,
) -> list[Facet]:
    """Return the facets that have anything to choose. One query, for titles of topics.

    `typed` has the links that remove filters from the text of the query.
    """
    labels: dict[str, Callable[[Iterable[str]], dict[str, Any]]] = {
        "kind": lambda values: {source.kind: source.label for source in sources.all()},
        "topic": lambda values: sources.topic_titles(values, language, viewer),
        "language": lambda values: dict(settings.LANGUAGES),
    }
    facets = []
    for name, label in FIELDS.items():
        found = counts.get(name, {})
        written = [value for field, value in typed if field == name]
        values = sorted(
            {*found, *filters[name], *written}, key=lambda value: (-found.get(value, 0), value != language, value)
        )
        names = labels[name](values)
        taken = {*filters[name], *written}
        shown = [value for place, value in enumerate(values) if value in taken or place < MAX_TOPICS]
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
            facets.append(Facet(name, label, options))
    return facets


def toggled_query_string(parameters: QueryDict, name: str, value: str) -> str:
    """Return the query string of the first page with a filter value added, or removed when it is there."""
    changed = {key: values for key, values in parameters.lists() if key != "page"}
    values = changed.get(name, [])
    changed[name] = [v for v in values if v != value] if value in values else [*values, value]
    return f"?{urlencode(changed, doseq=True)}"
