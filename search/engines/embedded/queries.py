"""Query trees and conditions as queries of tantivy, and counts by facet."""

from collections.abc import Iterable
from typing import Any

from tantivy import Occur, Query

from search import filters, query_tree
from search.engines.embedded.documents import SCHEMA
from search.engines.protocol import COLLAPSED_FACETS, SearchRequest, bucket_count

_SAME = {"field": "translation_key"}
_COLLAPSED = {"aggs": {"all": {"value_count": _SAME}, "once": {"cardinality": _SAME}}}
Clauses = list[tuple[Occur, Query]]


def compile_node(node: query_tree.Node) -> Query:
    """Return the query of a tree."""
    match node:
        case query_tree.MatchAll():
            return Query.all_query()
        case query_tree.Term(field, term, boost):
            return Query.boost_query(Query.term_query(SCHEMA, field, term, "freq"), boost)
        case query_tree.Prefix(field, prefix, boost):
            found = Query.fuzzy_term_query(SCHEMA, field, prefix, distance=0, prefix=True)
            return Query.const_score_query(found, boost)
        case query_tree.Phrase(field, terms, slop, boost):
            return Query.boost_query(Query.phrase_query(SCHEMA, field, list(terms), slop), boost)
        case query_tree.DisMax(parts, tie):
            return Query.disjunction_max_query([compile_node(p) for p in parts], tie)
        case query_tree.Sum(parts, minimum):
            return Query.boolean_query([(Occur.Should, compile_node(p)) for p in parts], minimum)
        case query_tree.Boosted(required, extra):
            optional = [(Occur.Should, compile_node(p)) for p in extra]
            return Query.boolean_query([(Occur.Must, compile_node(required)), *optional])


def matching_query(request: SearchRequest) -> Query:
    """Return the query of a request: its tree and included keys."""
    words = compile_node(request.tree)
    if not request.include:
        return words
    return Query.boolean_query([(Occur.Should, words), (Occur.Should, any_of("key", request.include))], 1)


def conditions(request: SearchRequest) -> Clauses:
    """Return the conditions of every hit, by words or by meaning."""
    kept = [(Occur.Must, any_of("audience", sorted(request.audience)))]
    kept += [(Occur.Must, Query.const_score_query(compile_node(node), 0.0)) for node in request.must]
    kept += [(Occur.MustNot, compile_node(node)) for node in request.must_not]
    if request.exclude:
        kept.append((Occur.MustNot, Query.term_set_query(SCHEMA, "key", list(request.exclude))))
    return kept


def facet_filters(request: SearchRequest) -> dict[str, tuple[Occur, Query]]:
    """Return the facet filters in use, by field."""
    return {name: (Occur.Must, any_of(name, values)) for name, values in request.filters.items() if values}


def facet_counts(
    searcher: Any, base: Clauses, narrowed: dict[str, tuple[Occur, Query]], *, collapse: bool
) -> dict[str, dict[str, int]]:
    """Return counts by facet and value, each without its own filter."""
    counts: dict[str, dict[str, int]] = {}
    for name in filters.fields():
        query = Query.boolean_query([*base, *(f for field, f in narrowed.items() if field != name)])
        terms: dict[str, Any] = {"terms": {"field": name, "size": 200}}
        answer = searcher.aggregate(
            query, {"counts": terms | (_COLLAPSED if collapse and name in COLLAPSED_FACETS else {})}
        )
        counts[name] = {b["key"]: bucket_count(b) for b in answer["counts"]["buckets"] if b["key"]}
    return counts


def any_of(field: str, values: Iterable[str]) -> Query:
    """Return the query for documents with any of these values, without a score."""
    return Query.const_score_query(Query.term_set_query(SCHEMA, field, list(values)), 0.0)
