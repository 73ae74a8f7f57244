"""Questions to Elasticsearch: trees and conditions as its queries, and its answers as hits and counts.

Queries are plain dictionaries: the client's objects for them take longer to make than a question takes to send.
"""

from typing import Any

from search import tree
from search.engines import ONCE, Hit, Request, counted

Query = dict[str, Any]


def compiled(node: tree.Node) -> Query:
    """A tree as a query."""
    match node:
        case tree.Everything():
            return {"match_all": {}}
        case tree.Term(field, term, boost):
            return {"term": {field: {"value": term, "boost": boost}}}
        case tree.Prefix(field, prefix, boost):
            return {"prefix": {field: {"value": prefix, "boost": boost}}}
        case tree.Phrase(field, terms, slop, boost):
            # The terms are ready: whitespace splits them again as they were.
            return {"match_phrase": {field: {"query": " ".join(terms), "slop": slop, "boost": boost}}}
        case tree.Best(parts, tie):
            return {"dis_max": {"queries": [compiled(part) for part in parts], "tie_breaker": tie}}
        case tree.Sum(parts, minimum):
            return {"bool": {"should": [compiled(part) for part in parts], "minimum_should_match": minimum}}
        case tree.Boosted(required, extra):
            return {"bool": {"must": [compiled(required)], "should": [compiled(part) for part in extra]}}


def matching(request: Request) -> Query:
    """What is asked for, under its conditions."""
    asked = compiled(request.tree)
    if request.also:
        also = {"constant_score": {"filter": {"terms": {"key": request.also}}, "boost": 0}}
        asked = {"bool": {"should": [asked, also], "minimum_should_match": 1}}
    return {"bool": {"must": [asked], **conditions(request)}}


def conditions(request: Request) -> dict[str, list[Query]]:
    """What every hit keeps to, by words or by meaning."""
    excluded = [*map(compiled, request.excluded)]
    if request.exclude:
        excluded.append({"terms": {"key": request.exclude}})
    return {"filter": [allowed(request.audience), *map(compiled, request.required)], "must_not": excluded}


def allowed(audience: frozenset[str]) -> Query:
    """The documents that holders of these keys may find."""
    return {"terms": {"audience": sorted(audience)}}


def chosen(request: Request) -> dict[str, Query]:
    """The facet filters in use, by field."""
    return {name: {"terms": {name: values}} for name, values in request.filters().items()}


def counted_facets(filters: dict[str, Query], *, once: bool) -> dict[str, Query]:
    """Aggregations that count by facet, each without its own filter."""
    translations = {
        "all": {"value_count": {"field": "translation_key"}},
        "once": {"cardinality": {"field": "translation_key"}},
    }
    found = {}
    for name in ("kind", "topic", "language"):
        others = [query for field, query in filters.items() if field != name]
        only = {"bool": {"filter": others}} if others else {"match_all": {}}
        counts: Query = {"terms": {"field": name, "size": 200}}
        if once and name in ONCE:
            counts["aggs"] = translations
        found[name] = {"filter": only, "aggs": {"counts": counts}}
    return found


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
