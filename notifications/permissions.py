"""Who may follow what."""

from typing import Any

from search import sources


def can_follow(viewer: Any, key: str) -> bool:
    """Whether the search source of the key's kind shows the document to this viewer."""
    kind, _colon, pk = key.partition(":")
    source = sources.get(kind)
    if source is None or not pk.isdecimal() or len(pk) > 18:
        return False
    return source.visible_to(viewer).filter(pk=int(pk)).exists()
