"""Choose a page by typing words."""

from search import query
from web.http import Viewer

MOST = 8


def suggest(text: str, viewer: Viewer, language: str) -> list[dict[str, str]]:
    """Return pages to choose from while somebody types, as JSON: address, title, kind and topic."""
    results = query.search(text, viewer=viewer, language=language, size=MOST, facets=False, typing=True)
    return [
        {
            "url": hit.document.url,
            "title": hit.document.title,
            "about": " · ".join(filter(None, (str(hit.label), hit.document.topic_title))),
        }
        for hit in results.hits
    ]
