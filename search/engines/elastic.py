"""Elasticsearch: an alias on the live index; a rebuild fills a new index and moves the alias.

Terms come ready from search.language; Elasticsearch only splits them at spaces. Its `_source` keeps what a scan
compares and no text: results show the rows themselves.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError, helpers
from elasticsearch.dsl import Q, Search
from elasticsearch.dsl.query import Query

from search import budget, ranking, tree
from search.breaker import Breaker, Refused
from search.engines import (
    MAXIMUM,
    NO_VECTORS,
    PLAIN_FIELDS,
    TEXT_FIELDS,
    VERSION,
    EngineAway,
    EngineError,
    Found,
    Hit,
    Request,
    text_fields,
)
from search.engines.access import address, options
from search.engines.deadline import DeadlineNode
from search.engines.mapping import compare
from search.indexing import vocabulary
from search.language.analysis import Analysis
from search.meaning.providers import Provider, Vectors
from search.sources import Document

SEARCH_TIMEOUT = 0.5  # seconds, of what search.budget leaves
LEAST = 0.03  # with less time than this left nothing is asked any more
WRITE_TIMEOUT = 30.0

_keyword = {"type": "keyword"}
_text = {"type": "text", "analyzer": "whitespace", "index_options": "positions"}
MAPPINGS: dict[str, Any] = {
    "dynamic": "strict",
    "_meta": {"version": VERSION},
    "_source": {"excludes": [*TEXT_FIELDS, *PLAIN_FIELDS]},
    "properties": {
        **dict.fromkeys(("key", "kind", "topic", "language", "audience"), _keyword),
        "fingerprint": {"type": "keyword", "index": False, "doc_values": False},
        "merit": {"type": "float", "index": False, "doc_values": False},
        "updated": {"type": "long", "index": False, "doc_values": False},
        **dict.fromkeys(TEXT_FIELDS, _text),
        **dict.fromkeys(PLAIN_FIELDS, {**_text, "norms": False}),
    },
}


def mappings(provider: Provider | None) -> dict[str, Any]:
    """The fields, with one for the vectors of a provider when there is one."""
    if provider is None:
        return MAPPINGS
    vector = {"type": "dense_vector", "dims": provider.dimensions, "index": True, "similarity": "cosine",
              "index_options": {"type": "int8_hnsw"}}  # fmt: skip
    return MAPPINGS | {
        "_meta": {"version": VERSION, "provider": provider.name},
        "_source": {"excludes": [*TEXT_FIELDS, *PLAIN_FIELDS, "vector"]},
        "properties": MAPPINGS["properties"] | {"vector": vector},
    }


SETTINGS = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "-1"}


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except (ApiError, TransportError, helpers.ScanError) as error:
        raise EngineError(f"{type(error).__name__}: {error}"[:500]) from error


def _does_not_answer(error: BaseException) -> bool:
    """Whether an EngineError says that the server is away, overloaded or will not let us in; not that it said no."""
    cause = error.__cause__
    if isinstance(cause, ApiError):
        return cause.status_code in (401, 403, 408, 429) or cause.status_code >= 500 or cause.status_code < 300
    return isinstance(cause, TransportError)


def open_client(url: str) -> Elasticsearch:
    """A client with the credentials and certificates of settings, whose timeouts bound whole requests."""
    return Elasticsearch(
        address(url), node_class=DeadlineNode, request_timeout=WRITE_TIMEOUT, max_retries=0, retry_on_timeout=False,
        connections_per_node=64, **options(url),
    )  # fmt: skip


class ElasticEngine:
    """Implements search.engines.Engine."""

    name = "elastic"
    keeps_vectors = True

    def __init__(
        self,
        url: str,
        prefix: str,
        timeout: float = SEARCH_TIMEOUT,
        analysis: Analysis | None = None,
        provider: Provider | None = None,
    ) -> None:
        self.alias = prefix
        self.timeout = timeout  # seconds that a search may take
        self.url = url
        self.analysis = analysis
        self.mappings = mappings(provider)
        self._client: Elasticsearch | None = None
        self.breaker = Breaker("Elasticsearch", _does_not_answer)

    @property
    def client(self) -> Elasticsearch:
        """Opened when first used, and again after `close()`."""
        if self._client is None:
            self._client = open_client(self.url)
        return self._client

    @contextmanager
    def _asking(self) -> Iterator[Elasticsearch]:
        """A client for one question of somebody who waits: within the shared time, and not while it does not answer."""
        seconds = budget.left(self.timeout)
        if seconds < LEAST:
            raise EngineAway("the time for this page is up")
        try:
            with self.breaker.attempt(), _errors():
                yield self.client.options(request_timeout=seconds)
        except Refused as error:
            raise EngineAway(str(error)) from error
        except EngineError as error:
            if _does_not_answer(error):  # the breaker has said so, once
                raise EngineAway(str(error)) from error
            raise

    # -- asking -------------------------------------------------------------------------------

    def search(self, request: Request) -> Found:
        size = max(min(request.size, MAXIMUM - request.offset), 0)
        search = Search(index=self.alias).query(self._matching(request))
        search = search.sort("_score", "key").source(["language", "merit", "updated"])
        search = search.extra(track_total_hits=request.count, track_scores=True)
        search = search[request.offset : request.offset + size]
        filters = {name: Q("terms", **{name: list(values)}) for name, values in request.filters().items()}
        if filters:
            search = search.post_filter(Q("bool", filter=list(filters.values())))
        if request.facets:
            self._count(search, filters)
        answer = self._answer(search)
        hits = [_hit(hit, hit["_score"]) for hit in answer["hits"]["hits"]]
        total = answer["hits"]["total"]["value"] if request.count else len(hits)
        return Found(hits, total, _counts(answer["aggregations"]) if request.facets else {})

    def _answer(self, search: Any) -> dict[str, Any]:
        """The answer as it came: objects around a hundred hits would cost as much as making the question."""
        with self._asking() as client:
            answer: dict[str, Any] = client.search(index=self.alias, body=search.to_dict()).body
            return answer

    def near(self, vector: Vectors, request: Request, least: float) -> list[Hit]:
        if "vector" not in self.mappings["properties"]:
            return []
        conditions = self._conditions(request)
        conditions["filter"] += [Q("terms", **{name: list(values)}) for name, values in request.filters().items()]
        search = Search(index=self.alias).source(["language", "merit", "updated"])[: request.size]
        search = search.knn(
            "vector",
            k=request.size,
            num_candidates=2 * request.size,
            query_vector=vector.tolist(),
            similarity=least,
            filter=Q("bool", **conditions),
        )
        # Of cosines Elasticsearch makes scores from 0 to 1.
        return [_hit(hit, 2 * hit["_score"] - 1) for hit in self._answer(search)["hits"]["hits"]]

    def _matching(self, request: Request) -> Query:
        asked = self._compile(request.tree)
        if request.also:
            also = Q("constant_score", filter=Q("terms", key=list(request.also)), boost=0)
            asked = Q("bool", should=[asked, also], minimum_should_match=1)
        return Q("bool", must=[asked], **self._conditions(request))

    def _conditions(self, request: Request) -> dict[str, list[Query]]:
        """What every hit keeps to, by words or by meaning."""
        excluded = [*map(self._compile, request.excluded)]
        if request.exclude:
            excluded.append(Q("terms", key=list(request.exclude)))
        return {"filter": [_audience(request), *map(self._compile, request.required)], "must_not": excluded}

    def counts(self, nodes: Sequence[tree.Node], audience: frozenset[str]) -> list[int]:
        if not nodes:
            return []
        search = Search(index=self.alias).query("bool", filter=[Q("terms", audience=sorted(audience))]).extra(size=0)
        filters = {str(number): self._compile(node) for number, node in enumerate(nodes)}
        search.aggs.bucket("nodes", "filters", filters=filters)
        with self._asking() as client:
            buckets: Any = search.using(client).execute().aggregations.nodes.buckets
        return [buckets[number].doc_count for number in filters]

    def _count(self, search: Any, filters: dict[str, Query]) -> None:
        for name in ("kind", "topic", "language"):
            others = [f for field, f in filters.items() if field != name]
            only = Q("bool", filter=others) if others else Q("match_all")
            search.aggs.bucket(name, "filter", filter=only).bucket("counts", "terms", field=name, size=200)

    def live(self) -> str:
        with _errors():
            try:
                return next(iter(self.client.indices.get_alias(name=self.alias)), "")
            except NotFoundError:
                return ""

    def scan(self, audience: frozenset[str] | None = None) -> Iterator[tuple[str, str]]:
        search = Search(using=self.client, index=self.alias).source(["key", "fingerprint"])
        if audience is not None:
            search = search.filter("terms", audience=sorted(audience))
        with _errors():
            for hit in search.params(size=1000).scan():
                yield hit.key, hit.fingerprint

    def state(self) -> str:
        with _errors():
            try:
                found = self.client.indices.get_mapping(index=self.alias)
            except NotFoundError:
                return "missing"
        live = next(iter(found.values()))["mappings"]
        if live.get("_meta") != self.mappings["_meta"]:
            return "old"
        return "changed" if compare(self.mappings, live) else "ready"

    def differences(self) -> list[str]:
        with _errors():
            try:
                found = self.client.indices.get_mapping(index=self.alias)
            except NotFoundError:
                return [f"there is no index {self.alias!r} yet"]
            if self.alias in found:
                return [f"{self.alias!r} is an index and should be an alias: delete it (all it holds can be made anew)"]
        if len(found) > 1:
            return [f"{self.alias!r} is an alias on several indexes: {', '.join(sorted(found))}"]
        live = next(iter(found.values()))["mappings"]
        about = live.get("_meta", {})
        if (version := about.get("version")) != VERSION:
            return [f"it was made by version {version}; this is {VERSION}"]
        if (model := about.get("provider")) != (wanted := self.mappings["_meta"].get("provider")):
            return [f"its vectors are by {model or 'nobody'}; settings choose {wanted or 'nobody'}"]
        return compare(self.mappings, live)

    def count(self) -> int:
        with self._asking() as client:
            return int(client.count(index=self.alias)["count"])

    def health(self) -> dict[str, object]:
        return self.breaker.report()

    # -- writing ------------------------------------------------------------------------------

    def prepare(self) -> None:
        if self.state() != "ready":
            self.switch(self.begin())

    def write(
        self,
        documents: Iterable[Document],
        deleted: Iterable[str],
        building: str = "",
        vectors: Mapping[str, Vectors] = NO_VECTORS,
    ) -> dict[str, str]:
        documents = list(documents)
        removed = [{"_op_type": "delete", "_id": key} for key in deleted]
        errors: dict[str, str] = {}
        for index in filter(None, (self.alias, building)):
            analysis = self.analysis or vocabulary.of(self.live() if index == self.alias else index)
            actions = [*removed, *(_action(document, analysis, vectors.get(document.key)) for document in documents)]
            # Without require_alias a missing alias would become an index with guessed mappings.
            errors |= self._bulk(index, actions, require_alias=index == self.alias)
        return errors

    def fill(
        self, building: str, documents: Iterable[Document], vectors: Mapping[str, Vectors] = NO_VECTORS
    ) -> dict[str, str]:
        analysis = self.analysis or vocabulary.of(building)
        actions = (_action(document, analysis, vectors.get(document.key)) for document in documents)
        # Elasticsearch takes in one part while the next is being read.
        with _errors():
            return _refused(
                helpers.parallel_bulk(
                    self.client,
                    actions,
                    index=building,
                    raise_on_error=False,
                    chunk_size=125,
                    thread_count=2,
                    queue_size=2,
                )
            )

    def _bulk(self, index: str, actions: list[dict[str, Any]], require_alias: bool = False) -> dict[str, str]:
        if not actions:
            return {}
        with _errors():
            return _refused(
                helpers.streaming_bulk(
                    self.client, actions, index=index, raise_on_error=False, chunk_size=500, require_alias=require_alias
                )
            )

    def commit(self, building: str = "") -> None:
        with _errors():
            self.client.indices.refresh(index=[self.alias, building] if building else self.alias)

    def tidy(self) -> None:
        with _errors():
            live = self.live()
            for left in self.client.indices.get(index=f"{self.alias}-v*", features="aliases"):
                if left != live:
                    self.client.indices.delete(index=left, ignore_unavailable=True)

    def begin(self) -> str:
        self.tidy()
        with _errors():
            name = f"{self.alias}-v{time.time_ns():x}"
            self.client.indices.create(index=name, mappings=self.mappings, settings=SETTINGS)
        return name

    def switch(self, building: str) -> None:
        with _errors():
            self.client.indices.refresh(index=building)
            old = self.live()
            remove = [{"remove_index": {"index": old}}] if old else []
            self.client.indices.update_aliases(actions=[*remove, {"add": {"index": building, "alias": self.alias}}])

    def discard(self, building: str) -> None:
        with _errors():
            self.client.indices.delete(index=building, ignore_unavailable=True)

    def drop(self) -> None:
        with _errors():
            for index in self.client.indices.get(index=f"{self.alias}-v*", features="aliases"):
                self.client.indices.delete(index=index, ignore_unavailable=True)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _compile(self, node: tree.Node) -> Query:
        match node:
            case tree.Everything():
                return Q("match_all")
            case tree.Term(field, term, boost):
                return Q("term", **{field: {"value": term, "boost": boost}})
            case tree.Prefix(field, prefix, boost):
                return Q("prefix", **{field: {"value": prefix, "boost": boost}})
            case tree.Phrase(field, terms, slop, boost):
                # The terms are ready: whitespace splits them again as they were.
                return Q("match_phrase", **{field: {"query": " ".join(terms), "slop": slop, "boost": boost}})
            case tree.Best(parts, tie):
                return Q("dis_max", queries=[self._compile(p) for p in parts], tie_breaker=tie)
            case tree.Sum(parts, minimum):
                return Q("bool", should=[self._compile(p) for p in parts], minimum_should_match=minimum)
            case tree.Boosted(required, extra):
                return Q("bool", must=[self._compile(required)], should=[self._compile(p) for p in extra])


def _audience(request: Request) -> Query:
    return Q("terms", audience=sorted(request.audience))


def _action(document: Document, analysis: Analysis, vector: Vectors | None) -> dict[str, Any]:
    return {
        "_op_type": "index",
        "_id": document.key,
        "_source": {
            "key": document.key,
            "kind": document.kind,
            "topic": document.topic,
            "language": document.spoken(),
            "audience": sorted(document.audience),
            "fingerprint": document.fingerprint(),
            "merit": round(ranking.merit(document), 4),
            "updated": int(document.updated.timestamp()),
            **{name: " ".join(terms) for name, terms in text_fields(document, analysis).items()},
            **({} if vector is None else {"vector": vector.tolist()}),
        },
    }


def _refused(results: Iterable[tuple[bool, dict[str, Any]]]) -> dict[str, str]:
    """Errors by key of the documents that a bulk request refused. Raises EngineError for what is not their fault."""
    errors: dict[str, str] = {}
    for ok, result in results:
        ((operation, item),) = result.items()
        if ok or (operation == "delete" and item["status"] == 404 and "error" not in item):
            continue
        if item["status"] != 400:  # not the document's fault
            raise EngineError(str(item)[:500])
        errors[item["_id"]] = str(item.get("error"))[:500]
    return errors


def _hit(hit: dict[str, Any], score: float) -> Hit:
    kept = hit["_source"]
    return Hit(hit["_id"], score, kept["language"], kept["merit"], kept["updated"])


def _counts(answer: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {
        name: {bucket["key"]: bucket["doc_count"] for bucket in answer[name]["counts"]["buckets"] if bucket["key"]}
        for name in ("kind", "topic", "language")
    }


def plain_search(
    url: str, documents: list[dict[str, str]], queries: list[dict[str, str]], size: int = 10
) -> dict[str, list[tuple[str, float]]]:
    """What plain Elasticsearch answers to `{"id", "text"}` over `{"id", "title", "body", "lang"}`, for comparison.

    multi_match, most_fields, title^2 and body, the built-in analyzers of the languages that occur.
    """
    client = open_client(url)
    name = f"evaluate-plain-{time.time_ns():x}"
    analyzers = {"nl": "dutch", "en": "english"}
    languages = sorted({row.get("lang", "en") for row in documents} & set(analyzers)) or ["en"]
    fields = {f"{f}_{lang}": {"type": "text", "analyzer": analyzers[lang]} for lang in languages for f in _PLAIN}
    weighted = [f"{f}_{lang}{boost}" for lang in languages for f, boost in _PLAIN.items()]
    with _errors():
        client.indices.create(index=name, mappings={"properties": fields}, settings={"number_of_shards": 1})
        try:
            rows = (
                {"_id": row["id"], **{f"{f}_{lang}": row.get(f, "") for lang in languages for f in _PLAIN}}
                for row in documents
            )
            helpers.bulk(client, rows, index=name, refresh=True)
            run = {}
            for row in queries:
                match = {"query": row["text"], "type": "most_fields", "fields": weighted}
                answer = client.search(index=name, query={"multi_match": match}, size=size, source=False)
                run[row["id"]] = [(hit["_id"], hit["_score"]) for hit in answer["hits"]["hits"]]
            return run
        finally:
            client.indices.delete(index=name, ignore_unavailable=True)
            client.close()


_PLAIN = {"title": "^2", "body": ""}
