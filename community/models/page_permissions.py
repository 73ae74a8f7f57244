"""Wagtail's permissions on pages of the forum."""

from typing import Any

from wagtail.models import Page
from wagtail.models.pages import PagePermissionTester


class NoPagePermissions(PagePermissionTester):
    """Refuse everything on a page, also what a review would allow."""

    def __init__(self, user: Any, page: Page) -> None:
        super().__init__(user, page)
        self.permissions: set[str] = set()

    def _no(self, *args: Any, **kwargs: Any) -> bool:
        return False

    can_edit = can_delete = can_publish = can_unpublish = can_lock = can_unlock = _no
    can_add_subpage = can_publish_subpage = can_reorder_children = can_submit_for_moderation = can_view_revisions = _no
