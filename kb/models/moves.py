"""Moving pages: the audience of a page follows the page above it, and no move may leave a row without readers."""

from typing import Any

from treebeard.mp_tree import MP_MoveHandler
from wagtail.models import Page

from accounts.widening import AudienceChange, Rows, rehearsal
from kb.models.audience import AudiencePage
from web.scope import reading_as


class NobodyLeft(ValueError):
    """The move would leave the page, or rows below it, without readers. `emptied` names those rows."""

    def __init__(self, emptied: Rows) -> None:
        super().__init__("rows would be left without readers")
        self.emptied = emptied


def rehearse_move(page: Page, parent: Page) -> AudienceChange | None:
    """Return how a move below `parent` would change who may read the page. None if it changes nothing, neither for the
    page nor below it. The move is carried out and rolled back."""
    with reading_as(None), rehearsal() as found:
        MP_MoveHandler(Page._base_manager.get(pk=page.pk), Page._base_manager.get(pk=parent.pk), "last-child").process()
        moved = Page._base_manager.get(pk=page.pk).specific
        if isinstance(moved, AudiencePage):
            moved.follow()
    return found[0] if found else None


def before_move(instance: Page, parent_page_before: Page, parent_page_after: Page, **_signal: Any) -> None:
    """Refuse a move that leaves rows without readers (signal `pre_page_move`). Raises NobodyLeft."""
    if parent_page_before.pk == parent_page_after.pk:
        return
    if (change := rehearse_move(instance, parent_page_after)) and change.emptied:
        raise NobodyLeft(change.emptied)


def after_move(instance: Page, **_signal: Any) -> None:
    """Update the audience of a moved page (signal `post_page_move`)."""
    page = instance.specific
    if isinstance(page, AudiencePage):
        page.follow()
