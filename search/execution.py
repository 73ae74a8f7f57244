"""Running one parsed query: by the engine or the database, with hits in the reader's language, and once more in another
wording when words of it are in no hit.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.utils import timezone

from search import coverage, embeddings, engines, fallback, ranking, sources, vocabulary
from search.curation.best_bets import Placement
from search.curation.snapshot import CurationSnapshot
from search.engines.protocol import EngineError, EngineUnavailable, Hit, SearchRequest
from search.filters import LANGUAGE, Filters
from search.query_tree import Node
from search.reading import clauses, did_you_mean
from search.reading.did_you_mean import QueryRewrite
from search.reading.query_parser import ParsedQuery
from search.results import Result, Results, load_results
from search.retrieval import Retrieved, build_request, retrieve
from web.http import Viewer

logger = logging.getLogger(__name__)
FIRST_HITS = 3  # that tell in which language something was found


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchContext:
    """Everything that a search depends on besides its words and the page: viewer, filters, options."""

    viewer: Viewer
    language: str  # the reader's
    filters: Filters
    size: int
    facets: bool
    typing: bool
    curation: CurationSnapshot

    def request(self, parsed: ParsedQuery, page: int) -> SearchRequest:
        """Return the request to the engine."""
        return build_request(
            parsed.words,
            synonyms=self.curation.synonyms,
            audience=self.viewer.keys,
            language=self.language,
            filters=self.filters,
            must=clauses.required(parsed),
            must_not=clauses.excluded(parsed, vocabulary.current()),
            offset=(page - 1) * self.size,
            size=self.size,
            facets=self.facets,
            typing=self.typing,
        )

    def tree(self, text: str) -> Node:
        """Return the tree that finds documents by the words of a text."""
        return build_request(
            text, synonyms=self.curation.synonyms, audience=self.viewer.keys, language=self.language
        ).tree


def placement(text: str, curation: CurationSnapshot) -> Placement:
    """Return what curators put on top and at the bottom of a query's results."""
    return curation.best_bets.placement(text[: ranking.MAX_QUERY_LENGTH], vocabulary.current(), timezone.localdate())


def run(parsed: ParsedQuery, context: SearchContext, page: int) -> Results:
    """Return a page of results. Raises EngineError."""
    retrieved = retrieve(
        parsed.words,
        context.request(parsed, page),
        language=context.language,
        # A half-typed query has no meaning yet.
        vector=None if context.typing else embeddings.query_vector(parsed.words),
        synonyms=context.curation.synonyms,
        placement=placement(parsed.words, context.curation),
    )
    return _results(parsed, context, page, retrieved)


def run_or_fall_back(parsed: ParsedQuery, context: SearchContext, page: int) -> Results:
    """Return a page of results from the engine, or from the database when the engine does not answer."""
    try:
        return run(parsed, context, page)
    except EngineError as error:
        log_failure("degraded", error)
    retrieved = fallback.search(parsed, context.request(parsed, page), context.viewer)
    return _results(parsed, context, page, retrieved, degraded=True)


def _results(
    parsed: ParsedQuery, context: SearchContext, page: int, retrieved: Retrieved, *, degraded: bool = False
) -> Results:
    """Load the hits, and compare them with the query."""
    synonyms = context.curation.synonyms
    hits = load_results(retrieved.hits, context.viewer, parsed.words, synonyms, parsed.phrases)
    results = Results(
        text=parsed.text,
        hits=hits,
        total=retrieved.total,
        page=page,
        size=context.size,
        facets=retrieved.facets,
        degraded=degraded,
        trace=retrieved.trace,
    )
    if hits and hits[0].recommended:
        return results
    words, unmatched = coverage.uncovered_words(
        parsed.words, [hit.document for hit in hits], vocabulary.current(), synonyms
    )
    results = replace(results, content_words=tuple(words), unmatched_words=tuple(unmatched))
    if (
        page > 1 or not hits or context.filters.get(LANGUAGE)
    ):  # who asks for one language may well ask in the words of another
        return results
    if _all_in_other_language(hits, context.language):
        hits = _in_readers_language(hits, parsed, context)
    missing = (
        coverage.main_missing_words(parsed.words, words, unmatched) if retrieved.best_cosine < ranking.ABOUT else ()
    )
    return replace(
        results,
        hits=hits,
        other_language=_all_in_other_language(hits, context.language),
        missing_words=tuple(missing),
    )


def _all_in_other_language(hits: list[Result], language: str) -> bool:
    return bool(language) and all(hit.document.text_language() != language for hit in hits[:FIRST_HITS])


def _in_readers_language(hits: list[Result], parsed: ParsedQuery, context: SearchContext) -> list[Result]:
    """Return the hits, the first ones replaced by their translation in the reader's language where there is one."""
    own: dict[str, Result] = {}
    for hit in hits[:FIRST_HITS]:
        source = sources.get(hit.document.kind)
        keys = source.translations(hit.row) if source else []
        others = [Hit(key, hit.score) for key in keys]
        if not others:
            continue
        translated = load_results(others, context.viewer, parsed.words, context.curation.synonyms, parsed.phrases)
        for result in translated:
            if result.document.text_language() == context.language:
                own[hit.key] = result
    replaced = [own.get(hit.key, hit) for hit in hits]
    return list({hit.key: hit for hit in replaced}.values())


def with_rewrite(
    results: Results, parsed: ParsedQuery, context: SearchContext, parse: Callable[[str], ParsedQuery]
) -> Results:
    """Return the results with another wording suggested, if that finds more; or the results of that wording, if the
    text as typed finds nothing."""
    try:
        rewrite = _rewrite(results, parsed, context)
        if not rewrite or (results.page > 1 and not rewrite.replaces):
            return results
        reworded = parse(rewrite.text)
        trees = [context.tree(parsed.words), context.tree(reworded.words)]
        as_typed, as_reworded = engines.get().count_matches(trees, context.viewer.keys)
        if as_reworded <= as_typed:  # by words: meaning always finds something
            return results
        other = run(reworded, context, 1)
        spelled = rewrite.spelled_as_in(hit.document for hit in other.hits)
        if spelled is None:
            return results
        if not rewrite.replaces:
            return replace(results, did_you_mean=spelled, missing_words=())
        if results.page > 1:
            other = run(reworded, context, results.page)
    except EngineError as error:
        log_failure("no second try", error)
        return results
    return replace(other, corrected=spelled)


def _rewrite(results: Results, parsed: ParsedQuery, context: SearchContext) -> QueryRewrite | None:
    return did_you_mean.rewrite(
        parsed,
        {token.text for token in results.content_words},
        {token.text for token in results.unmatched_words},
        engine=engines.get(),
        audience=context.viewer.keys,
        tree=context.tree,
        analysis=vocabulary.current(),
        synonyms=context.curation.synonyms,
        language=context.language,
        unfinished=context.typing and parsed.text[-1:].isalnum(),
    )


def log_failure(what: str, error: EngineError) -> None:
    """Log an engine error. The breaker logs an engine that is unavailable, once, so that goes to debug."""
    level = logging.DEBUG if isinstance(error, EngineUnavailable) else logging.WARNING
    logger.log(level, "search: %s: %s", what, error)
