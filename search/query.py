"""The entry point of search for pages, forms and other packages: what a viewer finds for a text."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache, partial

from search import coverage, embeddings, engines, ranking, sources, time_budget, vocabulary
from search.curation import snapshot
from search.curation.snapshot import CurationSnapshot
from search.engines.protocol import MAX_RESULTS, EngineError, SearchResponse
from search.execution import SearchContext, log_failure, placement, run_or_fall_back, with_rewrite
from search.filters import KIND, NO_FILTERS, Filter, Filters, Findable, merged
from search.reading.query_parser import parse
from search.results import Result, Results, load_results
from search.retrieval import build_request, retrieve
from web.http import Viewer


def search(
    text: str,
    *,
    viewer: Viewer,
    language: str = "",
    filters: Filters = NO_FILTERS,
    page: int = 1,
    size: int = 10,
    facets: bool = True,
    typing: bool = False,
    curation: CurationSnapshot | None = None,
    exact: bool = False,
) -> Results:
    """Return a page of what `viewer` finds for `text`, the best first. Never raises for any text.

    `language` is the reader's: preferred, not exclusive. `filters` apply beside those in the text. Kinds that are on
    request only are found when they are asked for. `curation` replaces the current synonyms and recommendations
    (previews). With `exact` the words are taken as typed; otherwise misspelt ones are tried in another spelling too.
    """
    clean = text.encode("utf-8", "ignore").decode().replace("\0", " ").strip()
    with time_budget.shared_budget():
        parse_text = partial(parse, named=_named_for(viewer))
        parsed = parse_text(clean[: ranking.MAX_QUERY_LENGTH])
        context = SearchContext(
            viewer=viewer,
            language=language,
            filters={**default_filters(), **merged(filters, parsed.filters)},
            size=size,
            facets=facets,
            typing=typing,
            curation=curation or snapshot.current(),
        )
        results = run_or_fall_back(parsed, context, min(max(page, 1), math.ceil(MAX_RESULTS / size)))
        if not exact and not results.degraded and results.unmatched_words:
            results = with_rewrite(results, parsed, context, parse_text)
    return replace(results, text=clean, parsed=parsed, query_truncated=len(clean) > ranking.MAX_QUERY_LENGTH)


def default_filters() -> Filters:
    """Return the filter for the kinds that are found without being asked for; none when that is every kind."""
    if any(source.on_request_only for source in sources.all()):
        return {KIND: tuple(source.kind for source in sources.all() if not source.on_request_only)}
    return NO_FILTERS


def _named_for(viewer: Viewer) -> Callable[[Filter, str], list[str]]:
    """Return how to look up values of filters by name. Asks the engine at most once, and only if a filter needs it."""
    can_find = findable(viewer)
    return cache(lambda each, name: each.named(name, viewer, can_find))


def findable(viewer: Viewer) -> Findable:
    """Return a function of a field, which returns the values that the viewer can find documents with."""
    counted = cache(lambda: count_all(viewer).facets)
    return lambda field: counted().get(field, {})


def suggest_answers(
    text: str,
    *,
    viewer: Viewer,
    language: str = "",
    limit: int = 5,
    filters: Filters = NO_FILTERS,
    exclude: Iterable[str] = (),
) -> list[Result]:
    """Return at most `limit` existing answers to what somebody is writing. Misspelt words are corrected.

    Return none for less than a word, when the engine does not answer, and when the hits are about something else.
    `exclude` holds document keys, such as that of the question itself.
    """
    text = text.encode("utf-8", "ignore").decode().strip()[: ranking.MAX_QUERY_LENGTH]
    if len(text) < 3 or not ranking.analyse_query(text, language, vocabulary.current()).content_tokens:
        return []
    exclude, curation = tuple(exclude), snapshot.current()
    wanted = build_request(
        text,
        synonyms=curation.synonyms,
        audience=viewer.keys,
        language=language,
        filters={**default_filters(), **merged(filters)},
        exclude=exclude,
        size=limit,
    )
    try:
        with time_budget.shared_budget():
            retrieved = retrieve(
                text,
                wanted,
                language=language,
                vector=embeddings.query_vector(text),
                synonyms=curation.synonyms,
                placement=placement(text, curation),
            )
    except EngineError as error:
        log_failure("no suggestions", error)
        return []
    results = load_results(retrieved.hits, viewer, text, curation.synonyms)
    if retrieved.best_cosine >= ranking.ABOUT or (results and results[0].recommended):
        return results
    about = [hit.document for hit in results]
    if not coverage.missing_words(text, about, vocabulary.current(), curation.synonyms):
        return results
    search_again = partial(
        search, viewer=viewer, language=language, filters=filters, size=limit + len(exclude), facets=False
    )
    corrected = search_again(text)
    if corrected.did_you_mean:
        corrected = search_again(corrected.did_you_mean, exact=True)
    elif not corrected.corrected:
        return []
    return [hit for hit in corrected.hits if hit.key not in exclude][:limit]


def count_all(viewer: Viewer) -> SearchResponse:
    """Return counts of everything that a viewer can find, by facet, as results are counted.

    Empty when the engine does not answer.
    """
    wanted = build_request("", audience=viewer.keys, filters=default_filters(), size=0, facets=True, collapse=True)
    try:
        with time_budget.shared_budget():
            return engines.get().search(wanted)
    except EngineError as error:
        log_failure("nothing to browse", error)
        return SearchResponse([], 0, {})


def findable_keys(viewer: Viewer) -> set[str]:
    """Return every key that any search of this viewer can return: for the test that compares it with `visible_to`."""
    return {key for key, _ in engines.get().scan(viewer.keys)}
