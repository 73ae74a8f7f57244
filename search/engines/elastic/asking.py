"""The questions of search.engines.Engine, put to the live index."""

from collections.abc import Iterator, Sequence
from typing import Any

from elasticsearch import helpers
from elasticsearch.helpers import pack_dense_vector

from search import tree
from search.engines import MOST_READ, Found, Hit, Request
from search.engines.elastic import queries
from search.engines.elastic.connection import Connection, errors
from search.meaning.providers import Vectors

_KEPT: list[Any] = ["language", "merit", "updated", "translation_key"]
_UNREAD = "-took,-_shards,-hits.hits._index,-hits.hits.sort"  # of an answer: half of its bytes


class Asking(Connection):
    """What an engine is asked."""

    def search(self, request: Request) -> Found:
        """See search.engines.Engine, here and below."""
        filters = queries.chosen(request)
        body = {
            "query": queries.matching(request),
            "sort": ["_score", "key"],
            "_source": _KEPT,
            "track_total_hits": request.count,
            "track_scores": True,
            "from": request.offset,
            "size": max(min(request.size, MOST_READ - request.offset), 0),
        }
        if filters:
            body["post_filter"] = {"bool": {"filter": [*filters.values()]}}
        if request.facets:
            body["aggs"] = queries.counted_facets(filters, once=request.once)
        answer = self._answer(body)
        hits = [queries.as_hit(hit, hit["_score"]) for hit in answer["hits"]["hits"]]
        total = answer["hits"]["total"]["value"] if request.count else len(hits)
        return Found(hits, total, queries.facet_counts(answer["aggregations"]) if request.facets else {})

    def _answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer as it came: objects around a hundred hits would cost as much as making the question."""
        with self.asking() as client:
            answer: dict[str, Any] = client.search(index=self.alias, body=body, filter_path=_UNREAD).body
            return answer

    def near(self, vector: Vectors, request: Request, least: float) -> list[Hit]:
        if "vector" not in self.mappings["properties"]:
            return []
        conditions = queries.conditions(request)
        conditions["filter"] += queries.chosen(request).values()
        knn = {
            "field": "vector",
            "k": request.size,
            "num_candidates": 2 * request.size,
            "query_vector": pack_dense_vector(vector),
            "similarity": least,
            "filter": {"bool": conditions},
        }
        answer = self._answer({"knn": knn, "_source": _KEPT, "size": request.size})
        # Of cosines Elasticsearch makes scores from 0 to 1.
        return [queries.as_hit(hit, 2 * hit["_score"] - 1) for hit in answer["hits"]["hits"]]

    def counts(self, nodes: Sequence[tree.Node], audience: frozenset[str]) -> list[int]:
        if not nodes:
            return []
        filters = {str(number): queries.compiled(node) for number, node in enumerate(nodes)}
        body = {"query": {"bool": {"filter": [queries.allowed(audience)]}}, "size": 0}
        answer = self._answer(body | {"aggs": {"nodes": {"filters": {"filters": filters}}}})
        buckets = answer["aggregations"]["nodes"]["buckets"]
        return [buckets[number]["doc_count"] for number in filters]

    def count(self) -> int:
        with self.asking() as client:
            return int(client.count(index=self.alias)["count"])

    def scan(self, audience: frozenset[str] | None = None) -> Iterator[tuple[str, str]]:
        query = queries.allowed(audience) if audience is not None else {"match_all": {}}
        wanted = {"query": {"bool": {"filter": [query]}}, "_source": ["key", "fingerprint"]}
        with errors():
            for hit in helpers.scan(self.client, wanted, index=self.alias, size=1000):
                yield hit["_source"]["key"], hit["_source"]["fingerprint"]
