"""Query trees and conditions as queries of Elasticsearch, and its responses as hits and counts."""

from typing import Any

from elasticsearch.dsl import Q
from elasticsearch.dsl.query import Query

from search import filters, query_tree
from search.engines.protocol import COLLAPSED_FACETS, Hit, SearchRequest, bucket_count


def compile_node(node: query_tree.Node) -> Query:
    """Return the query of a tree."""
    match node:
        case query_tree.MatchAll():
            return Q("match_all")
        case query_tree.Term(field, term, boost):
            return Q("term", **{field: {"value": term, "boost": boost}})
        case query_tree.Prefix(field, prefix, boost):
            return Q("prefix", **{field: {"value": prefix, "boost": boost}})
        case query_tree.Phrase(field, terms, slop, boost):
            # The terms are analysed already: the whitespace analyzer splits them again as they were.
            return Q("match_phrase", **{field: {"query": " ".join(terms), "slop": slop, "boost": boost}})
        case query_tree.DisMax(parts, tie):
            return Q("dis_max", queries=[compile_node(p) for p in parts], tie_breaker=tie)
        case query_tree.Sum(parts, minimum):
            return Q("bool", should=[compile_node(p) for p in parts], minimum_should_match=minimum)
        case query_tree.Boosted(required, extra):
            return Q("bool", must=[compile_node(required)], should=[compile_node(p) for p in extra])


def matching_query(request: SearchRequest) -> Query:
    """Return the query of a request: its tree and included keys, under its conditions."""
    query = compile_node(request.tree)
    if request.include:
        include = Q("constant_score", filter=Q("terms", key=list(request.include)), boost=0)
        query = Q("bool", should=[query, include], minimum_should_match=1)
    return Q("bool", must=[query], **conditions(request))


def conditions(request: SearchRequest) -> dict[str, list[Query]]:
    """Return the conditions of every hit, by words or by meaning."""
    excluded = [*map(compile_node, request.must_not)]
    if request.exclude:
        excluded.append(Q("terms", key=list(request.exclude)))
    return {"filter": [audience_filter(request.audience), *map(compile_node, request.must)], "must_not": excluded}


def audience_filter(audience: frozenset[str]) -> Query:
    """Return the filter for documents that holders of these keys may find."""
    return Q("terms", audience=sorted(audience))


def facet_filters(request: SearchRequest) -> dict[str, Query]:
    """Return the facet filters in use, by field."""
    return {name: Q("terms", **{name: list(values)}) for name, values in request.filters.items() if values}


def add_facet_counts(search: Any, narrowed: dict[str, Query], *, collapse: bool) -> None:
    """Add counts by facet to a search, each without its own filter."""
    for name in filters.fields():
        others = [f for field, f in narrowed.items() if field != name]
        only = Q("bool", filter=others) if others else Q("match_all")
        counts = search.aggs.bucket(name, "filter", filter=only).bucket("counts", "terms", field=name, size=200)
        if collapse and name in COLLAPSED_FACETS:
            counts.metric("all", "value_count", field="translation_key")
            counts.metric("once", "cardinality", field="translation_key")


def facet_counts(answer: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Return the counts of a response, by facet and value."""
    return {
        name: {bucket["key"]: bucket_count(bucket) for bucket in answer[name]["counts"]["buckets"] if bucket["key"]}
        for name in filters.fields()
    }


def as_hit(hit: dict[str, Any], score: float) -> Hit:
    """Return a hit of Elasticsearch as a Hit."""
    kept = hit["_source"]
    return Hit(hit["_id"], score, kept["language"], kept["merit"], kept["updated"], kept["translation_key"] or "")
