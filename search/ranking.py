"""Ranking: the query tree of a query, and the weights of its hits. docs/search.md explains the formula.

1. Words. A document's score is the sum over the query's words of BM25 in title, tags and body. The fields have the same
   weight, since a word weighs more in a short title anyway. A compound matches by its parts too, at `PART`; two
   neighbouring words also match as a phrase, at `PHRASE`; the query as a whole matches a title as a whole, at `WHOLE`.
2. Prose. Most words of a long question are noise. There a word is weighted by its rarity on the site, early words (the
   subject) more than late ones, and a repeated word more than once but less than each time. In a sentence of few words
   a common word loses less, and among keywords nothing.
3. Synonyms count in the place of the words that they stand for, not on top of them: the best of both, the synonym at
   `SYNONYM`. A synonym of several words matches when all of them are there.
4. Languages. The query is analysed in each language and matched with that language's documents; the other language
   counts less.
5. Meaning. A second list, by sentence vectors, is fused with the first by rank (reciprocal rank fusion; Cormack,
   Clarke and Büttcher, SIGIR 2009). It has more weight for long queries than for short ones, which name what they want.
   How far a hit's score is below the best one's counts too, since ranks alone lose that (Bruch, Gai and Ingber, An
   Analysis of Fusion Functions for Hybrid Retrieval, TOIS 2023).
   Of a document and its translations one is shown, the reader's language first (`search.fusion`).
6. Merits. Documents that are verified, solved, found helpful or new move up a few places.
7. Curators. Recommended pages are placed on top and demoted ones at the bottom (`search.fusion`).

Nothing here knows an engine.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import exp, log2

from search.curation.synonyms import NO_SYNONYMS, Alternative, Synonyms, outermost
from search.language import LANGUAGES
from search.language.analysis import Analysis, Word, whole
from search.language.compounds import Vocabulary
from search.language.detect import detect
from search.language.stopwords import STOPWORDS
from search.language.tokens import Token, tokenise
from search.query_tree import Boosted, DisMax, MatchAll, Node, Phrase, Prefix, Sum, Term
from search.sources import Document

FIELDS = {"title": 1.0, "tags": 1.0, "body": 1.0}
PART = 0.5  # weight of a compound's part, against the word itself
PHRASE = 0.4  # weight of two neighbouring words as a phrase, against the words
SYNONYM = 0.8  # weight of a synonym, against the words that it stands for
APART, TOGETHER = 0.5, 0.5  # of a synonym of several words: all of them, and as a phrase
OTHER_LANGUAGE = 0.7
WHOLE = 3.0  # weight of a title that equals the query, punctuation included
PREFIX = 3.0  # weight of a title word that begins with the half-typed last word
PROSE = 8  # a query with more content words than this is prose
SENTENCE = 3  # a query with at least this many stop words is a sentence
RARITY, RARITY_IN_SENTENCE = 0.75, 0.25  # exponents of rarity: how much a common word loses
EARLY, EARLY_WORDS = 0.5, 8  # the first word counts 1.5 times, the ninth 1.2 times
REPEATED = 0.75  # exponent: a word that occurs three times counts 2.3 times

MAX_QUERY_LENGTH = 2_000  # characters; what follows is ignored
MAX_QUERY_WORDS = 40  # distinct words that are searched for, those with the highest weights
SHORTEST_PREFIX = 2  # characters

MAX_MEANING_WEIGHT = 1.0  # weight of meaning for a long query, against words
SHORT, LONG = 4, 10  # words: meaning has no weight up to four known words, and full weight from ten
LEAST_COSINE = 0.25  # cosine below which nothing is similar
ABOUT = 0.45  # cosine from which a document is about the query, whatever its words

VERIFIED, SOLVED, HELPFUL, MOST_HELPFUL = 0.05, 0.03, 0.01, 0.06
FRESH = 0.05  # for new documents, of kinds that age
HALF_LIFE = {"question": 365, "news": 30}  # days in which freshness halves, by kind; other kinds do not age

Span = tuple[int, int]  # positions of words, the end not included
Spans = Mapping[Span, Sequence[Alternative]]


@dataclass(frozen=True, slots=True)
class AnalysedQuery:
    """A query as it was analysed: its language, and its words without stop words, by language."""

    tokens: Sequence[Token]
    language: str
    words: Mapping[str, Sequence[Word]]
    content_tokens: Sequence[Token]  # those that are a content word in every language
    word_tokens: Mapping[str, Sequence[Token]]  # the token of each of `words`
    alternatives: Mapping[str, Sequence[Alternative]]  # synonyms of `words`

    def rarity_exponent(self, language: str) -> float:
        """Return the exponent of rarity: how much a common word loses. 0 among keywords, the most in prose."""
        if len(self.words[language]) > PROSE:
            return RARITY
        return RARITY_IN_SENTENCE if len(self.tokens) - len(self.content_tokens) >= SENTENCE else 0.0


@lru_cache(maxsize=256)  # one page analyses the same query several times
def analyse_query(text: str, language: str, analysis: Analysis, synonyms: Synonyms = NO_SYNONYMS) -> AnalysedQuery:
    """Analyse a query. `language` is the reader's, detected from the text when unknown.

    A stop word of the language that the text is in is no content word in the other language either.
    """
    tokens = list(tokenise(text[:MAX_QUERY_LENGTH]))
    text_language = detect(text[:MAX_QUERY_LENGTH], language if language in LANGUAGES else LANGUAGES[0])
    language = language if language in LANGUAGES else text_language
    words: dict[str, list[Word]] = {}
    word_tokens: dict[str, list[Token]] = {}
    content_tokens = dict.fromkeys(tokens)
    for target in (language, *(each for each in LANGUAGES if each != language)):
        noise = STOPWORDS[text_language] if text_language != target else frozenset()
        words[target], word_tokens[target] = [], []
        for token in tokens:
            word = analysis.word(token, target)
            if word.stop or (token.text in noise and not token.shouted):
                content_tokens.pop(token, None)
            else:
                words[target].append(word)
                word_tokens[target].append(token)
    alternatives = {target: synonyms.expand(found, target, analysis) for target, found in words.items()}
    return AnalysedQuery(tokens, language, words, list(content_tokens), word_tokens, alternatives)


def query_tree(
    text: str, language: str = "", *, analysis: Analysis, typing: bool = False, synonyms: Synonyms = NO_SYNONYMS
) -> Node:
    """Return the query tree of a text. A text without a single word matches everything.

    `language` is the reader's. `typing` says that the last word may be unfinished.
    """
    text = text[:MAX_QUERY_LENGTH]
    query = analyse_query(text, language, analysis, synonyms)
    if not query.tokens:
        return MatchAll()
    parts: list[Node] = []
    for target, words in query.words.items():
        weight = 1.0 if target == query.language else OTHER_LANGUAGE
        weights = word_weights(words, target, analysis.vocabulary, query.rarity_exponent(target))
        parts += _asked_in(words, target, weight, weights, query.alternatives[target])
    if not any(query.words.values()):  # nothing but stop words: match them as typed, and in titles
        plain = [token.text for token in query.tokens[:MAX_QUERY_WORDS]]
        parts.append(Phrase("surface", tuple(plain)) if len(plain) > 1 else Term("surface", plain[0]))
        parts += [Term("plain", word) for word in dict.fromkeys(plain)]
    parts.append(Term("plain", whole(text), WHOLE))
    last = query.tokens[-1]
    if typing and last.end == len(text) and len(last.text) >= SHORTEST_PREFIX:
        parts.append(Prefix("plain", last.text, PREFIX))
    return Sum(tuple(parts))


def _asked_in(
    words: Sequence[Word], language: str, weight: float, weights: dict[str, float], alternatives: Sequence[Alternative]
) -> list[Node]:
    """Return the nodes that match the documents in one language."""
    spans: defaultdict[Span, list[Alternative]] = defaultdict(list)
    for alternative in alternatives:
        spans[alternative.start, alternative.end].append(alternative)
    return _nodes(words, 0, language, weight, weights, spans)


def _nodes(
    words: Sequence[Word], start: int, language: str, weight: float, weights: dict[str, float], spans: Spans
) -> list[Node]:
    """Return the nodes of words; those with synonyms become concepts. `start` is the first word's position."""
    concepts: dict[tuple[str, ...], Node] = {}  # one for words that the query repeats
    groups = [0] * len(words)  # the number of the concept that a word is in
    for number, (low, high) in enumerate(outermost(spans), 1):
        inside = words[low - start : high - start]
        groups[low - start : high - start] = [number] * len(inside)
        within = {span: found for span, found in spans.items() if low <= span[0] and span[1] <= high}
        concepts[tuple(word.stem for word in inside)] = _concept(inside, low, language, weight, weights, within)
    return list(concepts.values()) + _clauses(_wanted(words, weights, groups), language, weight)


def _wanted(words: Sequence[Word], weights: dict[str, float], groups: list[int]) -> dict[tuple[str, ...], float]:
    """Return the weights of terms and phrases, without those inside a concept."""
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
    """Return a node for words with synonyms: the best match of the words and of each synonym."""
    here = start, start + len(words)
    inner = {span: found for span, found in spans.items() if span != here}
    own = _nodes(words, start, language, weight, weights, inner)
    total = sum(weights.get(stem, 0.0) for stem in {word.stem for word in words})
    names = [_name(each.words, language, weight * SYNONYM * total) for each in spans.get(here, ())]
    return DisMax((Sum(tuple(own)), *names))


def _name(words: tuple[Word, ...], language: str, weight: float) -> Node:
    """Return a node for a synonym: its word and that word's parts; of several words all of them, better as a phrase."""
    if len(words) == 1:
        return Sum(tuple(_clauses(_wanted(words, {words[0].stem: 1.0}, [0]), language, weight)))
    each = weight / len(words)
    alone = [Sum(tuple(_clauses({(word.stem,): APART}, language, each))) for word in words]
    phrase = _clauses({tuple(word.stem for word in words): TOGETHER}, language, each)
    return Boosted(Sum(tuple(alone), len(alone)), tuple(phrase))


def word_weights(words: Sequence[Word], language: str, vocabulary: Vocabulary, rare: float) -> dict[str, float]:
    """Return the weight of each stem of a query; the highest `MAX_QUERY_WORDS`. `rare` is the exponent of rarity."""
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
    heaviest = sorted(weights, key=lambda stem: -weights[stem] * rarity[stem])[:MAX_QUERY_WORDS]
    return {stem: weights[stem] for stem in heaviest}


def merit(document: Document) -> float:
    """Return the factor of a document's merits, age aside, on its score by words: 1 up to 1.14."""
    helpful = min(HELPFUL * log2(1 + max(document.helpful, 0)), MOST_HELPFUL)
    return 1 + VERIFIED * document.verified + SOLVED * document.solved + helpful


def freshness(kind: str, age: float) -> float:
    """Return what a document's age, in days, adds to its merit."""
    return FRESH * 0.5 ** (max(age, 0.0) / HALF_LIFE[kind]) if kind in HALF_LIFE else 0.0


def meaning_weight(query: AnalysedQuery, vocabulary: Vocabulary, new: Collection[int] = ()) -> float:
    """Return how much meaning counts against words, from 0 to 1: the longer the query and
    the more unknown words, the more. `new`: positions of `unknown_words` that are on the site since then."""
    long = MAX_MEANING_WEIGHT * min(1.0, max(0.0, (len(query.tokens) - SHORT) / (LONG - SHORT)))
    unknown = unknown_words(query, vocabulary) - set(new)
    return max(long, len(unknown) / max(len(query.words[query.language]), 1))


def unknown_words(query: AnalysedQuery, vocabulary: Vocabulary) -> set[int]:
    """Return the positions of words that the vocabulary lacks in the reader's language, synonyms included.

    None when the vocabulary has no words of that language.
    """
    words = query.words[query.language]
    if not vocabulary.documents.get(query.language):
        return set()

    def says(word: Word) -> bool:
        return any(vocabulary.count(stem, query.language) for stem in (word.stem, *word.parts))

    said = {at for at, word in enumerate(words) if says(word)}
    for other in query.alternatives[query.language]:
        if all(map(says, other.words)):
            said.update(range(other.start, other.end))
    return set(range(len(words))) - said
