"""Who may do what in the forum. `can_…(user, row)` says what a role and the row allow somebody who sees the row."""

from typing import Any

from django.core.exceptions import PermissionDenied
from wagtail.models import Page
from wagtail.models.pages import PagePermissionTester

from accounts.audiences import viewer_for
from community.models import Answer, CommunityIndexPage, Question, SpacePage


def can_see(user: Any, row: SpacePage | CommunityIndexPage | Question | Answer) -> bool:
    """Whether the person holds a key of the row's audience. An answer has its question's."""
    audience = row.question.audience if isinstance(row, Answer) else row.audience
    return bool(audience.key_set & viewer_for(user).keys)


def is_moderator(user: Any) -> bool:
    """Whether the person may hide what others wrote, and read what is hidden."""
    return user.has_perm("community.moderate")


def can_ask(user: Any, space: SpacePage) -> bool:
    """Ask in a space. Visitors without an account are offered a chat instead."""
    return space.live and user.has_perm("community.ask")


def can_answer(user: Any, question: Question) -> bool:
    """Answer a question."""
    return not question.hidden and user.has_perm("community.answer")


def can_edit(user: Any, row: Question | Answer) -> bool:
    """Change the text: its author and moderators; nobody while it is hidden."""
    return not row.hidden and user.is_authenticated and (row.author_id == user.pk or is_moderator(user))


def can_vote(user: Any, row: Question | Answer) -> bool:
    """Find an answer useful, or have the same question: not for what one wrote oneself."""
    return not row.hidden and user.has_perm("community.vote") and row.author_id != user.pk


def can_accept(user: Any, question: Question) -> bool:
    """Say which answer solved it: the asker, and staff with that permission."""
    if question.hidden or not user.is_authenticated:
        return False
    return question.author_id == user.pk or user.has_perm("community.accept_any")


def can_move(user: Any, question: Question) -> bool:
    """Move a question to another space."""
    return is_moderator(user)


def can_withdraw(user: Any, row: Question | Answer) -> bool:
    """Hide what one wrote oneself."""
    return not row.hidden and user.is_authenticated and row.author_id == user.pk


def can_unwithdraw(user: Any, row: Question | Answer) -> bool:
    """Show again what one withdrew oneself; not what a moderator hid."""
    return row.withdrawn and user.is_authenticated and row.author_id == user.pk


def can_hide(user: Any, row: Question | Answer) -> bool:
    """Hide by the button on the page: moderators anything, authors their own."""
    return not row.hidden and (is_moderator(user) or can_withdraw(user, row))


def can_restore(user: Any, row: Question | Answer) -> bool:
    """Show again by the button on the page."""
    return row.hidden and (is_moderator(user) or can_unwithdraw(user, row))


def can_capture(user: Any, question: Question) -> bool:
    """Make an FAQ of a question."""
    return not question.hidden and user.has_perm("kb.draft_faq")


def can_manage_space(user: Any, page: SpacePage | CommunityIndexPage) -> bool:
    """Make, change, publish, move and delete spaces: who holds the permission, and only what they see."""
    return user.has_perm("community.manage_spaces") and can_see(user, page)


class NothingHere(PagePermissionTester):
    """Wagtail's permissions on a page for somebody who has none there, by review neither."""

    def __init__(self, user: Any, page: Page) -> None:
        super().__init__(user, page)
        self.permissions: set[str] = set()

    def _no(self, *args: Any, **kwargs: Any) -> bool:
        return False

    can_edit = can_delete = can_publish = can_unpublish = can_lock = can_unlock = _no
    can_add_subpage = can_publish_subpage = can_reorder_children = can_submit_for_moderation = can_view_revisions = _no


def require(allowed: bool, user: Any, *rows: SpacePage | Question | Answer) -> None:
    """Raise PermissionDenied unless `allowed` and the person is in the audience of every row."""
    if not (allowed and all(can_see(user, row) for row in rows)):
        raise PermissionDenied
