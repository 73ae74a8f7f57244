"""The one ranking formula: every weight, and how a query becomes a tree. docs/search.md explains it.

score = weight(document) × ( Σ over the reader's and the other languages' best of
            [ Σ terms (TITLE·bm25 + TAGS·bm25 + BODY·bm25) + WEAK · weak terms + neighbouring words in title and body ]
            + WHOLE·bm25(the title as a whole) )
"""

import math
from collections import Counter
from itertools import pairwise

from search import analysis
from search.sources import Document
from search.tree import Best, Boosted, Everything, Node, Phrase, Prefix, Sum, Term

TITLE, TAGS, BODY = 1.25, 1.0, 1.0
PAIR_TITLE, PAIR_BODY = 0.3, 0.6  # two neighbouring words of the query stand together in the document
PAIR_SLOP = 1
OTHER_LANGUAGE = 0.8  # of the score, when a document is not in the reader's language
WHOLE = 3.0  # the query is the title, to the last sign
PREFIX = 3.0  # a half-typed last word begins a word of the title
WEAK = 0.3  # of a word that says little about a subject
REPEATED = 0.8  # exponent: a term that the query says n times counts n**REPEATED times

SOLVED, VERIFIED, HELPFUL, MOST_HELPFUL = 0.06, 0.08, 0.02, 0.10

LONGEST_QUERY = 1000  # characters; what follows is not read
MOST_TERMS = 80  # distinct terms; the first ones count
MOST_PAIRS = 24
MOST_WEAK = 20
SHORTEST_PREFIX = 2  # characters


def weight(document: Document) -> float:
    """What the document's own merits multiply its score by: 1 up to 1.24."""
    helpful = min(HELPFUL * math.log2(1 + max(document.helpful, 0)), MOST_HELPFUL)
    return 1 + SOLVED * document.solved + VERIFIED * document.verified + helpful


def tree(text: str, language: str = "", *, typing: bool = False) -> Node:
    """The query tree of what somebody typed. A text without a single word asks for everything.

    `language` is the reader's; `typing` says that the last word may be unfinished.
    """
    text = text[:LONGEST_QUERY]
    words = [word.text for word in analysis.words(text) if analysis.fold(word.text)]
    if not words:
        return Everything()
    preferred = language if language in analysis.LANGUAGES else ""
    parts = [
        node
        for each in analysis.LANGUAGES
        if (node := _in_language(words, each, 1.0 if not preferred or each == preferred else OTHER_LANGUAGE))
    ]
    unfinished = analysis.fold(words[-1]) if typing and text[-1].isalnum() else ""
    if all(any(analysis.is_stopword(word, each) for each in analysis.LANGUAGES) for word in words):
        # Nothing but stop words: titles may have them.
        parts.append(Sum(tuple(Term("plain", analysis.fold(word)) for word in dict.fromkeys(words[:MOST_TERMS]))))
    ways: list[Node] = [Best(tuple(parts)), Term("plain", analysis.whole(text), WHOLE)]
    if len(unfinished) >= SHORTEST_PREFIX:
        ways.append(Prefix("plain", unfinished, PREFIX))
    return Sum(tuple(ways))


def _in_language(words: list[str], language: str, factor: float) -> Node | None:
    """The query for documents of one language; None when every word is a stop word of it."""
    words = [word for word in words if not analysis.is_stopword(word, language)]
    strong = [word for word in words if not analysis.is_weak(word, language)]
    sequence = _terms(strong or words, language)
    if not sequence:
        return None
    counts = list(Counter(sequence).items())[:MOST_TERMS]
    required = Sum(tuple(_anywhere(term, language, factor * count**REPEATED) for term, count in counts))
    weak = [term for term in dict.fromkeys(_terms(words, language)) if term not in sequence][:MOST_WEAK]
    extra = [_anywhere(term, language, factor * WEAK) for term in weak]
    for pair in list(dict.fromkeys(p for p in pairwise(sequence) if p[0] != p[1]))[:MOST_PAIRS]:
        extra.append(Phrase(f"title_{language}", pair, PAIR_SLOP, PAIR_TITLE * factor))
        extra.append(Phrase(f"body_{language}", pair, PAIR_SLOP, PAIR_BODY * factor))
    return Boosted(required, tuple(extra)) if extra else required


def _terms(words: list[str], language: str) -> list[str]:
    return [term for word in words if (term := analysis.term(word, language))]


def _anywhere(term: str, language: str, factor: float) -> Node:
    fields = (("title", TITLE), ("tags", TAGS), ("body", BODY))
    return Sum(tuple(Term(f"{field}_{language}", term, boost * factor) for field, boost in fields))
