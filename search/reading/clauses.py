"""Quoted phrases and words to leave out, as conditions on documents: for engines, and for a document at hand."""

from search import engines
from search.language import LANGUAGES
from search.language.analysis import BOUNDARY, Analysis
from search.language.tokens import Token, folded_words, tokenise
from search.query_tree import Node, Phrase, Sum, Term
from search.reading.query_parser import Asked
from search.sources import Document


def required(asked: Asked) -> tuple[Node, ...]:
    """What every document must match: each phrase, word by word as it was typed, accents and capitals aside."""
    return tuple(_exactly(words) for phrase in asked.phrases if (words := folded_words(phrase)))


def excluded(asked: Asked, analysis: Analysis) -> tuple[Node, ...]:
    """What no document may match: a phrase exactly, a word in any inflection."""
    read = [list(tokenise(text)) for text in asked.without]
    return tuple(
        _any_form(tokens[0], analysis) if len(tokens) == 1 else _exactly([token.text for token in tokens])
        for tokens in read
        if tokens
    )


def holds(document: Document, asked: Asked) -> bool:
    """Whether a document keeps to the phrases and words to leave out, as they stand: for the search without engine."""
    texts = [document.title, " ".join([*document.tags, document.topic_title, document.service]), document.body]
    surface = f" {f' {BOUNDARY} '.join(' '.join(folded_words(text)) for text in texts)} "
    phrases, without = (
        [f" {' '.join(words)} " for text in listed if (words := folded_words(text))]
        for listed in (asked.phrases, asked.without)
    )
    return all(phrase in surface for phrase in phrases) and not any(word in surface for word in without)


def _exactly(words: list[str]) -> Node:
    return Phrase("surface", tuple(words)) if len(words) > 1 else Term("surface", words[0])


def _any_form(token: Token, analysis: Analysis) -> Node:
    words = {language: analysis.word(token, language) for language in LANGUAGES}
    stems = tuple(
        Term(name, word.stem)
        for language, word in words.items()
        for name in engines.TEXT_FIELDS
        if name.endswith(f"_{language}") and not word.stop
    )
    return Sum((Term("surface", token.text), *stems))
