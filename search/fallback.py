"""Search without an engine: a bounded look into the database over rows that the viewer may see."""

from typing import Any

from search import ranking, sources, vocabulary
from search.engines import Found, Hit, Request
from search.reading import clauses
from search.reading.query_parser import Asked
from search.sources import Document
from web.http import Viewer

MOST_WORDS = 5
MOST_ROWS = 60  # of each kind


def search(asked: Asked, request: Request, viewer: Viewer) -> Found:
    """Rows that hold one of the first telling words, those with the most first. Two words in a title beat three in a
    body; no inflection. Counts cover what was looked at."""
    words = _words(asked.words)
    hits: list[Hit] = []
    for source in sources.all():
        if request.kinds and source.kind not in request.kinds:
            continue
        rows: Any = source.queryset().filter(pk__in=source.visible_to(viewer).order_by().values("pk"))
        if words:
            rows = source.degraded(rows, words)
        for row in rows.order_by("-pk")[:MOST_ROWS]:
            document = source.to_document(row)
            if _passes(document, request) and clauses.holds(document, asked):
                hits.append(Hit(document.key, _score(document, words)))
    hits.sort(key=lambda hit: (-hit.score, hit.key))
    return Found(hits[request.offset : request.offset + request.size], len(hits))


def _words(text: str) -> list[str]:
    read = ranking.read(text[:200], "", vocabulary.current())
    # As they were typed: the database knows accents, and folds none away.
    return list(dict.fromkeys(text[t.start : t.end] for t in read.telling or read.tokens))[:MOST_WORDS]


def _passes(document: Document, request: Request) -> bool:
    if request.topics and document.topic not in request.topics:
        return False
    return not request.languages or document.spoken() in request.languages


def _score(document: Document, words: list[str]) -> float:
    title, body = document.title.casefold(), document.body.casefold()
    return float(sum(3 * (word.casefold() in title) + (word.casefold() in body) for word in words))
