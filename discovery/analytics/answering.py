"""Whether search finds an answer to a text now: the one judgement for wishes and gaps.

The same search as everybody's, with the curators' synonyms and recommendations, and by meaning where that is on. A
document counts by itself, unlike in `search.query.suggest_answers`, which judges a list: one that is not about it must
not pass because of its neighbour.
"""

import time

from search import coverage, embeddings, query, ranking, sources, vocabulary
from search.curation import snapshot
from search.results import Result
from search.sources import Document
from web.http import Viewer

LOOK = 5  # an answer is among the first
PATIENCE = 60.0  # seconds that a model which is being loaded is waited for
_waiting_since: list[float] = []


def ready() -> bool:
    """Whether to judge now: not while meaning is still being loaded, as far as that comes within a minute."""
    if embeddings.ready():
        _waiting_since.clear()
        return True
    if not _waiting_since:
        _waiting_since.append(time.monotonic())
    return time.monotonic() - _waiting_since[0] > PATIENCE


def answers(text: str, *, viewer: Viewer, language: str) -> list[Document] | None:
    """The documents among the first hits that answer a text and that `viewer` may see now; None when the engine does
    not answer."""
    found = query.search(text, viewer=viewer, language=language, size=LOOK, facets=False)
    if found.degraded:
        return None
    synonyms, near = snapshot.current().synonyms, {hit.key: hit.score for hit in found.trace.by_meaning}

    def fits(hit: Result) -> bool:
        if hit.recommended or near.get(hit.key, 0.0) >= ranking.ABOUT:
            return True
        return not coverage.missing_words(found.corrected or text, [hit.document], vocabulary.current(), synonyms)

    return [hit.document for hit in found.hits if is_answer(hit.document) and fits(hit)]


def is_answer(document: Document) -> bool:
    """Whether a document of its kind is an answer at all: a question without one is not."""
    source = sources.get(document.kind)
    return source is not None and source.is_answer(document)
