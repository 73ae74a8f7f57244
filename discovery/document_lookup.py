"""Look documents up by key or address, for curators."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from search import engines, sources
from search.results import load_results
from search.sources import Document
from web import scope
from web.http import Viewer
from web.params import number


def find(text: str, viewer: Viewer) -> Document | None:
    """Return the document with this address or key, None when there is none that the viewer may see."""
    text = text.strip()
    key = text if sources.get(sources.split_key(text)[0]) else sources.key_at(text)
    return visible([key], viewer).get(key)


def visible(keys: Iterable[str], viewer: Viewer) -> dict[str, Document]:
    """Return the documents of these keys that the viewer may see, as they are now. One query for each kind."""
    hits = [engines.Hit(key, 0.0) for key in keys if number(sources.split_key(key)[1])]
    return {result.key: result.document for result in load_results(hits, viewer, "")}


def existing(keys: Iterable[str]) -> set[str]:
    """Return the keys of documents that anybody at all can find. One query for each kind."""
    found = set()
    with scope.reading_as(None):  # also documents that are not for the curator, who is told only that they exist
        for kind, pks in sources.by_kind(keys).items():
            if source := sources.get(kind):
                rows = source.queryset().order_by().filter(pk__in=[pk for pk in map(number, pks) if pk])
                found |= {source.key(pk) for pk in rows.values_list("pk", flat=True)}
    return found


def title_or_reason(key: str, documents: dict[str, Document], existing_keys: set[str]) -> str:
    """Return a document's title, or why there is none to show."""
    if key in documents:
        return documents[key].title
    return _("A page that you may not see") if key in existing_keys else _("This page is gone")
