"""Results: hits reloaded through `Source.visible_to`, with documents made of the rows as they are now.

An index lags, so this is what keeps results to what the viewer may see.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from search import highlight, sources, vocabulary
from search.curation.synonyms import NO_SYNONYMS, Synonyms
from search.engines import MAX_RESULTS, Hit
from search.language.tokens import Token
from search.ranking_trace import NO_TRACE, RankingTrace
from search.reading.query_parser import EMPTY, ParsedQuery
from search.sources import Document, Source
from web.http import Viewer


@dataclass(frozen=True, slots=True)
class Result:
    """A document as it is now, with its row."""

    document: Document
    row: Any
    label: Any  # of its kind
    score: float
    title: SafeString  # with the query's words marked
    snippet: SafeString
    placement: str = ""  # by curators: "top", "bottom"

    @property
    def key(self) -> str:
        """The document key."""
        return self.document.key

    @property
    def recommended(self) -> bool:
        """True if a curator recommends it for this query."""
        return self.placement == "top"


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A page of results."""

    text: str  # the query as it was typed
    parsed: ParsedQuery = EMPTY
    query_truncated: bool = False  # the query was too long to be read as a whole
    hits: list[Result]
    total: int
    page: int = 1
    size: int = 10
    facets: dict[str, dict[str, int]] = field(default_factory=dict)  # counts by value, by field of a filter
    degraded: bool = False  # the engine did not answer; the database did
    did_you_mean: str = ""  # another wording, which finds more
    corrected: str = ""  # the wording that these are the results of, since the text as typed finds nothing
    other_language: bool = False  # the first hits are all in another language than the reader's
    content_words: tuple[Token, ...] = ()  # the words of the query that say something about a subject
    unmatched_words: tuple[Token, ...] = ()  # those of them that no hit has
    missing_words: tuple[str, ...] = ()  # the same as typed, when they are most of the query
    trace: RankingTrace = NO_TRACE

    @property
    def pages(self) -> int:
        """The number of pages that can be shown."""
        return max(math.ceil(min(self.total, MAX_RESULTS) / self.size), 1)

    @property
    def truncated(self) -> bool:
        """True if there are more results than can be shown."""
        return self.total > MAX_RESULTS


def load_results(
    hits: list[Hit], viewer: Viewer, text: str, synonyms: Synonyms = NO_SYNONYMS, phrases: Iterable[str] = ()
) -> list[Result]:
    """Return results for the hits that `viewer` may see now, in their order. One query with prefetches per kind."""
    rows: dict[str, tuple[Source, Any]] = {}
    for kind, pks in sources.by_kind(hit.key for hit in hits).items():
        if source := sources.get(kind):
            for row in source.visible_to(viewer).filter(pk__in=pks).order_by():
                rows[source.key(row.pk)] = source, row
    marker = highlight.Highlighter(text, vocabulary.current(), synonyms, phrases)
    return [_result(*rows[hit.key], hit, marker) for hit in hits if hit.key in rows]


def _result(source: Source, row: Any, hit: Hit, marker: highlight.Highlighter) -> Result:
    document = source.to_document(row)
    language = document.text_language()
    title = marker.whole(document.title, language)
    snippet = marker.snippet(document.body, language)
    return Result(document, row, source.label, hit.score, title, snippet, hit.placement)
