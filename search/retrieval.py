"""What the engine is asked, and its answers in their final order."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from search import engines, ranking, sources, vocabulary
from search.curation.best_bets import NOWHERE, Placed
from search.curation.synonyms import NONE, Synonyms
from search.embeddings.providers import Vectors
from search.engines import MAXIMUM, Engine, Found, Hit, Request
from search.language import LANGUAGES
from search.language.analysis import Analysis
from search.query_tree import Node, Sum, Term
from search.ranking_trace import Trace

MOST_NEW = 12  # words that the engine is asked about


def request(
    text: str,
    *,
    audience: frozenset[str],
    language: str = "",
    typing: bool = False,
    analysis: Analysis | None = None,
    synonyms: Synonyms = NONE,
    **rest: Any,
) -> Request:
    """What the engine is asked for the words of a text, by the analysis of the live index."""
    tree = ranking.tree(text, language, analysis=analysis or vocabulary.current(), typing=typing, synonyms=synonyms)
    return Request(tree=tree, audience=audience, **rest)


def find(
    text: str,
    wanted: Request,
    *,
    language: str = "",
    engine: Engine | None = None,
    analysis: Analysis | None = None,
    vector: Vectors | None = None,
    synonyms: Synonyms = NONE,
    placed: Placed = NOWHERE,
    trace: Trace | None = None,
) -> Found:
    """Hits in their final order: by words and, with the query's `vector`, by meaning, fused, and where curators put
    them. Raises EngineError.

    The first hundred of each list are fused; what comes after them stands by its words.
    """
    engine = engine or engines.get()
    on_top = _findable(placed.pinned, wanted, engine, language)
    pinned = list(on_top)
    near: list[Hit] = []
    if vector is not None:
        near = engine.near(vector, replace(wanted, offset=0, size=ranking.DEPTH), ranking.NEAR)
    analysis = analysis or vocabulary.current()
    asked = ranking.read(text, language, analysis, synonyms)
    new = _new_words(asked, wanted, analysis, engine) if near else ()
    weight = ranking.meaning_weight(asked, analysis.vocabulary, new)
    also = (*pinned, *(hit.key for hit in near if weight or hit.language != language))
    # A far page stands by its words alone; but translations that are left out before it move it up.
    if wanted.offset >= ranking.DEPTH and not also and wanted.languages:
        return engine.search(wanted)
    first = engine.search(replace(wanted, also=also, offset=0, size=ranking.DEPTH, once=not wanted.languages))
    by_words = _by_merit(hit for hit in first.hits if hit.score > 0)
    order = ranking.fuse(by_words, near, meaning=weight, language=language)
    fused = {hit.key: hit for hit in (*near, *by_words)}
    known = {key: fused[key] for key, _ in order}
    stands_for: dict[str, str] = {}
    if not wanted.languages:
        order, stands_for = ranking.one_translation(order, fused, language)
        order = _without_twins(order, fused, on_top)
        first.total = _total(first, wanted, len(known) - len(order))
    order = ranking.place(order, pinned, placed.demoted)
    if trace is not None:
        trace.text, trace.language, trace.tree, trace.placed = text, language, wanted.tree, placed
        trace.by_words, trace.by_meaning, trace.order, trace.meaning = by_words, near, order, weight
        trace.stands_for = stands_for
    where = dict.fromkeys(placed.demoted, "bottom") | dict.fromkeys(pinned, "top")
    hits = [
        Hit(key, score, placed=where.get(key, "")) for key, score in order[wanted.offset : wanted.offset + wanted.size]
    ]
    if len(hits) < wanted.size and wanted.offset + len(hits) < min(first.total, MAXIMUM):
        hits += _behind(wanted, order, known | on_top, wanted.size - len(hits), language, engine)
    first.nearest = max((hit.score for hit in near), default=0.0)
    first.hits = hits[: max(MAXIMUM - wanted.offset, 0)]
    return first


def _new_words(asked: ranking.Asked, wanted: Request, analysis: Analysis, engine: Engine) -> list[int]:
    """Positions of the words that documents of the audience say, though the vocabulary does not know them: it is learnt
    when the index is built, and new documents bring new words, which are no reason to go by meaning alone. At most one
    request to the engine; none when the vocabulary knows all words."""
    places = sorted(ranking.unsaid(asked, analysis.vocabulary))[:MOST_NEW]
    words = [asked.words[asked.language][place] for place in places]
    nodes: list[Node] = [
        Sum(tuple(Term(f"{part}_{asked.language}", word.stem) for part in ("title", "tags", "body"))) for word in words
    ]
    return [place for place, count in zip(places, engine.counts(nodes, wanted.audience), strict=True) if count]


def _without_twins(
    order: list[tuple[str, float]], hits: Mapping[str, Hit], on_top: Mapping[str, Hit]
) -> list[tuple[str, float]]:
    """The order without other translations of what curators put on top."""
    there = {hit.translation_key: key for key, hit in on_top.items() if hit.translation_key}
    return [each for each in order if there.get(hits[each[0]].translation_key, each[0]) == each[0]]


def _total(found: Found, wanted: Request, left_out: int) -> int:
    """How many results there are, each with its translations as one: as the counts by kind say, where there are any."""
    kinds = found.facets.get("kind")
    if kinds is None:
        return found.total - left_out
    return sum(kinds.get(kind, 0) for kind in wanted.kinds or kinds)


def _behind(
    wanted: Request,
    order: Sequence[tuple[str, float]],
    known: Mapping[str, Hit],
    size: int,
    language: str,
    engine: Engine,
) -> list[Hit]:
    """What comes after the fused hits, which are `known`, and those that were put among them: by its words alone."""
    keys = dict.fromkeys([*known, *(key for key, _ in order)])
    before = max(wanted.offset - len(order), 0)
    rest = replace(wanted, exclude=(*wanted.exclude, *keys), facets=False, count=False, offset=before, size=size)
    if wanted.languages:
        return engine.search(rest).hits
    # Which translations are left out before the page is only known once they are read.
    shown = {hit.translation_key for hit in known.values() if hit.translation_key}
    found = engine.search(replace(rest, offset=0, size=len(LANGUAGES) * (before + size) + len(shown))).hits
    others = {hit.key: hit for hit in found if hit.translation_key not in shown}
    left, _stands_for = ranking.one_translation([(hit.key, hit.score) for hit in others.values()], others, language)
    return [Hit(key, score) for key, score in left[before : before + size]]


def _findable(keys: tuple[str, ...], wanted: Request, engine: Engine, language: str) -> dict[str, Hit]:
    """Those of the keys that pass the audience and the filters, in their order; one translation of each."""
    if not keys:
        return {}
    nothing = Term("plain", "=")
    found = engine.search(replace(wanted, tree=nothing, also=keys, offset=0, size=len(keys), facets=False))
    there = {hit.key: hit for hit in found.hits}
    order = [(key, 0.0) for key in keys if key in there]
    if not wanted.languages:
        order, _stands_for = ranking.one_translation(order, there, language)
    return {key: there[key] for key, _score in order}


def _by_merit(hits: Iterable[Hit]) -> list[Hit]:
    """Hits with their merits in their scores, the best first."""
    now = time.time()
    found = []
    for hit in hits:
        kind, _ = sources.split_key(hit.key)
        merit = hit.merit + ranking.freshness(kind, (now - hit.updated) / 86_400)
        found.append(hit._replace(score=hit.score * merit))
    return sorted(found, key=lambda hit: (-hit.score, hit.key))
