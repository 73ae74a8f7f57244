"""Who may follow what."""

from typing import Any

from search import sources
from web import params


def can_follow(viewer: Any, key: str) -> bool:
    """Return True if the viewer may see the document, according to the search source of its kind."""
    kind, _colon, pk = key.partition(":")
    source = sources.get(kind)
    number = params.number(pk)
    return source is not None and number is not None and source.visible_to(viewer).filter(pk=number).exists()
