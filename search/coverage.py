"""Whether what was found is about what was asked, so that the page can say honestly that it is not."""

from collections.abc import Iterable

from search import ranking
from search.curation.synonyms import NO_SYNONYMS, Synonyms
from search.highlight import BODY_LENGTH
from search.language.analysis import Analysis
from search.language.tokens import Token
from search.sources import Document

MOST_MISSING = 0.5  # of the letters of the telling words


def missing_words(
    text: str, documents: Iterable[Document], analysis: Analysis, synonyms: Synonyms = NO_SYNONYMS
) -> list[str]:
    """The telling words of a query that no document has, when they are most of it; else []."""
    return main_missing_words(text, *uncovered_words(text, documents, analysis, synonyms))


def main_missing_words(text: str, content_tokens: list[Token], unmatched: list[Token]) -> list[str]:
    """The absent words as they were typed, when they are most of what tells something; else []. Long words tell more
    than short ones, so letters are counted."""
    letters = sum(token.end - token.start for token in content_tokens)
    words = [text[token.start : token.end] for token in unmatched]
    return words if sum(map(len, words)) > MOST_MISSING * letters else []


def uncovered_words(
    text: str, documents: Iterable[Document], analysis: Analysis, synonyms: Synonyms = NO_SYNONYMS
) -> tuple[list[Token], list[Token]]:
    """The telling words of a query, once each, and those of them that no document has.

    A compound is there when the document has it or most of its parts, and any word when the document has what else it
    may be called. The last word may be half typed.
    """
    query = ranking.analyse_query(text, "", analysis, synonyms)
    content_tokens = list({token.text: token for token in query.content_tokens}.values())
    if not content_tokens:
        return [], []
    had: dict[str, set[str]] = {language: set() for language in query.words}
    unmatched = _absent(query, content_tokens, had, analysis)
    for document in documents:
        if not unmatched:  # more documents can only have more of it
            break
        had[document.text_language()].update(_terms(document, analysis))
        unmatched = _absent(query, content_tokens, had, analysis)
    return content_tokens, unmatched


def _absent(
    query: ranking.AnalysedQuery, content_tokens: list[Token], had: dict[str, set[str]], analysis: Analysis
) -> list[Token]:
    last = query.tokens[-1].text
    called = _called(query, had)
    return [
        token
        for token in content_tokens
        if token.text not in called
        and not any(analysis.word(token, language).is_in(terms) for language, terms in had.items())
        and not (token.text == last and any(term.startswith(last) for terms in had.values() for term in terms))
    ]


def _called(query: ranking.AnalysedQuery, had: dict[str, set[str]]) -> set[str]:
    """The words of a query of which the documents have another name."""
    return {
        token.text
        for language, alternatives in query.alternatives.items()
        for other in alternatives
        if all(word.stem in had[language] for word in other.words)
        for token in query.word_tokens[language][other.start : other.end]
    }


def _terms(document: Document, analysis: Analysis) -> list[str]:
    text = " ".join([document.title, *document.tags, document.body[:BODY_LENGTH]])
    indexed = analysis.indexed(text, document.text_language())
    return [*indexed.stems, *indexed.surface]
