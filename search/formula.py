"""The formula: what a query asks of an engine, and in which order hits stand.

1. Words. A document's score is the sum, over the query's words, of BM25 in its title and in its body, each field
   counting alike (a title is short, so a word weighs more there of itself). A compound also asks for its parts, at
   half the weight; two words that stand together ask for the phrase.
2. Prose. Of a question told in many words, most are noise: there a word counts by its rarity on the site, early words
   (the subject) count more than late ones, and a repeated word counts more than once but less than each time.
3. Languages. The query is read in each language against that language's documents; those in another language count
less. 4. Meaning. A second list, by sentence vectors, is fused with the first by rank: `fusion.fuse`.
5. Signals. What is verified, solved or found helpful moves up a few places: `signals`.

Nothing here knows an engine. A `Clause` is one term or phrase of one field with its weight; an engine adds up the
clauses that match.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from math import exp, log2
from typing import NamedTuple

from search.language.analysis import Analysis, Word
from search.language.compounds import Vocabulary
from search.language.detect import detect
from search.language.lexicon import LANGUAGES
from search.language.tokens import tokenise

FIELDS = {"title": 1.0, "body": 1.0}
PART = 0.5  # a compound's part against the word itself
PHRASE = 0.4  # two neighbouring words as a phrase, against the words
OTHER_LANGUAGE = 0.7
PROSE = 8  # more words about a subject than this, and a query is a story
RARITY = 0.75  # exponent: how much a common word loses in prose
EARLY, EARLY_WORDS = 0.5, 8  # the first word counts half as much again, the ninth a fifth
REPEATED = 0.75  # exponent: a word said three times counts 2.3 times
LONGEST_QUERY = 5_000  # characters that are read
MOST_WORDS = 40  # distinct words of a query that are asked for, the weightiest first


class Clause(NamedTuple):
    """Something that a document may match: one token, or several as a phrase."""

    field: str  # "title_nl", "body_en", or "surface"
    tokens: tuple[str, ...]
    weight: float


def clauses(text: str, language: str, analysis: Analysis) -> list[Clause]:
    """What a query asks for in every language, its own (`language`, guessed when unknown) first.

    Empty when the query holds no word at all. A query of nothing but stop words asks for them as they stand,
    as one phrase.
    """
    text = text[:LONGEST_QUERY]
    if language not in LANGUAGES:
        language = detect(text)
    read = {
        target: [word for _, word in analysis.words(text, target) if not word.stop] for target in (language, *LANGUAGES)
    }
    if not read[language]:
        surface = tuple(token.text for token in tokenise(text))[:MOST_WORDS]
        return [Clause("surface", surface, 1.0)] if surface else []
    asked: list[Clause] = []
    for target, words in read.items():
        weight = 1.0 if target == language else OTHER_LANGUAGE
        asked += _asked_in(words, target, weight, analysis.vocabulary)
    return asked


def _asked_in(words: list[Word], language: str, weight: float, vocabulary: Vocabulary) -> list[Clause]:
    weights = _word_weights(words, language, vocabulary)
    wanted: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for word in {word.stem: word for word in words}.values():
        if word.stem in weights:
            wanted[(word.stem,)] += weights[word.stem]
            for part in word.parts:
                wanted[(part,)] += PART * weights[word.stem]
    for first, second in dict.fromkeys(zip(words, words[1:], strict=False)):
        if first.stem != second.stem and first.stem in weights and second.stem in weights:
            wanted[(first.stem, second.stem)] += PHRASE * min(weights[first.stem], weights[second.stem])
    return [
        Clause(f"{field}_{language}", tokens, weight * boost * amount)
        for tokens, amount in wanted.items()
        for field, boost in FIELDS.items()
    ]


def _word_weights(words: list[Word], language: str, vocabulary: Vocabulary) -> dict[str, float]:
    """How much each stem of a query counts."""
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


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of a hit besides its text."""

    verified: bool = False
    solved: bool = False
    helpful: int = 0  # people who said so
    updated: datetime | None = None


def signals(hit: Signals, *, now: datetime, fresh_days: int = 0) -> float:
    """The factor for a hit's fused score. Near the top one place is worth about 1.6%, so: verified three places,
    solved two, helpful up to four, and for kinds that age (`fresh_days` > 0) up to three for what is new."""
    factor = 1.0 + 0.05 * hit.verified + 0.03 * hit.solved + min(0.06, 0.01 * log2(1 + max(hit.helpful, 0)))
    if fresh_days and hit.updated:
        age = max((now - hit.updated).total_seconds() / 86_400, 0.0)
        factor += 0.05 * 0.5 ** (age / fresh_days)
    return factor
