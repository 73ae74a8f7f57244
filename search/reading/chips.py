"""The operators of a query as things to see and to take away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from search import facets, sources
from search.reading.asked import Asked, Piece

SORTS = {"phrase": _("Exactly"), "without": _("Without"), **facets.FIELDS}


@dataclass(frozen=True, slots=True)
class Chip:
    """One operator."""

    sort: Any  # a word for what it does
    text: str
    url: str  # the same search without it


def build(asked: Asked, parameters: QueryDict, language: str) -> list[Chip]:
    """A chip for each operator of the text. One query if a topic is among them."""
    topics = sources.topic_titles(asked.topics, language)
    return [
        Chip(SORTS[piece.sort], _called(piece, topics), rewritten(parameters, asked.lifted(piece)))
        for piece in asked.pieces
    ]


def typed(asked: Asked, parameters: QueryDict) -> dict[tuple[str, str], str]:
    """Where a filter that was typed is taken away, by field and value."""
    return {
        (piece.sort, value): rewritten(parameters, asked.lifted(piece))
        for piece in asked.pieces
        for value in piece.values
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


def _called(piece: Piece, topics: Mapping[str, str]) -> str:
    if piece.sort in ("phrase", "without"):
        return piece.text
    labels: Mapping[str, Any] = topics
    if piece.sort == "kind":
        labels = {source.kind: source.label for source in sources.all()}
    elif piece.sort == "language":
        labels = dict(settings.LANGUAGES)
    return ", ".join(str(labels.get(value, value)) for value in piece.values)
