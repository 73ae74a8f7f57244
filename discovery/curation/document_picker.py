"""Choosing a page by searching for it or by its address."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from search import engines, query, sources
from search.results import load_results
from search.sources import Document
from web import scope
from web.http import Viewer
from web.params import number

MOST = 8


def find(text: str, viewer: Viewer) -> Document | None:
    """The document whose address or key this is, when the viewer may see it."""
    text = text.strip()
    key = text if sources.get(sources.split_key(text)[0]) else sources.key_at(text)
    return documents([key], viewer).get(key)


def documents(keys: Iterable[str], viewer: Viewer) -> dict[str, Document]:
    """The documents among these keys that the viewer may see, as they are now."""
    hits = [engines.Hit(key, 0.0) for key in keys if number(sources.split_key(key)[1])]
    return {result.key: result.document for result in load_results(hits, viewer, "")}


def existing(keys: Iterable[str]) -> set[str]:
    """Those of the keys that somebody can find; one query a kind."""
    found = set()
    with scope.reading_as(None):  # also of pages that are not for the curator, who is told just that
        for kind, pks in sources.by_kind(keys).items():
            if source := sources.get(kind):
                rows = source.queryset().order_by().filter(pk__in=[pk for pk in map(number, pks) if pk])
                found |= {source.key(pk) for pk in rows.values_list("pk", flat=True)}
    return found


def suggest(text: str, viewer: Viewer, language: str) -> list[dict[str, str]]:
    """Pages to choose from while somebody types: address, title and what it is."""
    results = query.search(text, viewer=viewer, language=language, size=MOST, facets=False, typing=True)
    return [
        {
            "url": hit.document.url,
            "title": hit.document.title,
            "about": " · ".join(filter(None, (str(hit.label), hit.document.topic_title))),
        }
        for hit in results.hits
    ]


def state(key: str, shown: dict[str, Document], there: set[str]) -> str:
    """A document's title, or why there is none."""
    if key in shown:
        return shown[key].title
    return _("A page that is not for you to see") if key in there else _("This page is gone")
