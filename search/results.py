"""Results: hits read again through `Source.visible_to` and their documents made anew, since an index lags.

What is shown is what the viewer may see now, as it is now.
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
    """A document as it is now, with the row it was made of."""

    document: Document
    row: Any
    label: Any  # a word for its kind
    score: float
    title: SafeString  # with the words that were asked for marked
    snippet: SafeString
    placement: str = ""  # where curators put it: "top", "bottom"

    @property
    def key(self) -> str:
        """The document key."""
        return self.document.key

    @property
    def recommended(self) -> bool:
        """Whether a curator put it on top of this query's results."""
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
    facets: dict[str, dict[str, int]] = field(default_factory=dict)  # counts by value, by kind, topic, language
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
        """How many pages there are to show."""
        return max(math.ceil(min(self.total, MAX_RESULTS) / self.size), 1)

    @property
    def truncated(self) -> bool:
        """Whether there are more results than are shown."""
        return self.total > MAX_RESULTS


def load_results(
    hits: list[Hit], viewer: Viewer, text: str, synonyms: Synonyms = NO_SYNONYMS, phrases: Iterable[str] = ()
) -> list[Result]:
    """The hits that `viewer` may see now, in their order; one query and its prefetches for each kind among them."""
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
