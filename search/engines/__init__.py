"""Engines: what keeps the index and answers from it. The site uses the one that settings choose, by `get()`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from django.conf import settings

from search import embeddings
from search.embeddings.providers import Provider, Vectors
from search.embeddings.table import Table
from search.language import LANGUAGES
from search.language import VERSION as LANGUAGE_VERSION
from search.language.analysis import BOUNDARY, BY_DICTIONARY, Analysis, whole
from search.query_tree import Node
from search.sources import Document

MAXIMUM = 500  # results end here
MOST_READ = len(LANGUAGES) * MAXIMUM  # hits of one question: every translation of all that is shown
ONCE = ("kind", "topic")  # facets that count a document and its translations as one when asked to
TEXT_FIELDS = [f"{name}_{language}" for language in LANGUAGES for name in ("title", "tags", "body")]
PLAIN_FIELDS = ["plain", "surface"]
NO_VECTORS: Mapping[str, Vectors] = MappingProxyType({})
# Raise the second number when fields or settings change. An index of another version is rebuilt by whoever leads.
VERSION = f"{LANGUAGE_VERSION}.6"


class EngineError(Exception):
    """The engine cannot be asked now: it is down, slow, or its index is of another version."""


class EngineAway(EngineError):
    """It is known not to answer, and that was logged once; or the page's time is up. Ask again later."""


class Overtaken(EngineError):
    """The index has something newer than what was to be written."""

    def __init__(self, said: str, version: int) -> None:
        super().__init__(said)
        self.version = version  # of what it has


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to look for. Empty filters do not filter; an empty `audience` finds nothing."""

    tree: Node
    audience: frozenset[str]
    kinds: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()  # document keys
    also: tuple[str, ...] = ()  # document keys that match besides the tree, with score 0
    required: tuple[Node, ...] = ()  # what a document must match besides, whichever way it is found; scores nothing
    excluded: tuple[Node, ...] = ()  # what it must not match
    offset: int = 0
    size: int = 10
    facets: bool = False
    count: bool = True  # False: `total` need not be right, which saves time
    once: bool = False  # the facets ONCE count a document and its translations as one; hits and `total` never do

    def filters(self) -> dict[str, tuple[str, ...]]:
        """The facet filters in use, by field."""
        filters = {"kind": self.kinds, "topic": self.topics, "language": self.languages}
        return {name: values for name, values in filters.items() if values}


class Hit(NamedTuple):  # hundreds a search: a frozen dataclass takes four times as long to make
    """A document key with its score, and what the index knows that ranks it."""

    key: str
    score: float
    language: str = ""
    merit: float = 1.0  # of the document, age aside
    updated: float = 0.0  # seconds since 1970
    translation_key: str = ""  # the same for a document and its translations
    placed: str = ""  # where curators put it: "top", "bottom"


@dataclass(slots=True)
class Found:
    """Hits of one page, how many there are in all, and counts by facet (each without its own filter)."""

    hits: list[Hit]
    total: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    nearest: float = 0.0  # cosine of the hit nearest in meaning


class Engine(Protocol):
    """One index that is live, and while it is rebuilt one more beside it.

    Every method raises EngineError when the engine cannot answer. `write`, `begin`, `switch` and `discard` are the
    leader's alone. A former one that does not know yet can do no harm to an index that is live: see search.indexing.
    """

    name: str
    analysis: Analysis | None  # that everything is written by; None for the stored one of each index
    keeps_vectors: bool  # in the index itself: a document whose vector was made is then written again

    def search(self, request: Request) -> Found:
        """The documents that match, the best first: by their words alone."""

    def counts(self, nodes: Sequence[Node], audience: frozenset[str]) -> list[int]:
        """How many of the documents that an audience may find match each node."""

    def live(self) -> str:
        """The name of the live index; "" when there is none."""

    def near(self, vector: Vectors, request: Request, least: float) -> list[Hit]:
        """The documents nearest in meaning under the request's filters, whatever its tree: at most `request.size`,
        with their cosines (from `least` up) as scores."""

    def scan(self, audience: frozenset[str] | None = None) -> Iterator[tuple[str, str]]:
        """Key and fingerprint of every document, or of those that an audience may find."""

    def state(self) -> str:
        """`ready`, `missing`, `old` (made by another version), or `changed` (its fields are not those expected)."""

    def count(self) -> int:
        """How many documents the live index has."""

    def differences(self) -> list[str]:
        """What is not as this version expects of the live index, in words for an operator; [] when it is ready."""

    def tidy(self) -> None:
        """Remove what aborted rebuilds left. The leader's alone, and not during a rebuild."""

    def health(self) -> dict[str, object]:
        """Whether it is being asked, as this process sees it, without asking it: at least `state`."""

    def prepare(self) -> None:
        """Make an empty live index when there is none of this version."""

    def write(
        self,
        documents: Iterable[Document],
        deleted: Iterable[str],
        building: str = "",
        vectors: Mapping[str, Vectors] = NO_VECTORS,
        version: int = 0,
    ) -> dict[str, str]:
        """Put and delete, in the live index and in the one called `building`. Errors by key of refused documents.

        `vectors` has those that are known, by key. With a `version`, nothing is written over what has a higher one,
        nor put in place of what was deleted under a higher one: raises Overtaken, if other processes can write."""

    def fill(
        self,
        building: str,
        documents: Iterable[Document],
        vectors: Mapping[str, Vectors] = NO_VECTORS,
        version: int = 0,
    ) -> dict[str, str]:
        """Put into the index that is being built alone. Errors by key of the documents refused so far: some may still
        be under way."""

    def filled(self) -> dict[str, str]:
        """Wait until all that `fill` was given is in. Errors by key of what was refused. Due before a `write` of
        anything newer to the same index."""

    def commit(self, building: str = "") -> None:
        """Make what was written to the live index findable, and to the one called `building`."""

    def begin(self) -> str:
        """Start an empty index beside the live one, and remove what aborted rebuilds left. Its name."""

    def switch(self, building: str) -> None:
        """Make the built index the live one and remove the old one."""

    def discard(self, building: str) -> None:
        """Remove a half-built index."""

    def drop(self) -> None:
        """Remove everything (tests, evaluation)."""

    def close(self) -> None:
        """Let go of locks and connections."""


def make(name: str, *, scratch: str = "", analysis: Analysis | None = None, provider: Provider | None = None) -> Engine:
    """An engine by name, `elastic` or `embedded`; with `scratch`, on an index of that name of its own, written by
    `analysis` (by the dictionaries alone when there is none), with vectors by `provider` (or none)."""
    if scratch:
        analysis = analysis or BY_DICTIONARY
    else:
        provider = embeddings.provider()
    if name == "elastic":
        from search.engines.elastic import SEARCH_TIMEOUT, WRITE_TIMEOUT, ElasticEngine

        timeout = WRITE_TIMEOUT if scratch else SEARCH_TIMEOUT  # nobody waits for a scratch index
        return ElasticEngine(
            settings.ELASTICSEARCH_URL, scratch or settings.SEARCH_INDEX_PREFIX, timeout, analysis, provider
        )
    if name == "embedded":
        from search.engines.embedded import EmbeddedEngine

        folder = settings.SEARCH_DIR.with_name(scratch) if scratch else settings.SEARCH_DIR
        return EmbeddedEngine(folder, analysis, _table(provider, scratch))
    raise ValueError(f"no such engine: {name!r}")


def _table(provider: Provider | None, scratch: str) -> Table | None:
    if provider is None:
        return None
    return Table() if scratch else embeddings.stored_table(provider.name)


@lru_cache(maxsize=1)
def get() -> Engine:
    """The engine of this site: Elasticsearch where its address is set, otherwise the embedded one."""
    return make("elastic" if settings.ELASTICSEARCH_URL else "embedded")


def counted(bucket: Mapping[str, Any]) -> int:
    """What the bucket of a facet counted: documents, or where `once` is there each with its translations as one."""
    many: int = bucket["doc_count"]
    if "once" not in bucket:
        return many
    return many - int(bucket["all"]["value"]) + int(bucket["once"]["value"])


def text_fields(document: Document, analysis: Analysis) -> dict[str, list[str]]:
    """The terms of a document by field, in its own language.

    `plain` has the words of title and tags as they are, and the title as a whole; `surface` has every word as it is,
    in order, for phrases.
    """
    language = document.spoken()
    texts = {
        "title": document.title,
        "tags": " | ".join(filter(None, [*document.tags, document.topic_title, document.service])),
        "body": document.body,
    }
    read = {name: analysis.indexed(text, language) for name, text in texts.items()}
    fields = {f"{name}_{language}": indexed.stems for name, indexed in read.items()}
    fields["plain"] = [*read["title"].surface, *read["tags"].surface, whole(document.title)]
    fields["surface"] = [*read["title"].surface, BOUNDARY, *read["tags"].surface, BOUNDARY, *read["body"].surface]
    return fields
