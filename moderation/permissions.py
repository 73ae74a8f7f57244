"""Who may flag, and who may decide."""

from typing import Any

from moderation.hideables import may_see, split


def can_flag(viewer: Any, key: str) -> bool:
    """Signed-in people flag what they can see."""
    found = split(key)
    return viewer.user.has_perm("moderation.flag") and found is not None and may_see(viewer, *found)


def can_review(user: Any) -> bool:
    """Curators and process owners look at flags, hide and restore."""
    return user.has_perm("moderation.review")
