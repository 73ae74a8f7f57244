"""FAQs that resemble a text, from search; none when search cannot say."""

from accounts.audiences import Viewer
from kb.models import Faq


def similar_faqs(text: str, *, viewer: Viewer, language: str, without: int = 0, limit: int = 5) -> list[Faq]:
    """At most `limit` published FAQs that the viewer may read, the most alike first."""
    try:
        from search import query
    except ImportError:
        return []
    hits = query.search(text[:300], viewer=viewer, language=language, kinds=("faq",), size=limit + 1, facets=False).hits
    pks = [int(hit.key.partition(":")[2]) for hit in hits]
    rows = Faq.objects.visible_to(viewer).select_related("locale", "topic").in_bulk([pk for pk in pks if pk != without])
    return [rows[pk] for pk in pks if pk in rows][:limit]
