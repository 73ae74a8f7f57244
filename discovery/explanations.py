"""Explain a hit's rank from the query tree, the document as it is now, and the engine's scores.

Nothing here queries an engine. The exact contribution of a clause is not known, since it depends on the engine's term
statistics; which clauses matched, how often, and with which weight, is known.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from search import fusion, ranking, sources
from search.curation.synonyms import Alternative, Synonyms
from search.engines import Hit
from search.engines.fields import text_fields
from search.language.analysis import Analysis, whole
from search.query_tree import Boosted, DisMax, MatchAll, Node, Phrase, Prefix, Sum, Term
from search.ranking_trace import RankingTrace
from search.results import Result
from search.sources import Document

Fields = dict[str, list[str]]
Leaf = Term | Phrase | Prefix
MOST_MATCHES = 25


@dataclass(slots=True)
class TermMatch:
    """A part of the query that the document has."""

    words: str
    what: str  # "word", "part", "synonym", "phrase", "whole", "beginning", "surface" (as typed)
    instead: str = ""  # of a synonym: the words that it replaces; of a part: the compound
    weight: float = 0.0  # in the field where it is highest; the sum over several words
    rarity: float = 0.0  # of a word on the site; 0 for a word in every document
    fields: dict[str, int] = field(default_factory=dict)  # number of matches by field


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one hit has its rank."""

    matches: list[TermMatch]
    more: int  # matches that are not listed
    word_rank: int  # 0: not found by words, or behind those that are fused
    word_score: float  # with merits
    meaning_rank: int
    similarity: float  # cosine
    shares: tuple[float, float]  # of words and of meaning in the fused score
    own_language: bool  # the reader's
    translates: bool  # it replaces another translation, which was found
    merits: list[tuple[str, float]]  # the increase by each
    merit: float
    fused: float
    recommended: bool
    demoted: bool


@dataclass(frozen=True, slots=True)
class WordRead:
    """A word of the query as the parser read it."""

    text: str
    stem: str
    parts: tuple[str, ...]
    weight: float
    synonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as it was read in one language."""

    language: str
    factor: float
    words: list[WordRead]
    left_out: list[str]  # stop words
    synonyms: list[tuple[str, str]]  # of several words


def query_readings(trace: RankingTrace, analysis: Analysis, synonyms: Synonyms) -> list[Reading]:
    """Return how the query was read in each language, the reader's first."""
    parsed = ranking.analyse_query(trace.text, trace.language, analysis, synonyms)
    return [_reading(parsed, language, analysis) for language in parsed.words]


def _reading(parsed: ranking.AnalysedQuery, language: str, analysis: Analysis) -> Reading:
    words, word_tokens = parsed.words[language], parsed.word_tokens[language]
    weights = ranking.word_weights(words, language, analysis.vocabulary, parsed.rarity_exponent(language))
    alternatives = parsed.alternatives[language]
    read = [
        WordRead(
            token.text,
            word.stem,
            word.parts,
            round(weights.get(word.stem, 0.0), 2),
            tuple(a.text for a in alternatives if (a.start, a.end) == (at, at + 1)),
        )
        for at, (token, word) in enumerate(zip(word_tokens, words, strict=True))
    ]
    several = [
        (" ".join(token.text for token in word_tokens[a.start : a.end]), a.text)
        for a in alternatives
        if a.end - a.start > 1
    ]
    content = set(word_tokens)
    factor = 1.0 if language == parsed.language else ranking.OTHER_LANGUAGE
    return Reading(language, factor, read, [t.text for t in parsed.tokens if t not in content], several)


def explain(result: Result, trace: RankingTrace, analysis: Analysis, synonyms: Synonyms) -> Explanation:
    """Explain the rank of a hit of the search that left this trace."""
    document = result.document
    matches = _matches(document, trace, analysis, synonyms)
    word_rank, word = _place(trace.by_words, document.key)
    meaning_rank, similarity = _place(trace.by_meaning, document.key)
    own = document.text_language() == ranking.analyse_query(trace.text, trace.language, analysis).language
    shares = fusion.fusion_scores(trace.by_words, trace.by_meaning, meaning=trace.meaning, language=trace.language)
    merits = _merits(document)
    return Explanation(
        matches=matches[:MOST_MATCHES],
        more=max(len(matches) - MOST_MATCHES, 0),
        word_rank=word_rank,
        word_score=word,
        meaning_rank=meaning_rank,
        similarity=similarity,
        shares=shares.get(trace.stands_for.get(document.key, document.key), (0.0, 0.0)),
        own_language=own,
        translates=document.key in trace.stands_for,
        merits=merits,
        merit=1 + sum(amount for _name, amount in merits),
        fused=dict(trace.order).get(document.key, 0.0),
        recommended=result.recommended,
        demoted=result.placement == "bottom",
    )


def _place(hits: list[Hit], key: str) -> tuple[int, float]:
    """Return rank and score in a list; zeros when it is not in it."""
    return next(((rank, hit.score) for rank, hit in enumerate(hits, 1) if hit.key == key and hit.score > 0), (0, 0.0))


def _merits(document: Document) -> list[tuple[str, float]]:
    helped = ranking.merit(document) - 1 - ranking.VERIFIED * document.verified - ranking.SOLVED * document.solved
    age = (time.time() - document.updated.timestamp()) / 86_400
    found = [
        (_("checked"), ranking.VERIFIED * document.verified),
        (_("solved"), ranking.SOLVED * document.solved),
        (_("found helpful"), helped),
        (_("new"), ranking.freshness(sources.split_key(document.key)[0], age)),
    ]
    return [(name, amount) for name, amount in found if amount > 0.0005]


def _matches(document: Document, trace: RankingTrace, analysis: Analysis, synonyms: Synonyms) -> list[TermMatch]:
    """Return the parts of the query that the document has, the highest weight first."""
    fields = text_fields(document, analysis)
    labels = _labels(trace, document.text_language(), analysis, synonyms)
    names = {
        "title": _("title"),
        "tags": _("tags and topic"),
        "body": _("text"),
        "plain": _("title"),
        "surface": _("text"),
    }
    found: dict[tuple[str, str, str], TermMatch] = {}
    weights: dict[tuple[tuple[str, str, str], tuple[str, ...]], float] = {}
    for leaf, times in _leaves(trace.tree, fields):
        terms = _terms(leaf)
        match = _labelled(leaf, terms, labels, trace.text)
        about = match.what, match.words, match.instead
        match = found.setdefault(about, match)
        weights[about, terms] = max(weights.get((about, terms), 0.0), leaf.boost)
        if len(terms) == 1 and match.what in ("word", "part", "synonym"):
            match.rarity = max(match.rarity, analysis.vocabulary.rarity(terms[0], document.text_language()))
        name = names[leaf.field.partition("_")[0]]
        match.fields[name] = max(match.fields.get(name, 0), times)
    for (about, _same), weight in weights.items():
        found[about].weight += weight
    return sorted(found.values(), key=lambda match: -match.weight)


def _terms(leaf: Leaf) -> tuple[str, ...]:
    match leaf:
        case Phrase(_field, terms):
            return terms
        case Prefix(_field, prefix):
            return (prefix,)
        case Term(_field, term):
            return (term,)


def _labelled(leaf: Leaf, terms: tuple[str, ...], labels: dict[tuple[str, ...], TermMatch], text: str) -> TermMatch:
    if isinstance(leaf, Prefix):
        return TermMatch(leaf.prefix, "beginning")
    if isinstance(leaf, Term) and leaf.term == whole(text):
        return TermMatch(text, "whole")
    if leaf.field in ("plain", "surface"):
        return TermMatch(" ".join(terms), "surface")
    known = labels.get(terms)
    if known:
        return TermMatch(known.words, known.what, known.instead)
    return TermMatch(" ".join(terms), "phrase" if len(terms) > 1 else "word")


def _labels(
    trace: RankingTrace, language: str, analysis: Analysis, synonyms: Synonyms
) -> dict[tuple[str, ...], TermMatch]:
    """Return matches by the terms of a query tree, with the words of the query that they came from."""
    parsed = ranking.analyse_query(trace.text, trace.language, analysis, synonyms)
    labels: dict[tuple[str, ...], TermMatch] = {}
    if language not in parsed.words:
        return labels
    word_tokens = parsed.word_tokens[language]
    for token, word in zip(word_tokens, parsed.words[language], strict=True):
        labels.setdefault((word.stem,), TermMatch(token.text, "word"))
    for token, word in zip(word_tokens, parsed.words[language], strict=True):
        for part in word.parts:
            labels.setdefault((part,), TermMatch(part, "part", token.text))
    for (one, first), (other, second) in _neighbours(parsed, language):
        labels.setdefault((first, second), TermMatch(f"{one} {other}", "phrase"))
    for alternative in parsed.alternatives[language]:
        _label_alternative(
            labels, alternative, " ".join(t.text for t in word_tokens[alternative.start : alternative.end])
        )
    return labels


def _neighbours(parsed: ranking.AnalysedQuery, language: str) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    read = [(t.text, w.stem) for t, w in zip(parsed.word_tokens[language], parsed.words[language], strict=True)]
    return zip(read, read[1:], strict=False)


def _label_alternative(labels: dict[tuple[str, ...], TermMatch], alternative: Alternative, instead: str) -> None:
    stems = tuple(word.stem for word in alternative.words)
    for terms in (stems, *((stem,) for stem in stems), *((part,) for word in alternative.words for part in word.parts)):
        labels.setdefault(terms, TermMatch(alternative.text, "synonym", instead))


def _leaves(node: Node, fields: Fields) -> list[tuple[Leaf, int]]:
    """Return the clauses of a tree that a document matches, with how often; none of a group that it does not match."""
    match node:
        case MatchAll():
            return []
        case Term() | Phrase() | Prefix():
            times = _times(node, fields.get(node.field, []))
            return [(node, times)] if times else []
        case Boosted(required, extra):
            found = _leaves(required, fields)
            return found + [leaf for part in extra for leaf in _leaves(part, fields)] if found else []
        case Sum(parts, minimum):
            lists = [found for part in parts if (found := _leaves(part, fields))]
            return [leaf for found in lists for leaf in found] if len(lists) >= minimum else []
        case DisMax(parts):
            return [leaf for part in parts for leaf in _leaves(part, fields)]


def _times(leaf: Leaf, terms: list[str]) -> int:
    match leaf:
        case Term(_field, term):
            return terms.count(term)
        case Prefix(_field, prefix):
            return sum(term.startswith(prefix) for term in terms)
        case Phrase(_field, wanted, slop):
            width = len(wanted)
            return sum(
                1
                for at, term in enumerate(terms)
                if term == wanted[0] and _in_order(terms[at : at + width + slop], wanted)
            )


def _in_order(terms: list[str], wanted: tuple[str, ...]) -> bool:
    rest = iter(terms)
    return all(term in rest for term in wanted)
