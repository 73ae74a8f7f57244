"""Search without an engine: a bounded search in the database, over rows that the viewer may see."""

from itertools import islice
from typing import Any

from search import filters, ranking, sources, vocabulary
from search.engines.protocol import Hit, SearchRequest
from search.filters import KIND
from search.reading import clauses
from search.reading.query_parser import ParsedQuery
from search.retrieval import Retrieved
from search.sources import Document
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
        documents = map(source.to_document, rows.order_by("-pk")[:MAX_READ].iterator(chunk_size=MAX_ROWS))
        passing = (d for d in documents if filters.passes(d, request.filters) and clauses.satisfies(d, parsed))
        hits += [Hit(document.key, _score(document, words)) for document in islice(passing, MAX_ROWS)]
    hits.sort(key=lambda hit: (-hit.score, hit.key))
    return Retrieved(hits[request.offset : request.offset + request.size], len(hits), {})


def _words(text: str) -> list[str]:
    read = ranking.analyse_query(text[:200], "", vocabulary.current())
    # As they were typed: the database folds no accents.
    return list(dict.fromkeys(text[t.start : t.end] for t in read.content_tokens or read.tokens))[:MAX_WORDS]


def _score(document: Document, words: list[str]) -> float:
    title, body = document.title.casefold(), document.body.casefold()
    return float(sum(3 * (word.casefold() in title) + (word.casefold() in body) for word in words))
