"""Chips: the operators in a query and the filters beside it, each with a link that removes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from search import facets
from search.facets import Facet
from search.reading.query_parser import Asked, Piece

LABELS = {"phrase": _("Exactly"), "without": _("Without"), **facets.FIELDS}
UNKNOWN = _("unknown")  # the address has a filter for something that does not exist


@dataclass(frozen=True, slots=True)
class Chip:
    """An operator, or a filter that was chosen."""

    label: Any  # what it does, in a word
    text: Any
    url: str  # the same search without it


def build(
    asked: Asked, filters: Mapping[str, tuple[str, ...]], built: list[Facet], parameters: QueryDict
) -> list[Chip]:
    """Return a chip for each operator of the text, then one for each filter that was chosen beside it.

    `built` are the facets of the same page, which have the labels of values.
    """
    labels = {(facet.name, option.value): option.label for facet in built for option in facet.options}
    chips = [
        Chip(LABELS[piece.sort], _label(piece, labels), rewritten(parameters, asked.lifted(piece)))
        for piece in asked.pieces
    ]
    return chips + [
        Chip(LABELS[name], labels.get((name, value), UNKNOWN), facets.address(parameters, name, value))
        for name, values in filters.items()
        for value in values
    ]


def removal_urls(asked: Asked, parameters: QueryDict) -> dict[tuple[str, str], str]:
    """Return the query strings that remove a filter from the text, by field and value."""
    return {
        (piece.sort, value): rewritten(parameters, asked.lifted(piece))
        for piece in asked.pieces
        for value in piece.values
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


def _label(piece: Piece, labels: Mapping[tuple[str, str], Any]) -> str:
    if not piece.values:
        return piece.text
    return ", ".join(str(labels.get((piece.sort, value), piece.text)) for value in piece.values)
