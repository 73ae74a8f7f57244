"""Who may do what in the knowledge base."""

from typing import Any

from accounts.audiences import viewer_for
from kb.models import Faq


def can_draft(user: Any) -> bool:
    """File drafts in the curators' queue, and link an exchange to an FAQ."""
    return bool(user.has_perm("kb.draft_faq"))


def can_curate(user: Any) -> bool:
    """Publish, and see the drafts in whose audience one is."""
    return bool(user.has_perm("kb.publish_faq"))


def can_see_origins(user: Any) -> bool:
    """See where an FAQ came from (each origin still only for its own audience)."""
    return bool(user.has_perm("kb.see_origins"))


def can_edit(user: Any, faq: Faq) -> bool:
    """See its newest draft: curators and whoever looks after it, as far as it is for them."""
    return faq.is_managed_by(viewer_for(user))
