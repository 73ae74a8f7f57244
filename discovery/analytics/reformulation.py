"""Whether two searches of somebody, soon after each other, were for the same thing.

Kinds of reformulation that words show are seen in words: words added or dropped, inflections, parts of compounds,
spelling (after Huang and Efthimiadis, "Analyzing and evaluating query reformulation strategies in web search logs",
CIKM 2009); those that they do not show, by the curators' synonyms and by meaning where that is on.
"""

from itertools import product

from rapidfuzz import fuzz

from search import embeddings, ranking, vocabulary
from search.curation import snapshot

ALIKE = 80  # of 100: two words with so many letters in common, in order, are spellings of one
SHORTEST = 4  # letters


def same_need(before: str, after: str, language: str) -> bool:
    """Whether `after` says in other words what `before` asked for."""
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
    """Stems of what tells something, of its parts, and of what curators call it as well."""
    asked = ranking.analyse_query(text, language, vocabulary.current(), snapshot.current().synonyms)
    own = asked.words[asked.language]
    others = [word for other in asked.alternatives[asked.language] for word in other.words]
    return {term for word in [*own, *others] for term in (word.stem, *word.parts)}
