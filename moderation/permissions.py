"""Who may flag, and who may decide."""

from typing import Any

from moderation.registry import split


def can_flag(viewer: Any, key: str) -> bool:
    """Return True if this person may flag the row `key`: signed-in people flag what they can see."""
    found = split(key)
    return viewer.user.has_perm("moderation.flag") and found is not None and found[0].visible(viewer, found[1])


def can_review(user: Any) -> bool:
    """Return True if this person may see flags, hide and restore."""
    return user.has_perm("moderation.review")
