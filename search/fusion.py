"""One list out of two: hits by words and hits by meaning, fused by rank."""

from collections.abc import Sequence
from typing import NamedTuple

K = 60  # the customary constant of reciprocal rank fusion
DEPTH = 100  # hits of each list that are looked at
MOST = 0.6  # what meaning counts for a long query, against words
SHORT, LONG = 4, 10  # words: up to four, meaning does not count; from ten, in full
OTHER_WORDS = 0.2  # words of another language agree by accident, unless they are names and codes
OTHER_MEANING = 0.75  # so meaning stands in for words there, at some loss
NEAR = 0.25  # cosine under which nothing is alike


class Hit(NamedTuple):
    """A hit of one list, the best first."""

    key: str
    language: str


def meaning_weight(words: int) -> float:
    """How much meaning counts against words, for a query of so many words: short ones name what they want."""
    return MOST * min(1.0, max(0.0, (words - SHORT) / (LONG - SHORT)))


def fuse(by_words: Sequence[Hit], by_meaning: Sequence[Hit], *, words: int, language: str) -> list[tuple[str, float]]:
    """Keys with their scores, the best first.

    `words` counts all words of the query, `language` is its language. A hit in another language is judged by its
    meaning in both respects: its words can hardly agree.
    """
    meaning = meaning_weight(words)
    scores: dict[str, float] = {}
    for rank, hit in enumerate(by_words[:DEPTH], 1):
        weight = 1.0 if hit.language == language else OTHER_WORDS if by_meaning else 1.0
        scores[hit.key] = weight / (K + rank)
    for rank, hit in enumerate(by_meaning[:DEPTH], 1):
        weight = meaning if hit.language == language else OTHER_MEANING * (1 + meaning)
        if weight:
            scores[hit.key] = scores.get(hit.key, 0.0) + weight / (K + rank)
    return sorted(scores.items(), key=lambda item: -item[1])
