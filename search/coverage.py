"""Whether what was found is about what was asked, so that the page can say honestly that it is not."""

from collections.abc import Iterable

from search import ranking
from search.curation.synonyms import NONE, Synonyms
from search.highlight import READ
from search.language.analysis import Analysis
from search.language.tokens import Token
from search.sources import Document

MOST_MISSING = 0.5  # of the letters of the telling words


def missing(text: str, documents: Iterable[Document], analysis: Analysis, synonyms: Synonyms = NONE) -> list[str]:
    """The telling words of a query that no document has, when they are most of it; else []."""
    return most(text, *compare(text, documents, analysis, synonyms))


def most(text: str, telling: list[Token], absent: list[Token]) -> list[str]:
    """The absent words as they were typed, when they are most of what tells something; else []. Long words tell more
    than short ones, so letters are counted."""
    letters = sum(token.end - token.start for token in telling)
    words = [text[token.start : token.end] for token in absent]
    return words if sum(map(len, words)) > MOST_MISSING * letters else []


def compare(
    text: str, documents: Iterable[Document], analysis: Analysis, synonyms: Synonyms = NONE
) -> tuple[list[Token], list[Token]]:
    """The telling words of a query, once each, and those of them that no document has.

    A compound is there when the document has it or most of its parts, and any word when the document has what else it
    may be called. The last word may be half typed.
    """
    asked = ranking.read(text, "", analysis, synonyms)
    telling = list({token.text: token for token in asked.telling}.values())
    if not telling:
        return [], []
    had: dict[str, set[str]] = {language: set() for language in asked.words}
    absent = _absent(asked, telling, had, analysis)
    for document in documents:
        if not absent:  # more documents can only have more of it
            break
        had[document.spoken()].update(_terms(document, analysis))
        absent = _absent(asked, telling, had, analysis)
    return telling, absent


def _absent(asked: ranking.Asked, telling: list[Token], had: dict[str, set[str]], analysis: Analysis) -> list[Token]:
    last = asked.tokens[-1].text
    called = _called(asked, had)
    return [
        token
        for token in telling
        if token.text not in called
        and not any(analysis.word(token, language).is_in(terms) for language, terms in had.items())
        and not (token.text == last and any(term.startswith(last) for terms in had.values() for term in terms))
    ]


def _called(asked: ranking.Asked, had: dict[str, set[str]]) -> set[str]:
    """The words of a query of which the documents have another name."""
    return {
        token.text
        for language, alternatives in asked.alternatives.items()
        for other in alternatives
        if all(word.stem in had[language] for word in other.words)
        for token in asked.places[language][other.start : other.end]
    }


def _terms(document: Document, analysis: Analysis) -> list[str]:
    text = " ".join([document.title, *document.tags, document.body[:READ]])
    indexed = analysis.indexed(text, document.spoken())
    return [*indexed.stems, *indexed.surface]
