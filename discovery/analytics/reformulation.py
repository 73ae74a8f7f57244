"""Decide whether a search is a reformulation of the one before it.

Compared are words (added, dropped, inflected, parts of compounds, misspelt; after Huang and Efthimiadis, "Analyzing and
evaluating query reformulation strategies in web search logs", CIKM 2009), then the curators' synonyms, then embeddings
if they are switched on.
"""

from itertools import product

from rapidfuzz import fuzz

from search import embeddings, ranking, vocabulary
from search.curation import snapshot

ALIKE = 80  # of 100: words with at least this similarity are spellings of the same word
SHORTEST = 4  # letters


def same_need(before: str, after: str, language: str) -> bool:
    """Return True if `after` looks for the same thing as `before` in other words."""
    if not before or not after:
        return False
    if any(_words(before, target) & _words(after, target) for target in (language, "")):
        return True
    pairs = product(before.split(), after.split())
    if any(min(map(len, pair)) >= SHORTEST and fuzz.ratio(*pair) >= ALIKE for pair in pairs):
        return True
    one, other = embeddings.query_vector(before), embeddings.query_vector(after)
    return one is not None and other is not None and float(one @ other) >= ranking.ABOUT


def _words(text: str, language: str) -> set[str]:
    """Return the stems of a text's content words, their parts and synonyms."""
    read = ranking.analyse_query(text, language, vocabulary.current(), snapshot.current().synonyms)
    own = read.words[read.language]
    others = [word for other in read.alternatives[read.language] for word in other.words]
    return {term for word in [*own, *others] for term in (word.stem, *word.parts)}
