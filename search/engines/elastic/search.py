"""The questions of search.engines.Engine, put to the live index."""

from collections.abc import Iterator, Sequence
from typing import Any

from elasticsearch.dsl import Q, Search
from elasticsearch.helpers import pack_dense_vector

from search import query_tree
from search.embeddings.providers import Vectors
from search.engines import MOST_READ, Found, Hit, Request
from search.engines.elastic import queries
from search.engines.elastic.connection import Connection, errors

_KEPT: list[Any] = ["language", "merit", "updated", "translation_key"]
_UNREAD = "-took,-_shards,-hits.hits._index,-hits.hits.sort"  # of an answer: half of its bytes


class Asking(Connection):
    """What an engine is asked."""

    def search(self, request: Request) -> Found:
        """See search.engines.Engine, here and below."""
        size = max(min(request.size, MOST_READ - request.offset), 0)
        search = Search(index=self.alias).query(queries.matching(request))
        search = search.sort("_score", "key").source(_KEPT)
        search = search.extra(track_total_hits=request.count, track_scores=True)
        search = search[request.offset : request.offset + size]
        filters = queries.chosen(request)
        if filters:
            search = search.post_filter(Q("bool", filter=list(filters.values())))
        if request.facets:
            queries.count_facets(search, filters, once=request.once)
        answer = self._answer(search)
        hits = [queries.as_hit(hit, hit["_score"]) for hit in answer["hits"]["hits"]]
        total = answer["hits"]["total"]["value"] if request.count else len(hits)
        return Found(hits, total, queries.facet_counts(answer["aggregations"]) if request.facets else {})

    def _answer(self, search: Any) -> dict[str, Any]:
        """The answer as it came: objects around a hundred hits would cost as much as making the question."""
        with self.asking() as client:
            answer: dict[str, Any] = client.search(index=self.alias, body=search.to_dict(), filter_path=_UNREAD).body
            return answer

    def near(self, vector: Vectors, request: Request, least: float) -> list[Hit]:
        if "vector" not in self.mappings["properties"]:
            return []
        conditions = queries.conditions(request)
        conditions["filter"] += queries.chosen(request).values()
        search = Search(index=self.alias).source(_KEPT)[: request.size]
        search = search.knn(
            "vector",
            k=request.size,
            num_candidates=2 * request.size,
            query_vector=pack_dense_vector(vector),  # type: ignore[arg-type]  # packed: the server takes that too
            similarity=least,
            filter=Q("bool", **conditions),
        )
        # Of cosines Elasticsearch makes scores from 0 to 1.
        return [queries.as_hit(hit, 2 * hit["_score"] - 1) for hit in self._answer(search)["hits"]["hits"]]

    def counts(self, nodes: Sequence[query_tree.Node], audience: frozenset[str]) -> list[int]:
        if not nodes:
            return []
        search = Search(index=self.alias).query("bool", filter=[queries.allowed(audience)]).extra(size=0)
        filters = {str(number): queries.compiled(node) for number, node in enumerate(nodes)}
        search.aggs.bucket("nodes", "filters", filters=filters)
        buckets = self._answer(search)["aggregations"]["nodes"]["buckets"]
        return [buckets[number]["doc_count"] for number in filters]

    def count(self) -> int:
        with self.asking() as client:
            return int(client.count(index=self.alias)["count"])

    def scan(self, audience: frozenset[str] | None = None) -> Iterator[tuple[str, str]]:
        search = Search(using=self.client, index=self.alias).source(["key", "fingerprint"])
        if audience is not None:
            search = search.query("bool", filter=[queries.allowed(audience)])
        with errors():
            for hit in search.params(size=1000).scan():
                yield hit.key, hit.fingerprint
