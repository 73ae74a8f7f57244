"""Who may do what in the knowledge base."""

from accounts.audiences import Person
from kb.models import Faq


def can_draft(person: Person) -> bool:
    """File drafts for the curators, and link an exchange to an FAQ."""
    return person.has_perm("kb.draft_faq")


def can_curate(person: Person) -> bool:
    """Publish, and see the drafts in whose audience the person is."""
    return person.has_perm("kb.publish_faq")


def can_see_origins(person: Person) -> bool:
    """See where an FAQ came from. Each origin is still only for its own audience."""
    return person.has_perm("kb.see_origins")


def can_edit(person: Person, faq: Faq) -> bool:
    """See and change the newest draft: its owner and curators, if they are in its audience."""
    return faq.is_managed_by(person)
