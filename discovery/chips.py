"""What narrows a search, as things to see and to take away: operators in its text, and filters chosen beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from search import facets
from search.facets import Facet
from search.reading.query_parser import Operator, ParsedQuery

OPERATOR_LABELS = {"phrase": _("Exactly"), "exclude": _("Without"), **facets.FIELDS}
UNKNOWN = _("unknown")  # a filter in an address on what is not there, or no more


@dataclass(frozen=True, slots=True)
class Chip:
    """One operator, or a filter that was chosen."""

    type: Any  # a word for what it does
    text: Any
    url: str  # the same search without it


def build(
    parsed: ParsedQuery, filters: Mapping[str, tuple[str, ...]], built: list[Facet], parameters: QueryDict
) -> list[Chip]:
    """A chip for each operator of the text, then one for each filter that was chosen beside it.

    `built` are the facets of the same page, which know what values are called.
    """
    labels = {(facet.name, option.value): option.label for facet in built for option in facet.options}
    chips = [
        Chip(
            OPERATOR_LABELS[operator.type],
            _called(operator, labels),
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
        for name, values in filters.items()
        for value in values
    ]


def typed(parsed: ParsedQuery, parameters: QueryDict) -> dict[tuple[str, str], str]:
    """Where a filter that was typed is taken away, by field and value."""
    return {
        (operator.type, value): rewritten(parameters, parsed.without_operator(operator))
        for operator in parsed.operators
        for value in operator.values
    }


def rewritten(parameters: QueryDict, text: str, *, exact: bool = False) -> str:
    """The query string of the same search in other words; with `exact`, of these words and no others."""
    changed = parameters.copy()
    changed["q"] = text
    for name in ("page", "exact"):
        changed.pop(name, None)
    if exact:
        changed["exact"] = "1"
    return f"?{changed.urlencode()}"


def _called(operator: Operator, labels: Mapping[tuple[str, str], Any]) -> str:
    if not operator.values:
        return operator.text
    return ", ".join(str(labels.get((operator.type, value), operator.text)) for value in operator.values)
