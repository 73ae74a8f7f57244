"""The contract between search and its engines: requests, responses, errors, and the protocol that engines follow."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from search import filters
from search.embeddings.providers import Vectors
from search.filters import Filters
from search.language import LANGUAGES
from search.language import VERSION as LANGUAGE_VERSION
from search.language.analysis import Analysis
from search.query_tree import Node
from search.sources import Document

MAX_RESULTS = 500  # that can be paged through
MAX_HITS = len(LANGUAGES) * MAX_RESULTS  # of one request: every translation of all results
# Facets that count translations as one with `collapse`.
COLLAPSED_FACETS = frozenset(each.field for each in filters.all() if each.collapses)
NO_VECTORS: Mapping[str, Vectors] = MappingProxyType({})
# Raise the second number when other fields than those of filters, or settings, change. The leader rebuilds an index of
# another version.
VERSION = ".".join([f"{LANGUAGE_VERSION}.6", *filters.fields()])


class EngineError(Exception):
    """The engine cannot answer now: it is down or slow, or its index is of another version."""


class EngineUnavailable(EngineError):
    """The breaker is open, which was logged once, or the page's time budget is used up. Try again later."""


class VersionConflict(EngineError):
    """The index has a newer version than what was to be written."""

    def __init__(self, said: str, version: int) -> None:
        super().__init__(said)
        self.version = version  # in the index


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """A request to the engine. Empty filters do not filter; an empty `audience` finds nothing."""

    tree: Node
    audience: frozenset[str]
    filters: Filters = field(default_factory=dict)
    exclude: tuple[str, ...] = ()  # document keys
    include: tuple[str, ...] = ()  # document keys that match as well as the tree, with score 0
    must: tuple[Node, ...] = ()  # further conditions for every hit, without a score
    must_not: tuple[Node, ...] = ()  # what no hit may match
    offset: int = 0
    size: int = 10
    facets: bool = False
    count: bool = True  # False: `total` need not be exact, which saves time
    collapse: bool = False  # COLLAPSED_FACETS count translations as one; hits and `total` do not


class Hit(NamedTuple):  # hundreds a search: a frozen dataclass takes four times as long to make
    """A document key with its score, and the stored values that rank it."""

    key: str
    score: float
    language: str = ""
    merit: float = 1.0  # factor of the document's merits, age aside
    updated: float = 0.0  # seconds since 1970
    translation_key: str = ""  # the same for all translations of a document
    placement: str = ""  # by curators: "top", "bottom"


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """Hits of one page, their total, and counts by facet, each without its own filter."""

    hits: list[Hit]
    total: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


class Engine(Protocol):
    """An engine with one live index and, during a rebuild, a second one beside it.

    Every method raises EngineError when the engine cannot answer. Only the leader calls `write`, `begin`, `switch` and
    `discard`. A former leader that does not know it yet cannot harm the live index: see search.indexing.leader.
    """

    name: str
    analysis: Analysis | None  # for all indexes; None for the stored vocabulary of each index
    keeps_vectors: bool  # in the index: a document is written again once its vector is made

    def search(self, request: SearchRequest) -> SearchResponse:
        """Return the documents that match by their words, the best first."""

    def count_matches(self, nodes: Sequence[Node], audience: frozenset[str]) -> list[int]:
        """Return how many documents of an audience match each node."""

    def live(self) -> str:
        """Return the name of the live index; "" when there is none."""

    def nearest(self, vector: Vectors, request: SearchRequest, least: float) -> list[Hit]:
        """Return the documents nearest in meaning under the request's conditions and filters, whatever its tree.

        At most `request.size`, with their cosines, from `least` up, as scores.
        """

    def scan(self, audience: frozenset[str] | None = None) -> Iterator[tuple[str, str]]:
        """Yield key and fingerprint of every document, or of those of an audience."""

    def state(self) -> str:
        """Return `ready`, `missing`, `old` (made by another version) or `changed` (unexpected fields)."""

    def count(self) -> int:
        """Return the number of documents in the live index."""

    def differences(self) -> list[str]:
        """Return, for operators, how the live index differs from what this version expects; [] when it is ready."""

    def remove_leftovers(self) -> None:
        """Remove indexes of aborted rebuilds. Only the leader calls it, and not during a rebuild."""

    def health(self) -> dict[str, object]:
        """Return the state of this process's circuit breaker, without a request: at least `state`."""

    def prepare(self) -> None:
        """Make an empty live index if there is none of this version."""

    def write(
        self,
        documents: Iterable[Document],
        deleted: Iterable[str],
        building: str = "",
        vectors: Mapping[str, Vectors] = NO_VECTORS,
        version: int = 0,
    ) -> dict[str, str]:
        """Put and delete documents in the live index and in `building`. Return errors of refused documents by key.

        `vectors` has the stored ones by key. A `version` is an external version: what has a higher one, deleted or not,
        is not overwritten. Raises VersionConflict then, if several processes can write.
        """

    def fill(
        self,
        building: str,
        documents: Iterable[Document],
        vectors: Mapping[str, Vectors] = NO_VECTORS,
        version: int = 0,
    ) -> dict[str, str]:
        """Put documents into the index that is being built, and only there.

        Return errors of the documents refused so far, by key. Some requests may not be finished.
        """

    def finish_fill(self) -> dict[str, str]:
        """Wait for all requests of `fill`. Return errors of refused documents by key.

        Call it before anything newer is written to the same index.
        """

    def commit(self, building: str = "") -> None:
        """Make what was written to the live index, and to `building`, visible to searches."""

    def begin(self) -> str:
        """Remove indexes of aborted rebuilds, make an empty index beside the live one, and return its name."""

    def switch(self, building: str) -> None:
        """Make the built index the live one and delete the old one."""

    def discard(self, building: str) -> None:
        """Delete a half-built index."""

    def drop(self) -> None:
        """Delete all indexes (tests, evaluation)."""

    def close(self) -> None:
        """Release locks and connections."""


def bucket_count(bucket: Mapping[str, Any]) -> int:
    """Return the count of a facet's bucket: documents, or with `once` documents with their translations as one."""
    many: int = bucket["doc_count"]
    if "once" not in bucket:
        return many
    return many - int(bucket["all"]["value"]) + int(bucket["once"]["value"])
