"""The order of hits: two lists, by words and by meaning, made one; one translation of each; curators' placements.

`search.ranking` explains the formula and gives the weight of meaning. Nothing here knows an engine.
"""

from collections.abc import Collection, Mapping, Sequence
from math import sqrt
from typing import Protocol

RRF_K = 60  # of reciprocal rank fusion
DEPTH = 100  # hits of each list that are fused
OTHER_WORDS = 0.2  # words of another language match by accident, unless they are names and codes
OTHER_MEANING = 0.75  # so meaning replaces words there, at some loss


class ScoredHit(Protocol):
    """A hit of one list."""

    @property
    def key(self) -> str: ...  # noqa: D102 # the document's

    @property
    def language(self) -> str: ...  # noqa: D102 # the document's

    @property
    def score(self) -> float: ...  # noqa: D102 # BM25 with merits, or a cosine


class TranslatedHit(ScoredHit, Protocol):
    """A hit of a document that may have translations."""

    @property
    def translation_key(self) -> str: ...  # noqa: D102 # the same for all translations; "" when unknown


FusionScores = tuple[float, float]  # by words, by meaning


def fusion_scores(
    by_words: Sequence[ScoredHit], by_meaning: Sequence[ScoredHit], *, meaning: float, language: str
) -> dict[str, FusionScores]:
    """Return the scores of every hit from its ranks in two lists, each the best first.

    `meaning` is the weight of the second list, `language` the reader's. A hit in another language gets more weight by
    meaning, since its words can hardly match. A rank is multiplied by the hit's share of the best score: by rank alone
    the nearest of many far documents would count as much as a near one.
    """
    found: dict[str, FusionScores] = {}
    for rank, hit in enumerate(by_words[:DEPTH], 1):
        own = hit.language == language or not by_meaning
        found[hit.key] = (1.0 if own else OTHER_WORDS) * sqrt(hit.score / by_words[0].score) / (RRF_K + rank), 0.0
    for rank, hit in enumerate(by_meaning[:DEPTH], 1):
        weight = meaning if hit.language == language else OTHER_MEANING * (1 + meaning)
        if weight:
            words, _none = found.get(hit.key, (0.0, 0.0))
            found[hit.key] = words, weight * hit.score / by_meaning[0].score / (RRF_K + rank)
    return found


def fuse(
    by_words: Sequence[ScoredHit], by_meaning: Sequence[ScoredHit], *, meaning: float, language: str
) -> list[tuple[str, float]]:
    """Fuse two lists into one: keys with the sum of their `fusion_scores`, the best first."""
    found = fusion_scores(by_words, by_meaning, meaning=meaning, language=language)
    return sorted(((key, sum(each)) for key, each in found.items()), key=lambda hit: (-hit[1], hit[0]))


def collapse_translations(
    order: Sequence[tuple[str, float]], hits: Mapping[str, TranslatedHit], language: str
) -> tuple[list[tuple[str, float]], dict[str, str]]:
    """Keep one translation of each document, at the place of the best one: that in the reader's `language` if it is
    among the hits, else the best one itself. Return the order, and the ranked key that each replacing key stands for.
    """
    own = {h.translation_key: h.key for h in hits.values() if h.translation_key and h.language == language}
    kept: dict[str, tuple[str, float]] = {}
    stands_for: dict[str, str] = {}
    for key, score in order:
        same = hits[key].translation_key
        if (same or key) in kept:
            continue
        there = own.get(same, key)
        if there != key:
            stands_for[there] = key
        kept[same or key] = there, score
    return list(kept.values()), stands_for


def place_best_bets(
    order: Sequence[tuple[str, float]], pinned: Sequence[str], demoted: Collection[str]
) -> list[tuple[str, float]]:
    """Return the order with pinned keys on top, found or not, and demoted ones at the bottom."""
    if not pinned and not demoted:
        return list(order)
    scores = dict(order)
    top = [(key, scores.get(key, 0.0)) for key in pinned]
    others = [hit for hit in order if hit[0] not in pinned]
    return top + [h for h in others if h[0] not in demoted] + [h for h in others if h[0] in demoted]
