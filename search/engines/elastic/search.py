"""Searches in the live index."""

from collections.abc import Iterator, Sequence
from typing import Any

from elasticsearch.dsl import Q, Search
from elasticsearch.helpers import pack_dense_vector

from search import query_tree
from search.embeddings.providers import Vectors
from search.engines.elastic import queries
from search.engines.elastic.connection import ElasticConnection, engine_errors
from search.engines.protocol import MAX_HITS, Hit, SearchRequest, SearchResponse

_KEPT: list[Any] = ["language", "merit", "updated", "translation_key"]
_UNREAD = "-took,-_shards,-hits.hits._index,-hits.hits.sort"  # parts of a response that are not read: half of its bytes


class SearchMixin(ElasticConnection):
    """The part of the engine that searches."""

    def search(self, request: SearchRequest) -> SearchResponse:
        """See search.engines.Engine, here and below."""
        size = max(min(request.size, MAX_HITS - request.offset), 0)
        search = Search(index=self.alias).query(queries.matching_query(request))
        search = search.sort("_score", "key").source(_KEPT)
        search = search.extra(track_total_hits=request.count, track_scores=True)
        search = search[request.offset : request.offset + size]
        filters = queries.facet_filters(request)
        if filters:
            search = search.post_filter(Q("bool", filter=list(filters.values())))
        if request.facets:
            queries.add_facet_counts(search, filters, collapse=request.collapse)
        answer = self._answer(search)
        hits = [queries.as_hit(hit, hit["_score"]) for hit in answer["hits"]["hits"]]
        total = answer["hits"]["total"]["value"] if request.count else len(hits)
        return SearchResponse(hits, total, queries.facet_counts(answer["aggregations"]) if request.facets else {})

    def _answer(self, search: Any) -> dict[str, Any]:
        """Return the plain response: objects for a hundred hits would cost as much as building the query."""
        with self.asking() as client:
            answer: dict[str, Any] = client.search(index=self.alias, body=search.to_dict(), filter_path=_UNREAD).body
            return answer

    def nearest(self, vector: Vectors, request: SearchRequest, least: float) -> list[Hit]:
        if "vector" not in self.mappings["properties"]:
            return []
        conditions = queries.conditions(request)
        conditions["filter"] += queries.facet_filters(request).values()
        search = Search(index=self.alias).source(_KEPT)[: request.size]
        search = search.knn(
            "vector",
            k=request.size,
            num_candidates=2 * request.size,
            query_vector=pack_dense_vector(vector),  # type: ignore[arg-type]  # packed: the server accepts that too
            similarity=least,
            filter=Q("bool", **conditions),
        )
        # Elasticsearch converts cosines to scores from 0 to 1.
        return [queries.as_hit(hit, 2 * hit["_score"] - 1) for hit in self._answer(search)["hits"]["hits"]]

    def count_matches(self, nodes: Sequence[query_tree.Node], audience: frozenset[str]) -> list[int]:
        if not nodes:
            return []
        search = Search(index=self.alias).query("bool", filter=[queries.audience_filter(audience)]).extra(size=0)
        filters = {str(number): queries.compile_node(node) for number, node in enumerate(nodes)}
        search.aggs.bucket("nodes", "filters", filters=filters)
        buckets = self._answer(search)["aggregations"]["nodes"]["buckets"]
        return [buckets[number]["doc_count"] for number in filters]

    def count(self) -> int:
        with self.asking() as client:
            return int(client.count(index=self.alias)["count"])

    def scan(self, audience: frozenset[str] | None = None) -> Iterator[tuple[str, str]]:
        search = Search(using=self.client, index=self.alias).source(["key", "fingerprint"])
        if audience is not None:
            search = search.query("bool", filter=[queries.audience_filter(audience)])
        with engine_errors():
            for hit in search.params(size=1000).scan():
                yield hit.key, hit.fingerprint
