"""Spelling correction: the words of the site that are nearest to a mistyped one.

Knows in how many documents a word occurs, but not who may read those. `did_you_mean` asks the engine that.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.curation.synonyms import Synonyms
from search.language import LANGUAGES, lexicon
from search.language.analysis import Analysis
from search.language.tokens import folded_words

SHORTEST, LONGEST = 4, 40  # letters of a word that is corrected
MOST_WORDS = 200_000  # of a site; the most frequent ones
MOST_CANDIDATES = 10
MOST_COMPARED = 30
FREQUENCY = 0.25  # edits; what ten times as many documents are worth
APART = 0.7  # edits; cost of a missing or extra space
LINKS = ("", "s", "e", "en")  # between the parts of a compound
_FIRST = 0.5  # people rarely mistype a first letter

# Cost of what is easily confused; any other edit costs 1.
_SOUNDS = {
    0.3: "ei/ij ij/y au/ou ph/f th/t ch/g ck/k qu/kw ks/x d/t dt/t c/k i/ie ee/e aa/a oo/o uu/u eau/o",
    0.5: "c/s s/z f/v g/h i/y e/i ie/ei oe/u cc/k",
}
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOUR = 0.7
_DOUBLED = 0.3
_SWAPPED = 0.8


def _pairs() -> dict[tuple[str, str], float]:
    costs: dict[tuple[str, str], float] = {}
    for upper, lower in zip(_ROWS, _ROWS[1:], strict=False):
        for at, letter in enumerate(lower):
            for other in upper[at : at + 2]:
                costs[letter, other] = _NEIGHBOUR
    for row in _ROWS:
        costs |= dict.fromkeys(zip(row, row[1:], strict=False), _NEIGHBOUR)
    for cost, listed in _SOUNDS.items():
        costs |= {(one, other): cost for one, _, other in (pair.partition("/") for pair in listed.split())}
    return costs | {(other, one): cost for (one, other), cost in costs.items()}


_COSTS = _pairs()
_LONGER: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(
    list
)  # pairs of several letters, by the letters they end with
for _pair in _COSTS:
    if len(_pair[0]) > 1 or len(_pair[1]) > 1:
        _LONGER[_pair[0][-1], _pair[1][-1]].append(_pair)
_KEYS = (
    ("eau", "o"),
    ("ij", "ei"),
    ("y", "ei"),
    ("ou", "au"),
    ("ph", "f"),
    ("th", "t"),
    ("ch", "g"),
    ("qu", "kw"),
    ("x", "ks"),
)
_ALIKE = str.maketrans("cdzv", "ktsf")


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction of one word, or of two neighbouring words."""

    words: tuple[str, ...]
    cost: float  # in edits

    def rank(self, documents: int) -> float:
        """Return a rank that is lower, the likelier the correction is, given how many documents have it."""
        return self.cost - FREQUENCY * math.log10(1 + documents)


class SpellingDictionary:
    """Folded, unstemmed words, with the number of documents that have each of them."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        usable = {word: count for word, count in counts.items() if is_word(word)}
        commonest = sorted(usable, key=lambda word: (-usable[word], word))[:MOST_WORDS]
        self.counts = {word: usable[word] for word in commonest}
        self._by_length: dict[int, list[str]] = defaultdict(list)
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        for word in commonest:
            self._by_length[len(word)].append(word)
            self._by_sound[phonetic_key(word)].append(word)

    def corrections(self, word: str) -> list[Correction]:
        """Return corrections of a folded word, the likeliest first."""
        limit = max_edits(word)
        if not limit:
            return []
        edits = math.ceil(limit)
        found = set(self._by_sound.get(phonetic_key(word), []))
        for length in range(len(word) - edits, len(word) + edits + 1):
            same = self._by_length.get(length)
            if same:
                found.update(
                    corrections
                    for corrections, *_ in process.extract(
                        word, same, scorer=OSA.distance, score_cutoff=edits, limit=None
                    )
                )
        found.discard(word)
        likely = sorted(found, key=lambda corrections: (OSA.distance(word, corrections), -self.counts[corrections]))[
            :MOST_COMPARED
        ]
        candidates = [
            Correction((corrections,), cost)
            for corrections in likely
            if (cost := edit_distance(word, corrections)) <= limit
        ]
        return sorted(candidates, key=self._rank)[:MOST_CANDIDATES]

    def split(self, word: str) -> list[Correction]:
        """Return pairs of words that the word may be split into."""
        pairs = ((word[:at], word[at:]) for at in range(SHORTEST - 1, len(word) - SHORTEST + 2))
        known = [Correction(pair, APART) for pair in pairs if all(part in self.counts for part in pair)]
        return sorted(known, key=self._rank)[:3]

    def joined(self, first: str, second: str) -> list[Correction]:
        """Return single words that the two words may be joined to."""
        wholes = [(first + link + second, APART + 0.1 * len(link)) for link in LINKS]
        return [Correction((whole,), cost) for whole, cost in wholes if whole in self.counts]

    def _rank(self, candidate: Correction) -> float:
        return candidate.rank(min(self.counts[word] for word in candidate.words))


@lru_cache(maxsize=2)
def site_dictionary(analysis: Analysis) -> SpellingDictionary:
    """Return the words of all languages in an index's vocabulary, as its last rebuild counted them."""
    counts: Counter[str] = Counter()
    for known in analysis.vocabulary.words.values():
        counts.update(known)
    return SpellingDictionary(counts)


@lru_cache(maxsize=2)
def synonym_dictionary(synonyms: Synonyms) -> SpellingDictionary:
    """Return the words of the curators' synonyms, whether or not the site uses them."""
    terms = {term for rule in synonyms.rules for term in (*rule.terms, *rule.to)}
    return SpellingDictionary(dict.fromkeys((word for term in terms for word in folded_words(term)), 1))


def is_word(word: str) -> bool:
    """True if a folded word can be corrected or suggested: letters alone, and enough of them."""
    return SHORTEST - 1 <= len(word) <= LONGEST and word.isalpha()


def in_dictionary(word: str, language: str) -> bool:
    """True if a dictionary has the folded word: that of the language, or any when the language is unknown."""
    languages = (language,) if language in LANGUAGES else LANGUAGES
    return any(lexicon.is_word(word, each) for each in languages)


def max_edits(word: str) -> float:
    """Return how many edits away a correction of the word may be."""
    if not is_word(word) or len(word) < SHORTEST:
        return 0.0
    return 1.0 if len(word) < 6 else 1.5 if len(word) < 8 else 2.0 if len(word) < 12 else 2.5


def phonetic_key(word: str) -> str:
    """Return a key that is the same for words that sound alike in Dutch, roughly."""
    for written, heard in _KEYS:
        word = word.replace(written, heard)
    word = word.translate(_ALIKE)
    return "".join(letter for at, letter in enumerate(word) if not at or word[at - 1] != letter)


def edit_distance(word: str, other: str) -> float:
    """Return the optimal string alignment distance, in which easily confused letters cost less than 1."""
    width = len(other) + 1
    rows = [[0.0] * width for _ in range(len(word) + 1)]
    for i in range(len(word) + 1):
        for j in range(width):
            if i or j:
                rows[i][j] = _step(rows, word, other, i, j)
    return rows[-1][-1] + (_FIRST if word[:1] != other[:1] else 0.0)


def _step(rows: list[list[float]], word: str, other: str, i: int, j: int) -> float:
    ways = []
    if i:
        ways.append(rows[i - 1][j] + (_DOUBLED if i > 1 and word[i - 1] == word[i - 2] else 1.0))
    if j:
        ways.append(rows[i][j - 1] + (_DOUBLED if j > 1 and other[j - 1] == other[j - 2] else 1.0))
    if i and j:
        same = word[i - 1] == other[j - 1]
        ways.append(rows[i - 1][j - 1] + (0.0 if same else _COSTS.get((word[i - 1], other[j - 1]), 1.0)))
        if i > 1 and j > 1 and word[i - 1] == other[j - 2] and word[i - 2] == other[j - 1]:
            ways.append(rows[i - 2][j - 2] + (_SWAPPED if not same else 0.0))
        for one, two in _LONGER.get((word[i - 1], other[j - 1]), ()):
            if word.endswith(one, 0, i) and other.endswith(two, 0, j):
                ways.append(rows[i - len(one)][j - len(two)] + _COSTS[one, two])
    return min(ways)
