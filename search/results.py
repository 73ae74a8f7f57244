"""Results: hits read again through `Source.visible_to` and their documents made anew, since an index lags.

What is shown is what the viewer may see now, as it is now.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from search import highlight, sources, vocabulary
from search.curation.synonyms import NONE, Synonyms
from search.engines import MAXIMUM, Hit
from search.language.tokens import Token
from search.reading.query_parser import NOTHING, Asked
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
    placed: str = ""  # where curators put it: "top", "bottom"

    @property
    def key(self) -> str:
        """The document key."""
        return self.document.key

    @property
    def recommended(self) -> bool:
        """Whether a curator put it on top of this query's results."""
        return self.placed == "top"


@dataclass(slots=True)
class Results:
    """A page of results."""

    text: str
    hits: list[Result]
    total: int
    page: int = 1
    size: int = 10
    facets: dict[str, dict[str, int]] = field(default_factory=dict)  # counts by value, by kind, topic, language
    degraded: bool = False  # the engine did not answer; the database did
    cut: bool = False  # the text was too long to be read whole
    asked: Asked = NOTHING  # the text as it was read: phrases, words to leave out, filters
    did_you_mean: str = ""  # another wording, which finds more
    corrected: str = ""  # the wording that these are the results of, since the text as typed finds nothing
    crossing: bool = False  # what was found first is all in another language than the reader's
    telling: list[Token] = field(default_factory=list)  # the words that say something about a subject
    absent: list[Token] = field(default_factory=list)  # those of them that no hit has
    missing: list[str] = field(default_factory=list)  # the same as typed, when most of what was asked is missing

    @property
    def pages(self) -> int:
        """How many pages there are to show."""
        return max(math.ceil(min(self.total, MAXIMUM) / self.size), 1)

    @property
    def truncated(self) -> bool:
        """Whether there are more results than are shown."""
        return self.total > MAXIMUM


def load(
    hits: list[Hit], viewer: Viewer, text: str, synonyms: Synonyms = NONE, phrases: Iterable[str] = ()
) -> list[Result]:
    """The hits that `viewer` may see now, in their order; one query and its prefetches for each kind among them."""
    rows: dict[str, tuple[Source, Any]] = {}
    for kind, pks in sources.by_kind(hit.key for hit in hits).items():
        if source := sources.get(kind):
            for row in source.visible_to(viewer).filter(pk__in=pks).order_by():
                rows[source.key(row.pk)] = source, row
    marker = highlight.Marker(text, vocabulary.current(), synonyms, phrases)
    return [_result(*rows[hit.key], hit, marker) for hit in hits if hit.key in rows]


def _result(source: Source, row: Any, hit: Hit, marker: highlight.Marker) -> Result:
    document = source.to_document(row)
    language = document.spoken()
    title = marker.whole(document.title, language)
    snippet = marker.snippet(document.body, language)
    return Result(document, row, source.label, hit.score, title, snippet, hit.placed)
