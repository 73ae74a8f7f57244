"""The one formula: what a query asks for, and in which order its hits stand. docs/search.md explains it.

1. Words. A document's score is the sum over the query's words of BM25 in title, tags and body, each counting alike (a
   title is short, so that a word weighs more there of itself). A compound asks for its parts too, at `PART`; two words
   that stand together ask for the phrase, at `PHRASE`; the query as a whole asks for the title as a whole, at `WHOLE`.
2. Prose. Of a question told in many words most are noise: there a word counts by its rarity on the site, early words
   (the subject) count more than late ones, and a repeated word counts more than once but less than each time.
3. Languages. The query is read in each language against that language's documents; the other language counts less.
4. Meaning. A second list, by sentence vectors, is fused with the first by rank (reciprocal rank fusion; Cormack,
   Clarke and Büttcher, SIGIR 2009), and counts more for long queries than for short ones, which name what they want.
5. Merits. What is verified, solved, found helpful or new moves up a few places.

Nothing here knows an engine.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log2

from search.language import LANGUAGES
from search.language.analysis import Analysis, Word, whole
from search.language.compounds import Vocabulary
from search.language.detect import detect
from search.language.stopwords import STOPWORDS
from search.language.tokens import Token, tokenise
from search.sources import Document
from search.tree import Everything, Node, Phrase, Prefix, Sum, Term

FIELDS = {"title": 1.0, "tags": 1.0, "body": 1.0}
PART = 0.5  # a compound's part against the word itself
PHRASE = 0.4  # two neighbouring words as a phrase, against the words
OTHER_LANGUAGE = 0.7
WHOLE = 3.0  # the query is the title, to the last sign
PREFIX = 3.0  # a half-typed last word begins a word of the title
PROSE = 8  # more words about a subject than this, and a query is a story
RARITY = 0.75  # exponent: how much a common word loses in prose
EARLY, EARLY_WORDS = 0.5, 8  # the first word counts half as much again, the ninth a fifth
REPEATED = 0.75  # exponent: a word said three times counts 2.3 times

LONGEST_QUERY = 2_000  # characters; what follows is not read
MOST_WORDS = 40  # distinct words of a query that are asked for, the weightiest first
SHORTEST_PREFIX = 2  # characters

K = 60  # of reciprocal rank fusion
DEPTH = 100  # hits of each list that are looked at
MOST_MEANING = 0.6  # what meaning counts for a long query, against words
SHORT, LONG = 4, 10  # words: up to four, meaning does not count; from ten, in full
OTHER_WORDS = 0.2  # words of another language agree by accident, unless they are names and codes
OTHER_MEANING = 0.75  # so meaning stands in for words there, at some loss
NEAR = 0.25  # cosine under which nothing is alike

VERIFIED, SOLVED, HELPFUL, MOST_HELPFUL = 0.05, 0.03, 0.01, 0.06
FRESH = 0.05  # for what is new, of kinds that age
HALF_LIFE = {"question": 365, "news": 30}  # days in which freshness halves, by kind; other kinds do not age


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it is read: its language, and its words about a subject by the language they are looked for in."""

    tokens: list[Token]
    language: str
    words: dict[str, list[Word]]
    telling: list[Token]  # those that say something about a subject in every language


def read(text: str, language: str, analysis: Analysis) -> Asked:
    """Read what somebody typed. `language` is the reader's, guessed from the text when unknown.

    A stop word of the language that the text is in says nothing about a subject in the other language either.
    """
    tokens = list(tokenise(text[:LONGEST_QUERY]))
    spoken = detect(text[:LONGEST_QUERY], language if language in LANGUAGES else LANGUAGES[0])
    language = language if language in LANGUAGES else spoken
    words: dict[str, list[Word]] = {}
    telling = dict.fromkeys(tokens)
    for target in (language, *(each for each in LANGUAGES if each != language)):
        noise = STOPWORDS[spoken] if spoken != target else frozenset()
        words[target] = []
        for token in tokens:
            word = analysis.word(token, target)
            if word.stop or (token.text in noise and not token.shouted):
                telling.pop(token, None)
            else:
                words[target].append(word)
    return Asked(tokens, language, words, list(telling))


def tree(text: str, language: str = "", *, analysis: Analysis, typing: bool = False) -> Node:
    """The query tree of what somebody typed. A text without a single word asks for everything.

    `language` is the reader's; `typing` says that the last word may be unfinished.
    """
    text = text[:LONGEST_QUERY]
    asked = read(text, language, analysis)
    if not asked.tokens:
        return Everything()
    parts: list[Node] = []
    for target, words in asked.words.items():
        weight = 1.0 if target == asked.language else OTHER_LANGUAGE
        parts += _asked_in(words, target, weight, analysis.vocabulary)
    if not any(asked.words.values()):  # nothing but stop words: as they stand, and in titles
        plain = [token.text for token in asked.tokens[:MOST_WORDS]]
        parts.append(Phrase("surface", tuple(plain)) if len(plain) > 1 else Term("surface", plain[0]))
        parts += [Term("plain", word) for word in dict.fromkeys(plain)]
    parts.append(Term("plain", whole(text), WHOLE))
    last = asked.tokens[-1]
    if typing and last.end == len(text) and len(last.text) >= SHORTEST_PREFIX:
        parts.append(Prefix("plain", last.text, PREFIX))
    return Sum(tuple(parts))


def _asked_in(words: list[Word], language: str, weight: float, vocabulary: Vocabulary) -> list[Node]:
    """What a query asks of the documents in one language."""
    weights = word_weights(words, language, vocabulary)
    wanted: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for word in {word.stem: word for word in words}.values():
        if word.stem in weights:
            wanted[(word.stem,)] += weights[word.stem]
            for part in word.parts:
                wanted[(part,)] += PART * weights[word.stem]
    for first, second in dict.fromkeys(pairwise(words)):
        if first.stem != second.stem and first.stem in weights and second.stem in weights:
            wanted[(first.stem, second.stem)] += PHRASE * min(weights[first.stem], weights[second.stem])
    return [
        _clause(f"{field}_{language}", terms, round(weight * boost * amount, 4))
        for terms, amount in wanted.items()
        for field, boost in FIELDS.items()
    ]


def _clause(field: str, terms: tuple[str, ...], boost: float) -> Node:
    return Term(field, terms[0], boost) if len(terms) == 1 else Phrase(field, terms, 0, boost)


def word_weights(words: list[Word], language: str, vocabulary: Vocabulary) -> dict[str, float]:
    """How much each stem of a query counts; the weightiest `MOST_WORDS`."""
    times = Counter(word.stem for word in words)
    weights: dict[str, float] = {stem: count**REPEATED for stem, count in times.items()}
    if len(words) <= PROSE:
        return weights
    rarity = {stem: vocabulary.rarity(stem, language) for stem in times}
    rarest = max((rarity[stem] for stem in times if vocabulary.count(stem, language)), default=1.0)
    place: dict[str, int] = {}
    for number, word in enumerate(words):
        place.setdefault(word.stem, number)
    for stem in weights:
        weights[stem] *= min(1.0, rarity[stem] / rarest) ** RARITY * (1 + EARLY * exp(-place[stem] / EARLY_WORDS))
    heaviest = sorted(weights, key=lambda stem: -weights[stem] * rarity[stem])[:MOST_WORDS]
    return {stem: weights[stem] for stem in heaviest}


def merit(document: Document) -> float:
    """What a document's own merits multiply its score by, age aside: 1 up to 1.14. Near the top one place is worth
    about 1.6%."""
    helpful = min(HELPFUL * log2(1 + max(document.helpful, 0)), MOST_HELPFUL)
    return 1 + VERIFIED * document.verified + SOLVED * document.solved + helpful


def freshness(kind: str, age: float) -> float:
    """What newness adds to a merit; `age` in days."""
    return FRESH * 0.5 ** (max(age, 0.0) / HALF_LIFE[kind]) if kind in HALF_LIFE else 0.0


def meaning_weight(words: int) -> float:
    """How much meaning counts against words, for a query of so many words."""
    return MOST_MEANING * min(1.0, max(0.0, (words - SHORT) / (LONG - SHORT)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit of one list, the best first."""

    key: str
    language: str
    merit: float = 1.0  # freshness included


def fuse(
    by_words: Sequence[Candidate], by_meaning: Sequence[Candidate], *, words: int, language: str
) -> list[tuple[str, float]]:
    """Keys with their scores, the best first: two lists in one.

    `words` counts all words of the query, `language` is its reader's. A hit in another language is judged by its
    meaning in both respects: its words can hardly agree.
    """
    meaning = meaning_weight(words)
    scores: dict[str, float] = {}
    merits: dict[str, float] = {}
    for rank, hit in enumerate(by_words[:DEPTH], 1):
        own = hit.language == language or not by_meaning
        scores[hit.key] = (1.0 if own else OTHER_WORDS) / (K + rank)
        merits[hit.key] = hit.merit
    for rank, hit in enumerate(by_meaning[:DEPTH], 1):
        weight = meaning if hit.language == language else OTHER_MEANING * (1 + meaning)
        if weight:
            scores[hit.key] = scores.get(hit.key, 0.0) + weight / (K + rank)
            merits.setdefault(hit.key, hit.merit)
    found = [(key, score * merits[key]) for key, score in scores.items()]
    return sorted(found, key=lambda hit: (-hit[1], hit[0]))
