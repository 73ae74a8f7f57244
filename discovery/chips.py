"""Chips: the operators in a query and the filters beside it, each with a link that removes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from search import facets, filters
from search.facets import Facet
from search.filters import Filters
from search.reading.query_parser import Operator, ParsedQuery

OPERATOR_LABELS = {
    "phrase": _("Exactly"),
    "exclude": _("Without"),
    **{each.field: each.label for each in filters.all()},
}
UNKNOWN = _("unknown")  # the address has a filter for something that does not exist


@dataclass(frozen=True, slots=True)
class Chip:
    """An operator, or a filter that was chosen."""

    label: Any  # what it does, in a word
    text: Any
    url: str  # the same search without it


def build(parsed: ParsedQuery, selected: Filters, built: list[Facet], parameters: QueryDict) -> list[Chip]:
    """Return a chip for each operator of the text, then one for each filter that was chosen beside it.

    `built` are the facets of the same page, which have the labels of values.
    """
    labels = {(facet.name, option.value): option.label for facet in built for option in facet.options}
    chips = [
        Chip(
            OPERATOR_LABELS[operator.type],
            _label(operator, labels),
            rewritten(parameters, parsed.without_operator(operator)),
        )
        for operator in parsed.operators
    ]
    return chips + [
        Chip(
            OPERATOR_LABELS[name],
            labels.get((name, value), UNKNOWN),
            facets.toggled_query_string(parameters, name, value),
        )
        for name, values in selected.items()
        for value in values
    ]


def removal_urls(parsed: ParsedQuery, parameters: QueryDict) -> dict[tuple[str, str], str]:
    """Return the query strings that remove a filter from the text, by field and value."""
    return {
        (operator.type, value): rewritten(parameters, parsed.without_operator(operator))
        for operator in parsed.operators
        for value in operator.values
    }


def rewritten(parameters: QueryDict, text: str, *, exact: bool = False) -> str:
    """Return the query string of the same search with another text; with `exact`, without correcting that text."""
    changed = parameters.copy()
    changed["q"] = text
    for name in ("page", "exact"):
        changed.pop(name, None)
    if exact:
        changed["exact"] = "1"
    return f"?{changed.urlencode()}"


def _label(operator: Operator, labels: Mapping[tuple[str, str], Any]) -> str:
    if not operator.values:
        return operator.text
    return ", ".join(str(labels.get((operator.type, value), operator.text)) for value in operator.values)
