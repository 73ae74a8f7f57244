"""The table of recommended pages under /cms/, with the titles and states of documents that rows name by key."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, StatusTagColumn, Table

from accounts.audiences import Person
from discovery import document_lookup
from search.models import BestBet
from search.sources import Document


@dataclass(frozen=True, slots=True)
class RecommendedPages:
    """The documents of the rows of a list: their keys, and those that the curator may see."""

    documents: dict[str, Document]
    existing: set[str]

    def title(self, row: BestBet) -> str:
        """Return the title of a row's page, or why there is none."""
        return document_lookup.title_or_reason(row.document, self.documents, self.existing)

    def state(self, row: BestBet) -> tuple[Any, bool]:
        """Return what a row does now in a word, and True if it has an effect."""
        if row.document not in self.existing:
            return _("page is gone"), False
        if row.over:
            return _("over"), False
        return (_("works"), True) if row.active else (_("stopped"), False)


class BestBetTable(Table):
    """The table of recommended pages, which knows their documents."""

    def __init__(self, *args: Any, viewer: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer

    @cached_property
    def pages(self) -> RecommendedPages:
        """Read them: one query for each kind of page in the list."""
        keys = [row.document for row in self.data]
        return RecommendedPages(document_lookup.visible(keys, self.viewer), document_lookup.existing(keys))


class PageColumn(Column):
    """The title of a row's page."""

    def get_cell_context_data(self, instance: BestBet, parent_context: Any) -> dict[str, Any]:
        """Read it from the table."""
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return context | {"value": parent_context["table"].pages.title(instance)}


class StateColumn(StatusTagColumn):
    """What a row does now."""

    def get_cell_context_data(self, instance: BestBet, parent_context: Any) -> dict[str, Any]:
        """Read it from the table."""
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        value, primary = parent_context["table"].pages.state(instance)
        return context | {"value": value, "primary": primary}
