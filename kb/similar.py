"""FAQs similar to a text, found by search."""

from kb.models import Faq
from search.filters import KIND
from search.query import suggest_answers
from web.http import Viewer


def similar_faqs(text: str, *, viewer: Viewer, language: str, without: int = 0, limit: int = 5) -> list[Faq]:
    """Return at most `limit` published FAQs that the viewer may read, the most similar first."""
    exclude = (f"faq:{without}",) if without else ()
    found = suggest_answers(
        text[:300], viewer=viewer, language=language, limit=limit, filters={KIND: (Faq.search_kind,)}, exclude=exclude
    )
    return [result.row for result in found]
