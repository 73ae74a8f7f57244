"""The one formula: what a query asks for, and in which order its hits stand. docs/search.md explains it.

1. Words. A document's score is the sum over the query's words of BM25 in title, tags and body, each counting alike (a
   title is short, so that a word weighs more there of itself). A compound asks for its parts too, at `PART`; two words
   that stand together ask for the phrase, at `PHRASE`; the query as a whole asks for the title as a whole, at `WHOLE`.
2. Prose. Of a question told in many words most are noise: there a word counts by its rarity on the site, early words
   (the subject) count more than late ones, and a repeated word counts more than once but less than each time. In a
   sentence of few words a common one loses less, among keywords nothing.
3. Synonyms. What else words may be called, by the curators, counts in their place and not on top of them: the best of
   both, the other name at `SYNONYM`. Of another name of several words, all have to be there.
4. Languages. The query is read in each language against that language's documents; the other language counts less.
5. Meaning. A second list, by sentence vectors, is fused with the first by rank (reciprocal rank fusion; Cormack,
   Clarke and Büttcher, SIGIR 2009), and counts more for long queries than for short ones, which name what they want.
   How far a hit's score is below the best one's counts too: ranks alone throw that away (Bruch, Gai and Ingber, An
   Analysis of Fusion Functions for Hybrid Retrieval, TOIS 2023).
   Of a document and its translations one is shown, in the reader's language if it is there: `one_translation`.
6. Merits. What is verified, solved, found helpful or new moves up a few places.
7. Curators. Pages that they recommend for a query stand on top, those that they demote at the bottom: `place`.

Nothing here knows an engine.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import exp, log2, sqrt
from typing import Protocol

from search.curation.synonyms import NONE, Alternative, Synonyms, outermost
from search.language import LANGUAGES
from search.language.analysis import Analysis, Word, whole
from search.language.compounds import Vocabulary
from search.language.detect import detect
from search.language.stopwords import STOPWORDS
from search.language.tokens import Token, tokenise
from search.query_tree import Best, Boosted, Everything, Node, Phrase, Prefix, Sum, Term
from search.sources import Document

FIELDS = {"title": 1.0, "tags": 1.0, "body": 1.0}
PART = 0.5  # a compound's part against the word itself
PHRASE = 0.4  # two neighbouring words as a phrase, against the words
SYNONYM = 0.8  # another name against the words it stands for
APART, TOGETHER = 0.5, 0.5  # another name of several words: all of them, and as a phrase
OTHER_LANGUAGE = 0.7
WHOLE = 3.0  # the query is the title, to the last sign
PREFIX = 3.0  # a half-typed last word begins a word of the title
PROSE = 8  # more words about a subject than this, and a query is a story
SENTENCE = 3  # so many words about none, and it is told in a sentence
RARITY, RARITY_IN_SENTENCE = 0.75, 0.25  # exponents: how much a common word loses
EARLY, EARLY_WORDS = 0.5, 8  # the first word counts half as much again, the ninth a fifth
REPEATED = 0.75  # exponent: a word said three times counts 2.3 times

LONGEST_QUERY = 2_000  # characters; what follows is not read
MOST_WORDS = 40  # distinct words of a query that are asked for, the weightiest first
SHORTEST_PREFIX = 2  # characters

K = 60  # of reciprocal rank fusion
DEPTH = 100  # hits of each list that are looked at
MOST_MEANING = 1.0  # what meaning counts for a long query, against words
SHORT, LONG = 4, 10  # words: up to four that the site says, meaning does not count; from ten, in full
OTHER_WORDS = 0.2  # words of another language agree by accident, unless they are names and codes
OTHER_MEANING = 0.75  # so meaning stands in for words there, at some loss
NEAR = 0.25  # cosine under which nothing is alike
ALIKE = 0.45  # cosine from which a document is about what was asked, whatever its words

VERIFIED, SOLVED, HELPFUL, MOST_HELPFUL = 0.05, 0.03, 0.01, 0.06
FRESH = 0.05  # for what is new, of kinds that age
HALF_LIFE = {"question": 365, "news": 30}  # days in which freshness halves, by kind; other kinds do not age

Span = tuple[int, int]  # of words, the end not included
Spans = Mapping[Span, Sequence[Alternative]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it is read: its language, and its words about a subject by the language they are looked for in."""

    tokens: Sequence[Token]
    language: str
    words: Mapping[str, Sequence[Word]]
    telling: Sequence[Token]  # those that say something about a subject in every language
    places: Mapping[str, Sequence[Token]]  # the token of each of `words`
    alternatives: Mapping[str, Sequence[Alternative]]  # what `words` may be called as well

    def rarity(self, language: str) -> float:
        """How much a common word loses, as it is read in a language: nothing among keywords, most in a story."""
        if len(self.words[language]) > PROSE:
            return RARITY
        return RARITY_IN_SENTENCE if len(self.tokens) - len(self.telling) >= SENTENCE else 0.0


@lru_cache(maxsize=256)  # query, marks, fit and likeness of one page read the same words
def read(text: str, language: str, analysis: Analysis, synonyms: Synonyms = NONE) -> Asked:
    """Read what somebody typed. `language` is the reader's, guessed from the text when unknown.

    A stop word of the language that the text is in says nothing about a subject in the other language either.
    """
    tokens = list(tokenise(text[:LONGEST_QUERY]))
    spoken = detect(text[:LONGEST_QUERY], language if language in LANGUAGES else LANGUAGES[0])
    language = language if language in LANGUAGES else spoken
    words: dict[str, list[Word]] = {}
    places: dict[str, list[Token]] = {}
    telling = dict.fromkeys(tokens)
    for target in (language, *(each for each in LANGUAGES if each != language)):
        noise = STOPWORDS[spoken] if spoken != target else frozenset()
        words[target], places[target] = [], []
        for token in tokens:
            word = analysis.word(token, target)
            if word.stop or (token.text in noise and not token.shouted):
                telling.pop(token, None)
            else:
                words[target].append(word)
                places[target].append(token)
    alternatives = {target: synonyms.expand(found, target, analysis) for target, found in words.items()}
    return Asked(tokens, language, words, list(telling), places, alternatives)


def tree(text: str, language: str = "", *, analysis: Analysis, typing: bool = False, synonyms: Synonyms = NONE) -> Node:
    """The query tree of what somebody typed. A text without a single word asks for everything.

    `language` is the reader's; `typing` says that the last word may be unfinished.
    """
    text = text[:LONGEST_QUERY]
    asked = read(text, language, analysis, synonyms)
    if not asked.tokens:
        return Everything()
    parts: list[Node] = []
    for target, words in asked.words.items():
        weight = 1.0 if target == asked.language else OTHER_LANGUAGE
        weights = word_weights(words, target, analysis.vocabulary, asked.rarity(target))
        parts += _asked_in(words, target, weight, weights, asked.alternatives[target])
    if not any(asked.words.values()):  # nothing but stop words: as they stand, and in titles
        plain = [token.text for token in asked.tokens[:MOST_WORDS]]
        parts.append(Phrase("surface", tuple(plain)) if len(plain) > 1 else Term("surface", plain[0]))
        parts += [Term("plain", word) for word in dict.fromkeys(plain)]
    parts.append(Term("plain", whole(text), WHOLE))
    last = asked.tokens[-1]
    if typing and last.end == len(text) and len(last.text) >= SHORTEST_PREFIX:
        parts.append(Prefix("plain", last.text, PREFIX))
    return Sum(tuple(parts))


def _asked_in(
    words: Sequence[Word], language: str, weight: float, weights: dict[str, float], alternatives: Sequence[Alternative]
) -> list[Node]:
    """What a query asks of the documents in one language."""
    spans: defaultdict[Span, list[Alternative]] = defaultdict(list)
    for alternative in alternatives:
        spans[alternative.start, alternative.end].append(alternative)
    return _nodes(words, 0, language, weight, weights, spans)


def _nodes(
    words: Sequence[Word], start: int, language: str, weight: float, weights: dict[str, float], spans: Spans
) -> list[Node]:
    """What words ask, with those that have other names as concepts. The first word's place is `start`."""
    concepts: dict[tuple[str, ...], Node] = {}  # once for words that the query repeats
    groups = [0] * len(words)  # the concept that a word is in
    for number, (low, high) in enumerate(outermost(spans), 1):
        inside = words[low - start : high - start]
        groups[low - start : high - start] = [number] * len(inside)
        within = {span: found for span, found in spans.items() if low <= span[0] and span[1] <= high}
        concepts[tuple(word.stem for word in inside)] = _concept(inside, low, language, weight, weights, within)
    return list(concepts.values()) + _clauses(_wanted(words, weights, groups), language, weight)


def _wanted(words: Sequence[Word], weights: dict[str, float], groups: list[int]) -> dict[tuple[str, ...], float]:
    """Terms and phrases with what they count, those within a concept left out."""
    wanted: defaultdict[tuple[str, ...], float] = defaultdict(float)
    grouped = {word.stem for word, group in zip(words, groups, strict=True) if group}
    for word in {word.stem: word for word in words}.values():
        if word.stem in weights and word.stem not in grouped:
            wanted[(word.stem,)] += weights[word.stem]
            for part in word.parts:
                wanted[(part,)] += PART * weights[word.stem]
    between = (not one or one != other for one, other in pairwise(groups))
    for (first, second), counts in dict.fromkeys(zip(pairwise(words), between, strict=True)):
        if counts and first.stem != second.stem and first.stem in weights and second.stem in weights:
            wanted[(first.stem, second.stem)] += PHRASE * min(weights[first.stem], weights[second.stem])
    return wanted


def _clauses(wanted: dict[tuple[str, ...], float], language: str, weight: float) -> list[Node]:
    return [
        _clause(f"{field}_{language}", terms, round(weight * boost * amount, 4))
        for terms, amount in wanted.items()
        for field, boost in FIELDS.items()
    ]


def _clause(field: str, terms: tuple[str, ...], boost: float) -> Node:
    return Term(field, terms[0], boost) if len(terms) == 1 else Phrase(field, terms, 0, boost)


def _concept(
    words: Sequence[Word], start: int, language: str, weight: float, weights: dict[str, float], spans: Spans
) -> Node:
    """Words that have other names: the best of themselves and of each of those."""
    here = start, start + len(words)
    inner = {span: found for span, found in spans.items() if span != here}
    own = _nodes(words, start, language, weight, weights, inner)
    total = sum(weights.get(stem, 0.0) for stem in {word.stem for word in words})
    names = [_name(each.words, language, weight * SYNONYM * total) for each in spans.get(here, ())]
    return Best((Sum(tuple(own)), *names))


def _name(words: tuple[Word, ...], language: str, weight: float) -> Node:
    """Another name for some words: its word and that one's parts; of several words all, better as a phrase."""
    if len(words) == 1:
        return Sum(tuple(_clauses(_wanted(words, {words[0].stem: 1.0}, [0]), language, weight)))
    each = weight / len(words)
    alone = [Sum(tuple(_clauses({(word.stem,): APART}, language, each))) for word in words]
    phrase = _clauses({tuple(word.stem for word in words): TOGETHER}, language, each)
    return Boosted(Sum(tuple(alone), len(alone)), tuple(phrase))


def word_weights(words: Sequence[Word], language: str, vocabulary: Vocabulary, rare: float) -> dict[str, float]:
    """How much each stem of a query counts; the weightiest `MOST_WORDS`. `rare` is the exponent of its rarity."""
    times = Counter(word.stem for word in words)
    weights: dict[str, float] = {stem: count**REPEATED for stem, count in times.items()}
    if not rare:
        return weights
    rarity = {stem: vocabulary.rarity(stem, language) for stem in times}
    rarest = max((rarity[stem] for stem in times if vocabulary.count(stem, language)), default=1.0)
    place: dict[str, int] = {}
    for number, word in enumerate(words):
        place.setdefault(word.stem, number)
    for stem in weights:
        weights[stem] *= min(1.0, rarity[stem] / rarest) ** rare * (1 + EARLY * exp(-place[stem] / EARLY_WORDS))
    heaviest = sorted(weights, key=lambda stem: -weights[stem] * rarity[stem])[:MOST_WORDS]
    return {stem: weights[stem] for stem in heaviest}


def merit(document: Document) -> float:
    """What a document's own merits multiply its score by words by, age aside: 1 up to 1.14."""
    helpful = min(HELPFUL * log2(1 + max(document.helpful, 0)), MOST_HELPFUL)
    return 1 + VERIFIED * document.verified + SOLVED * document.solved + helpful


def freshness(kind: str, age: float) -> float:
    """What newness adds to a merit; `age` in days."""
    return FRESH * 0.5 ** (max(age, 0.0) / HALF_LIFE[kind]) if kind in HALF_LIFE else 0.0


def meaning_weight(asked: Asked, vocabulary: Vocabulary, new: Collection[int] = ()) -> float:
    """How much meaning counts against words, from 0 to 1: the more, the longer a query is, and the more of its words
    the site never says in the reader's language, by whatever name. `new`: those of `unsaid` that it says by now."""
    long = MOST_MEANING * min(1.0, max(0.0, (len(asked.tokens) - SHORT) / (LONG - SHORT)))
    return max(long, len(unsaid(asked, vocabulary) - set(new)) / max(len(asked.words[asked.language]), 1))


def unsaid(asked: Asked, vocabulary: Vocabulary) -> set[int]:
    """Positions of the words that the site did not say, by whatever name, when its vocabulary was learnt; none when it
    has no vocabulary of the reader's language."""
    words = asked.words[asked.language]
    if not vocabulary.documents.get(asked.language):
        return set()

    def says(word: Word) -> bool:
        return any(vocabulary.count(stem, asked.language) for stem in (word.stem, *word.parts))

    said = {at for at, word in enumerate(words) if says(word)}
    for other in asked.alternatives[asked.language]:
        if all(map(says, other.words)):
            said.update(range(other.start, other.end))
    return set(range(len(words))) - said


class Candidate(Protocol):
    """A hit of one list."""

    @property
    def key(self) -> str: ...  # noqa: D102 # the document's

    @property
    def language(self) -> str: ...  # noqa: D102 # the document's

    @property
    def score(self) -> float: ...  # noqa: D102 # of that list: of words with merits, or a cosine


class Translated(Candidate, Protocol):
    """A hit that may be there in several languages."""

    @property
    def translation_key(self) -> str: ...  # noqa: D102 # the same for all of them; "" when nobody said


Shares = tuple[float, float]  # what words and meaning give


def shares(
    by_words: Sequence[Candidate], by_meaning: Sequence[Candidate], *, meaning: float, language: str
) -> dict[str, Shares]:
    """What the ranks in two lists, each the best first, give every hit.

    `meaning` is its weight against words, `language` the reader's. A hit in another language is judged by its meaning
    in both respects: its words can hardly agree. A rank counts less, the less the hit's score is of the best one's: a
    rank alone would make as much of the nearest of many that are far as of one that is near.
    """
    found: dict[str, Shares] = {}
    for rank, hit in enumerate(by_words[:DEPTH], 1):
        own = hit.language == language or not by_meaning
        found[hit.key] = (1.0 if own else OTHER_WORDS) * sqrt(hit.score / by_words[0].score) / (K + rank), 0.0
    for rank, hit in enumerate(by_meaning[:DEPTH], 1):
        weight = meaning if hit.language == language else OTHER_MEANING * (1 + meaning)
        if weight:
            words, _none = found.get(hit.key, (0.0, 0.0))
            found[hit.key] = words, weight * hit.score / by_meaning[0].score / (K + rank)
    return found


def fuse(
    by_words: Sequence[Candidate], by_meaning: Sequence[Candidate], *, meaning: float, language: str
) -> list[tuple[str, float]]:
    """Keys with their scores, the best first: two lists in one, by their `shares`."""
    found = shares(by_words, by_meaning, meaning=meaning, language=language)
    return sorted(((key, sum(each)) for key, each in found.items()), key=lambda hit: (-hit[1], hit[0]))


def one_translation(
    order: Sequence[tuple[str, float]], hits: Mapping[str, Translated], language: str
) -> tuple[list[tuple[str, float]], dict[str, str]]:
    """The order with one translation of each document, where the best of them stands: the one in the reader's
    `language` if it is among the `hits`, else that best one itself. And which key stands in which one's place.
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


def place(
    order: Sequence[tuple[str, float]], pinned: Sequence[str], demoted: Collection[str]
) -> list[tuple[str, float]]:
    """The order with what curators put on top and at the bottom of it. What is pinned need not have been found."""
    if not pinned and not demoted:
        return list(order)
    scores = dict(order)
    top = [(key, scores.get(key, 0.0)) for key in pinned]
    others = [hit for hit in order if hit[0] not in pinned]
    return top + [h for h in others if h[0] not in demoted] + [h for h in others if h[0] in demoted]
