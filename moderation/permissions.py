"""Who may flag, and who may decide."""

from accounts.audiences import Person
from moderation.hideables import may_see, split


def can_flag(person: Person, key: str) -> bool:
    """Return True if this person may flag the row `key`: signed-in people flag what they can see."""
    found = split(key)
    return person.has_perm("moderation.flag") and found is not None and may_see(person, *found)


def can_review(person: Person) -> bool:
    """Return True if this person may see flags, hide and restore."""
    return person.has_perm("moderation.review")
