"""Questions to Elasticsearch: trees and conditions as its queries, and its answers as hits and counts."""

from typing import Any

from elasticsearch.dsl import Q
from elasticsearch.dsl.query import Query

from search import query_tree
from search.engines import ONCE, Hit, Request, counted


def compiled(node: query_tree.Node) -> Query:
    """A tree as a query."""
    match node:
        case query_tree.Everything():
            return Q("match_all")
        case query_tree.Term(field, term, boost):
            return Q("term", **{field: {"value": term, "boost": boost}})
        case query_tree.Prefix(field, prefix, boost):
            return Q("prefix", **{field: {"value": prefix, "boost": boost}})
        case query_tree.Phrase(field, terms, slop, boost):
            # The terms are ready: whitespace splits them again as they were.
            return Q("match_phrase", **{field: {"query": " ".join(terms), "slop": slop, "boost": boost}})
        case query_tree.Best(parts, tie):
            return Q("dis_max", queries=[compiled(p) for p in parts], tie_breaker=tie)
        case query_tree.Sum(parts, minimum):
            return Q("bool", should=[compiled(p) for p in parts], minimum_should_match=minimum)
        case query_tree.Boosted(required, extra):
            return Q("bool", must=[compiled(required)], should=[compiled(p) for p in extra])


def matching(request: Request) -> Query:
    """What is asked for, under its conditions."""
    asked = compiled(request.tree)
    if request.also:
        also = Q("constant_score", filter=Q("terms", key=list(request.also)), boost=0)
        asked = Q("bool", should=[asked, also], minimum_should_match=1)
    return Q("bool", must=[asked], **conditions(request))


def conditions(request: Request) -> dict[str, list[Query]]:
    """What every hit keeps to, by words or by meaning."""
    excluded = [*map(compiled, request.excluded)]
    if request.exclude:
        excluded.append(Q("terms", key=list(request.exclude)))
    return {"filter": [allowed(request.audience), *map(compiled, request.required)], "must_not": excluded}


def allowed(audience: frozenset[str]) -> Query:
    """The documents that holders of these keys may find."""
    return Q("terms", audience=sorted(audience))


def chosen(request: Request) -> dict[str, Query]:
    """The facet filters in use, by field."""
    return {name: Q("terms", **{name: list(values)}) for name, values in request.filters().items()}


def count_facets(search: Any, filters: dict[str, Query], *, once: bool) -> None:
    """Have a search count by facet, each without its own filter."""
    for name in ("kind", "topic", "language"):
        others = [f for field, f in filters.items() if field != name]
        only = Q("bool", filter=others) if others else Q("match_all")
        counts = search.aggs.bucket(name, "filter", filter=only).bucket("counts", "terms", field=name, size=200)
        if once and name in ONCE:
            counts.metric("all", "value_count", field="translation_key")
            counts.metric("once", "cardinality", field="translation_key")


def facet_counts(answer: dict[str, Any]) -> dict[str, dict[str, int]]:
    """What was counted, by facet and value."""
    return {
        name: {bucket["key"]: counted(bucket) for bucket in answer[name]["counts"]["buckets"] if bucket["key"]}
        for name in ("kind", "topic", "language")
    }


def as_hit(hit: dict[str, Any], score: float) -> Hit:
    """A hit of Elasticsearch as one of ours."""
    kept = hit["_source"]
    return Hit(hit["_id"], score, kept["language"], kept["merit"], kept["updated"], kept["translation_key"] or "")
