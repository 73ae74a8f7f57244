"""Links in rich text, as its reader may see them. An address holds a title, so a link to something that the reader may
not see is reduced to its text, as if the page were gone. `shown_to` sets the reader; without it, it is a visitor.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from wagtail.contrib.redirects.middleware import RedirectMiddleware, get_redirect
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.rich_text import DocumentLinkHandler
from wagtail.rich_text.pages import PageLinkHandler

from accounts.audiences import Person
from files.models import Attachment, Picture
from kb.models import AudiencePage
from web.http import Viewer

_viewer: ContextVar[Viewer | None] = ContextVar("viewer", default=None)


@contextmanager
def shown_to(viewer: Viewer | None) -> Iterator[None]:
    """Inside, rich text is rendered for `viewer`, or for a visitor if it is None."""
    before = _viewer.get()
    _viewer.set(viewer)
    try:
        yield
    finally:
        _viewer.set(before)


def _reader() -> Viewer:
    return _viewer.get() or Person()


def _sees(viewer: Viewer, page: Any) -> bool:
    return isinstance(page, AudiencePage) and page.is_visible_to(viewer)  # other kinds of pages are not shown


def file_is_for(stored: Picture | Attachment) -> bool:
    """True if a text may show a file to its reader. A file without an audience of its own is for every reader."""
    return stored.audience is None or bool(_reader().keys & stored.audience.key_set)


class ReaderPageLinks(PageLinkHandler):
    """Links to pages: to the translation in the active language, or else to the chosen page."""

    @classmethod
    def get_many(cls, attrs_list: list[dict[str, Any]]) -> list[Any]:
        """Return the pages, None for a page that the reader may not see."""
        viewer = _reader()
        pages = [
            page and next((each for each in (page.localized, page) if _sees(viewer, each.specific)), None)
            for page in super().get_many(attrs_list)
        ]
        return [_AsIs(page) if page else None for page in pages]


class _AsIs:
    """A page in the language that the reader may see."""

    def __init__(self, page: Any) -> None:
        self.localized = page


class ReaderDocumentLinks(DocumentLinkHandler):
    """Links to documents."""

    @classmethod
    def get_many(cls, attrs_list: list[dict[str, Any]]) -> list[Any]:
        """Return the documents, None for one that the reader may not see."""
        return [row if row and file_is_for(row) else None for row in super().get_many(attrs_list)]


class ReaderRedirectMiddleware(RedirectMiddleware):
    """Redirects from an old address to a page only readers who may see it: its new address holds its title."""

    def process_response(self, request: Any, response: Any) -> Any:
        """Return the redirect, or else the given response."""
        found = super().process_response(request, response)
        if found is response:
            return response
        path = Redirect.normalise_path(request.get_full_path(), decode_unicode=False)
        followed = get_redirect(request, path) or get_redirect(request, path.partition("?")[0])
        page = followed.redirect_page
        return response if page and not _sees(request.viewer, page.specific) else found
