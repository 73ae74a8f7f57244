"""Search without an engine: a bounded search in the database, over rows that the viewer may see."""

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

from search import filters, ranking, sources, time_budget, vocabulary
from search.engines.protocol import Hit, SearchRequest
from search.filters import KIND
from search.reading import clauses
from search.reading.query_parser import ParsedQuery
from search.retrieval import Retrieved
from search.sources import Document, Source
from web.http import Viewer

MAX_WORDS = 5
MAX_ROWS = 60  # of each kind, that pass the filters
MAX_READ = 1200  # rows of each kind that are looked at


def search(parsed: ParsedQuery, request: SearchRequest, viewer: Viewer) -> Retrieved:
    """Return rows with any of the first content words, those with the most first. No inflections are matched.

    A word in the title counts three times a word in the body. Totals cover the rows that were read.
    """
    words = _words(parsed.words)
    hits: list[Hit] = []
    kinds = request.filters.get(KIND)
    for source in sources.all():
        if kinds and source.kind not in kinds:
            continue
        rows: Any = source.queryset().filter(pk__in=source.visible_to(viewer).order_by().values("pk"))
        if words:
            rows = source.filter_by_words(rows, words)
        passing = (
            document
            for document in _documents(source, rows)
            if filters.passes(document, request.filters) and clauses.satisfies(document, parsed)
        )
        hits += [Hit(document.key, _score(document, words)) for document in islice(passing, MAX_ROWS)]
    hits.sort(key=lambda hit: (-hit.score, hit.key))
    return Retrieved(hits[request.offset : request.offset + request.size], len(hits), {})


def _documents(source: Source, rows: Any) -> Iterator[Document]:
    """Yield the documents of the newest rows, MAX_ROWS read at a time: at most MAX_READ, and no more of them once the
    time of the page is up."""
    read, newest = 0, rows.order_by("-pk")
    piece = list(newest[:MAX_ROWS])
    while piece:
        yield from map(source.to_document, piece)
        read += len(piece)
        if len(piece) < MAX_ROWS or read >= MAX_READ or time_budget.remaining(math.inf) <= 0:
            return
        piece = list(newest.filter(pk__lt=piece[-1].pk)[: min(MAX_ROWS, MAX_READ - read)])


def _words(text: str) -> list[str]:
    read = ranking.analyse_query(text[:200], "", vocabulary.current())
    # As they were typed: the database folds no accents.
    return list(dict.fromkeys(text[t.start : t.end] for t in read.content_tokens or read.tokens))[:MAX_WORDS]


def _score(document: Document, words: list[str]) -> float:
    title, body = document.title.casefold(), document.body.casefold()
    return float(sum(3 * (word.casefold() in title) + (word.casefold() in body) for word in words))
