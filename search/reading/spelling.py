"""Words that were meant: from the site's own words, those that a mistyped one is nearest to.

Knows words and how many documents have them; not who may read those. `did_you_mean` asks the engine that.
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
MOST_WORDS = 200_000  # of a site, the commonest
MOST_CANDIDATES = 10
MOST_COMPARED = 30
FREQUENCY = 0.25  # an edit's worth of a word that ten times as many documents have
APART = 0.7  # what a missing or extra space costs
LINKS = ("", "s", "e", "en")  # between the parts of a compound
_FIRST = 0.5  # people rarely mistype a first letter

# What is easily taken for one another, and what that costs; anything else costs 1.
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
_LONGER: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)  # by the letters they end with
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
class Candidate:
    """What may have been meant instead of one word, or of two that stand together."""

    words: tuple[str, ...]
    cost: float  # in edits

    def rank(self, documents: int) -> float:
        """The lower, the likelier, when so many documents have it."""
        return self.cost - FREQUENCY * math.log10(1 + documents)


class Words:
    """The words of a site, unstemmed and folded, with how many documents have each."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        usable = {word: count for word, count in counts.items() if is_word(word)}
        commonest = sorted(usable, key=lambda word: (-usable[word], word))[:MOST_WORDS]
        self.counts = {word: usable[word] for word in commonest}
        self._by_length: dict[int, list[str]] = defaultdict(list)
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        for word in commonest:
            self._by_length[len(word)].append(word)
            self._by_sound[sound(word)].append(word)

    def near(self, word: str) -> list[Candidate]:
        """The site's words that may be meant by a folded one, the likeliest first."""
        limit = allowed(word)
        if not limit:
            return []
        edits = math.ceil(limit)
        found = set(self._by_sound.get(sound(word), []))
        for length in range(len(word) - edits, len(word) + edits + 1):
            same = self._by_length.get(length)
            if same:
                found.update(
                    near
                    for near, *_ in process.extract(word, same, scorer=OSA.distance, score_cutoff=edits, limit=None)
                )
        found.discard(word)
        likely = sorted(found, key=lambda near: (OSA.distance(word, near), -self.counts[near]))[:MOST_COMPARED]
        candidates = [Candidate((near,), cost) for near in likely if (cost := distance(word, near)) <= limit]
        return sorted(candidates, key=self._rank)[:MOST_CANDIDATES]

    def split(self, word: str) -> list[Candidate]:
        """Two of the site's words that were written as one."""
        pairs = ((word[:at], word[at:]) for at in range(SHORTEST - 1, len(word) - SHORTEST + 2))
        known = [Candidate(pair, APART) for pair in pairs if all(part in self.counts for part in pair)]
        return sorted(known, key=self._rank)[:3]

    def joined(self, first: str, second: str) -> list[Candidate]:
        """One of the site's words that was written as two."""
        wholes = [(first + link + second, APART + 0.1 * len(link)) for link in LINKS]
        return [Candidate((whole,), cost) for whole, cost in wholes if whole in self.counts]

    def _rank(self, candidate: Candidate) -> float:
        return candidate.rank(min(self.counts[word] for word in candidate.words))


@lru_cache(maxsize=2)
def words_of(analysis: Analysis) -> Words:
    """The words of all languages that the vocabulary of an index knows, as its last rebuild found them."""
    counts: Counter[str] = Counter()
    for known in analysis.vocabulary.words.values():
        counts.update(known)
    return Words(counts)


@lru_cache(maxsize=2)
def names_of(synonyms: Synonyms) -> Words:
    """The words of the curators' synonyms: a site need not say a name to find what it stands for."""
    terms = {term for rule in synonyms.rules for term in (*rule.terms, *rule.to)}
    return Words(dict.fromkeys((word for term in terms for word in folded_words(term)), 1))


def is_word(word: str) -> bool:
    """Whether a folded word can be corrected or suggested: letters alone, not too few of them."""
    return SHORTEST - 1 <= len(word) <= LONGEST and word.isalpha()


def in_dictionary(word: str, language: str) -> bool:
    """Whether a folded word is right as it stands, whether the site has it or not: in that language, or in any when
    it is unknown."""
    languages = (language,) if language in LANGUAGES else LANGUAGES
    return any(lexicon.is_word(word, each) for each in languages)


def allowed(word: str) -> float:
    """How many edits away a correction of the word may be."""
    if not is_word(word) or len(word) < SHORTEST:
        return 0.0
    return 1.0 if len(word) < 6 else 1.5 if len(word) < 8 else 2.0 if len(word) < 12 else 2.5


def sound(word: str) -> str:
    """The same for words that sound alike to a Dutch ear, more or less."""
    for written, heard in _KEYS:
        word = word.replace(written, heard)
    word = word.translate(_ALIKE)
    return "".join(letter for at, letter in enumerate(word) if not at or word[at - 1] != letter)


def distance(word: str, other: str) -> float:
    """Optimal string alignment with what is easily confused costing less than 1."""
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
