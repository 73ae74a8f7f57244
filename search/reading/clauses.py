"""Quoted phrases and excluded words as conditions on documents: as nodes for engines, and as a test of one document."""

from search.engines.fields import TEXT_FIELDS
from search.language import LANGUAGES
from search.language.analysis import BOUNDARY, Analysis
from search.language.tokens import Token, folded_words, tokenise
from search.query_tree import Node, Phrase, Sum, Term
from search.reading.query_parser import ParsedQuery
from search.sources import Document


def required(parsed: ParsedQuery) -> tuple[Node, ...]:
    """Return what every document must match: each phrase word by word, without regard to accents and capitals."""
    return tuple(_exactly(words) for phrase in parsed.phrases if (words := folded_words(phrase)))


def excluded(parsed: ParsedQuery, analysis: Analysis) -> tuple[Node, ...]:
    """Return what no document may match: a phrase exactly, a word in any inflection."""
    read = [list(tokenise(text)) for text in parsed.excluded]
    return tuple(
        _any_form(tokens[0], analysis) if len(tokens) == 1 else _exactly([token.text for token in tokens])
        for tokens in read
        if tokens
    )


def satisfies(document: Document, parsed: ParsedQuery) -> bool:
    """True if a document has every phrase and none of the excluded words as typed: for the search without an engine."""
    if not (parsed.phrases or parsed.excluded):
        return True
    texts = [document.title, " ".join([*document.tags, document.topic_title, document.service]), document.body]
    surface = f" {f' {BOUNDARY} '.join(' '.join(folded_words(text)) for text in texts)} "
    phrases, excluded = (
        [f" {' '.join(words)} " for text in listed if (words := folded_words(text))]
        for listed in (parsed.phrases, parsed.excluded)
    )
    return all(phrase in surface for phrase in phrases) and not any(word in surface for word in excluded)


def _exactly(words: list[str]) -> Node:
    return Phrase("surface", tuple(words)) if len(words) > 1 else Term("surface", words[0])


def _any_form(token: Token, analysis: Analysis) -> Node:
    words = {language: analysis.word(token, language) for language in LANGUAGES}
    stems = tuple(
        Term(name, word.stem)
        for language, word in words.items()
        for name in TEXT_FIELDS
        if name.endswith(f"_{language}") and not word.stop
    )
    return Sum((Term("surface", token.text), *stems))
