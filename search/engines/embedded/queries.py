"""Questions to tantivy: trees and conditions as its queries, and counts by facet."""

from collections.abc import Iterable
from typing import Any

from tantivy import Occur, Query

from search import query_tree
from search.engines import ONCE, Request, counted
from search.engines.embedded.documents import SCHEMA

_SAME = {"field": "translation_key"}
_ONCE = {"aggs": {"all": {"value_count": _SAME}, "once": {"cardinality": _SAME}}}
Clauses = list[tuple[Occur, Query]]


def compiled(node: query_tree.Node) -> Query:
    """A tree as a query."""
    match node:
        case query_tree.Everything():
            return Query.all_query()
        case query_tree.Term(field, term, boost):
            return Query.boost_query(Query.term_query(SCHEMA, field, term, "freq"), boost)
        case query_tree.Prefix(field, prefix, boost):
            found = Query.fuzzy_term_query(SCHEMA, field, prefix, distance=0, prefix=True)
            return Query.const_score_query(found, boost)
        case query_tree.Phrase(field, terms, slop, boost):
            return Query.boost_query(Query.phrase_query(SCHEMA, field, list(terms), slop), boost)
        case query_tree.Best(parts, tie):
            return Query.disjunction_max_query([compiled(p) for p in parts], tie)
        case query_tree.Sum(parts, minimum):
            return Query.boolean_query([(Occur.Should, compiled(p)) for p in parts], minimum)
        case query_tree.Boosted(required, extra):
            optional = [(Occur.Should, compiled(p)) for p in extra]
            return Query.boolean_query([(Occur.Must, compiled(required)), *optional])


def asked(request: Request) -> Query:
    """What is asked for, with what is shown in any case."""
    words = compiled(request.tree)
    if not request.also:
        return words
    return Query.boolean_query([(Occur.Should, words), (Occur.Should, any_of("key", request.also))], 1)


def allowed(request: Request) -> Clauses:
    """What every hit keeps to, by words or by meaning."""
    kept = [(Occur.Must, any_of("audience", sorted(request.audience)))]
    kept += [(Occur.Must, Query.const_score_query(compiled(node), 0.0)) for node in request.required]
    kept += [(Occur.MustNot, compiled(node)) for node in request.excluded]
    if request.exclude:
        kept.append((Occur.MustNot, Query.term_set_query(SCHEMA, "key", list(request.exclude))))
    return kept


def chosen(request: Request) -> dict[str, tuple[Occur, Query]]:
    """The facet filters in use, by field."""
    return {name: (Occur.Must, any_of(name, values)) for name, values in request.filters().items()}


def facets(
    searcher: Any, base: Clauses, filters: dict[str, tuple[Occur, Query]], *, once: bool
) -> dict[str, dict[str, int]]:
    """Counts by facet and value, each without its own filter."""
    counts: dict[str, dict[str, int]] = {}
    for name in ("kind", "topic", "language"):
        query = Query.boolean_query([*base, *(f for field, f in filters.items() if field != name)])
        terms: dict[str, Any] = {"terms": {"field": name, "size": 200}}
        answer = searcher.aggregate(query, {"counts": terms | (_ONCE if once and name in ONCE else {})})
        counts[name] = {b["key"]: counted(b) for b in answer["counts"]["buckets"] if b["key"]}
    return counts


def any_of(field: str, values: Iterable[str]) -> Query:
    """What has one of these values; it adds nothing to a score."""
    return Query.const_score_query(Query.term_set_query(SCHEMA, field, list(values)), 0.0)
