"""Who may curate search."""

from accounts.audiences import Person


def can_curate(person: Person) -> bool:
    """Return True if this person may change synonyms, recommended pages and whatever else search is configured by."""
    return bool(person.user.has_perm("search.curate"))
