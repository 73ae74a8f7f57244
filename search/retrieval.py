"""Requests to the engine, and hits in their final order."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from search import engines, fusion, ranking, sources, vocabulary
from search.curation.best_bets import NO_PLACEMENT, Placement
from search.curation.synonyms import NO_SYNONYMS, Synonyms
from search.embeddings.providers import Vectors
from search.engines import MAX_RESULTS, Engine, Hit, SearchRequest, SearchResponse
from search.filters import KIND, LANGUAGE
from search.language import LANGUAGES
from search.language.analysis import Analysis
from search.query_tree import Node, Sum, Term
from search.ranking_trace import NO_TRACE, RankingTrace

MAX_NEW_WORDS = 12  # that the engine is asked about


def build_request(
    text: str,
    *,
    audience: frozenset[str],
    language: str = "",
    typing: bool = False,
    analysis: Analysis | None = None,
    synonyms: Synonyms = NO_SYNONYMS,
    **rest: Any,
) -> SearchRequest:
    """Return the request for the words of a text, analysed as the live index was."""
    tree = ranking.query_tree(
        text, language, analysis=analysis or vocabulary.current(), typing=typing, synonyms=synonyms
    )
    return SearchRequest(tree=tree, audience=audience, **rest)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A page of hits in their final order."""

    hits: list[Hit]
    total: int
    facets: dict[str, dict[str, int]]
    best_cosine: float = 0.0  # of the hit nearest in meaning
    trace: RankingTrace = NO_TRACE


def retrieve(
    text: str,
    wanted: SearchRequest,
    *,
    language: str = "",
    engine: Engine | None = None,
    analysis: Analysis | None = None,
    vector: Vectors | None = None,
    synonyms: Synonyms = NO_SYNONYMS,
    placement: Placement = NO_PLACEMENT,
) -> Retrieved:
    """Return hits in their final order: by words and, with the query's `vector`, by meaning, fused, then placed by
    curators. Raises EngineError.

    The first hundred of each list are fused; later hits are ordered by words alone.
    """
    engine = engine or engines.get()
    on_top = _findable(placement.pinned, wanted, engine, language)
    pinned = list(on_top)
    near: list[Hit] = []
    if vector is not None:
        near = engine.nearest(vector, replace(wanted, offset=0, size=fusion.DEPTH), ranking.LEAST_COSINE)
    analysis = analysis or vocabulary.current()
    query = ranking.analyse_query(text, language, analysis, synonyms)
    new = _new_words(query, wanted, analysis, engine) if near else ()
    weight = ranking.meaning_weight(query, analysis.vocabulary, new)
    include = (*pinned, *(hit.key for hit in near if weight or hit.language != language))
    # A far page is ordered by words alone. Translations that are left out before it still move it up.
    if wanted.offset >= fusion.DEPTH and not include and _every_translation(wanted):
        response = engine.search(wanted)
        return Retrieved(response.hits, response.total, response.facets)
    first = engine.search(
        replace(wanted, include=include, offset=0, size=fusion.DEPTH, collapse=not _every_translation(wanted))
    )
    by_words = _by_merit(hit for hit in first.hits if hit.score > 0)
    order = fusion.fuse(by_words, near, meaning=weight, language=language)
    fused = {hit.key: hit for hit in (*near, *by_words)}
    known = {key: fused[key] for key, _ in order}
    total, stands_for = first.total, dict[str, str]()
    if not _every_translation(wanted):
        order, stands_for = fusion.collapse_translations(order, fused, language)
        order = _without_twins(order, fused, on_top)
        total = _total(first, wanted, len(known) - len(order))
    order = fusion.place_best_bets(order, pinned, placement.demoted)
    hits = _page(order, wanted, pinned, placement)
    if len(hits) < wanted.size and wanted.offset + len(hits) < min(total, MAX_RESULTS):
        hits += _behind(wanted, order, known | on_top, wanted.size - len(hits), language, engine)
    return Retrieved(
        hits=hits[: max(MAX_RESULTS - wanted.offset, 0)],
        total=total,
        facets=first.facets,
        best_cosine=max((hit.score for hit in near), default=0.0),
        trace=RankingTrace(text, language, wanted.tree, by_words, near, placement, weight, order, stands_for),
    )


def _every_translation(wanted: SearchRequest) -> bool:
    """True if languages were chosen: then each translation is a hit of its own."""
    return bool(wanted.filters.get(LANGUAGE))


def _page(order: list[tuple[str, float]], wanted: SearchRequest, pinned: list[str], placement: Placement) -> list[Hit]:
    where = dict.fromkeys(placement.demoted, "bottom") | dict.fromkeys(pinned, "top")
    page = order[wanted.offset : wanted.offset + wanted.size]
    return [Hit(key, score, placement=where.get(key, "")) for key, score in page]


def _new_words(query: ranking.AnalysedQuery, wanted: SearchRequest, analysis: Analysis, engine: Engine) -> list[int]:
    """Return the positions of words that the vocabulary does not know and documents of the audience do have.

    The vocabulary is learnt when the index is built. New documents bring new words, and these are no reason to go by
    meaning alone. At most one request to the engine; none when the vocabulary knows all words.
    """
    positions = sorted(ranking.unknown_words(query, analysis.vocabulary))[:MAX_NEW_WORDS]
    words = [query.words[query.language][position] for position in positions]
    nodes: list[Node] = [
        Sum(tuple(Term(f"{field}_{query.language}", word.stem) for field in ranking.FIELDS)) for word in words
    ]
    counts = engine.count_matches(nodes, wanted.audience)
    return [position for position, count in zip(positions, counts, strict=True) if count]


def _without_twins(
    order: list[tuple[str, float]], hits: Mapping[str, Hit], on_top: Mapping[str, Hit]
) -> list[tuple[str, float]]:
    """Return the order without other translations of pinned documents."""
    there = {hit.translation_key: key for key, hit in on_top.items() if hit.translation_key}
    return [each for each in order if there.get(hits[each[0]].translation_key, each[0]) == each[0]]


def _total(found: SearchResponse, wanted: SearchRequest, left_out: int) -> int:
    """Return the number of results, translations counted as one: the sum of the counts by kind, if there are counts."""
    kinds = found.facets.get(KIND)
    if kinds is None:
        return found.total - left_out
    return sum(kinds.get(kind, 0) for kind in wanted.filters.get(KIND) or kinds)


def _behind(
    wanted: SearchRequest,
    order: Sequence[tuple[str, float]],
    known: Mapping[str, Hit],
    size: int,
    language: str,
    engine: Engine,
) -> list[Hit]:
    """Return the hits after the fused ones (`known`) and the pinned ones, ordered by words alone."""
    keys = dict.fromkeys([*known, *(key for key, _ in order)])
    before = max(wanted.offset - len(order), 0)
    rest = replace(wanted, exclude=(*wanted.exclude, *keys), facets=False, count=False, offset=before, size=size)
    if _every_translation(wanted):
        return engine.search(rest).hits
    # How many translations are left out before this page is known only once they are read.
    shown = {hit.translation_key for hit in known.values() if hit.translation_key}
    found = engine.search(replace(rest, offset=0, size=len(LANGUAGES) * (before + size) + len(shown))).hits
    others = {hit.key: hit for hit in found if hit.translation_key not in shown}
    left, _stands_for = fusion.collapse_translations(
        [(hit.key, hit.score) for hit in others.values()], others, language
    )
    return [Hit(key, score) for key, score in left[before : before + size]]


def _findable(keys: tuple[str, ...], wanted: SearchRequest, engine: Engine, language: str) -> dict[str, Hit]:
    """Return the keys that pass the audience and the filters, in their order, one translation of each."""
    if not keys:
        return {}
    nothing = Term("plain", "=")
    found = engine.search(replace(wanted, tree=nothing, include=keys, offset=0, size=len(keys), facets=False))
    there = {hit.key: hit for hit in found.hits}
    order = [(key, 0.0) for key in keys if key in there]
    if not _every_translation(wanted):
        order, _stands_for = fusion.collapse_translations(order, there, language)
    return {key: there[key] for key, _score in order}


def _by_merit(hits: Iterable[Hit]) -> list[Hit]:
    """Return the hits with their merits in their scores, the best first."""
    now = time.time()
    found = []
    for hit in hits:
        kind, _ = sources.split_key(hit.key)
        merit = hit.merit + ranking.freshness(kind, (now - hit.updated) / 86_400)
        found.append(hit._replace(score=hit.score * merit))
    return sorted(found, key=lambda hit: (-hit.score, hit.key))
