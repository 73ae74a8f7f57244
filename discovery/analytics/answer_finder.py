"""Find out whether search has an answer to a text now. Search alerts and gaps both use it.

It is the search that everybody uses, with synonyms, recommended pages and, if switched on, embeddings. Each document is
judged by itself, unlike in `search.query.suggest_answers`, which judges a whole list: a document that does not answer
must not pass because the next one does.
"""

import math
import time

from search import coverage, embeddings, query, ranking, sources, vocabulary
from search.curation import snapshot
from search.results import Result
from search.sources import Document
from web.http import Viewer
from web.ttl_cache import TTLCache

DEPTH = 5  # an answer is among the first hits
PATIENCE = 60.0  # seconds to wait for an embedding model that is being loaded
_waiting_since = TTLCache(time.monotonic, math.inf)  # when this process first waited for the model


def ready() -> bool:
    """Return True if answers can be judged now: the embedding model is loaded, or was waited for long enough."""
    if embeddings.ready():
        _waiting_since.clear()
        return True
    return time.monotonic() - _waiting_since() > PATIENCE


def find_answers(text: str, *, viewer: Viewer, language: str) -> list[Document] | None:
    """Return the documents among the first hits that answer a text, as far as `viewer` may see them now.

    None when the engine does not answer.
    """
    found = query.search(text, viewer=viewer, language=language, size=DEPTH, facets=False)
    if found.degraded:
        return None
    synonyms, similarity = snapshot.current().synonyms, {hit.key: hit.score for hit in found.trace.by_meaning}

    def covers(hit: Result) -> bool:
        if hit.recommended or similarity.get(hit.key, 0.0) >= ranking.ABOUT:
            return True
        return not coverage.missing_words(found.corrected or text, [hit.document], vocabulary.current(), synonyms)

    return [hit.document for hit in found.hits if is_answer(hit.document) and covers(hit)]


def is_answer(document: Document) -> bool:
    """Return True if a document is an answer by its kind and state. A question without an answer is not."""
    source = sources.get(document.kind)
    return source is not None and source.is_answer(document)
