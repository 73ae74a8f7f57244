"""Who may tell search what to do."""

from typing import Any


def can_curate(user: Any) -> bool:
    """Whether this person manages synonyms, recommended pages and what else steers search."""
    return bool(user.has_perm("search.curate"))
