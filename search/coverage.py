"""Query coverage: the content words of a query that no hit has, so that a page can say what is missing."""

from collections.abc import Iterable

from search import ranking
from search.curation.synonyms import NO_SYNONYMS, Synonyms
from search.highlight import BODY_LENGTH
from search.language.analysis import Analysis
from search.language.tokens import Token
from search.sources import Document

MOST_MISSING = 0.5  # of the letters of the content words


def missing_words(
    text: str, documents: Iterable[Document], analysis: Analysis, synonyms: Synonyms = NO_SYNONYMS
) -> list[str]:
    """Return the content words of a query that no document has, if they are most of the query; else []."""
    return main_missing_words(text, *uncovered_words(text, documents, analysis, synonyms))


def main_missing_words(text: str, content_tokens: list[Token], unmatched: list[Token]) -> list[str]:
    """Return the unmatched words as they were typed, if they are most of the content words; else [].

    Letters are counted, since long words say more than short ones.
    """
    letters = sum(token.end - token.start for token in content_tokens)
    words = [text[token.start : token.end] for token in unmatched]
    return words if sum(map(len, words)) > MOST_MISSING * letters else []


def uncovered_words(
    text: str, documents: Iterable[Document], analysis: Analysis, synonyms: Synonyms = NO_SYNONYMS
) -> tuple[list[Token], list[Token]]:
    """Return the content words of a query, once each, and those of them that no document has.

    A document has a compound if it has most of its parts, and a word if it has a synonym of it. The last word may be
    half typed.
    """
    query = ranking.analyse_query(text, "", analysis, synonyms)
    content_tokens = list({token.text: token for token in query.content_tokens}.values())
    if not content_tokens:
        return [], []
    had: dict[str, set[str]] = {language: set() for language in query.words}
    unmatched = _unmatched(query, content_tokens, had, analysis)
    for document in documents:
        if not unmatched:  # further documents can only match more
            break
        had[document.text_language()].update(_terms(document, analysis))
        unmatched = _unmatched(query, content_tokens, had, analysis)
    return content_tokens, unmatched


def _unmatched(
    query: ranking.AnalysedQuery, content_tokens: list[Token], had: dict[str, set[str]], analysis: Analysis
) -> list[Token]:
    last = query.tokens[-1].text
    by_synonym = _matched_by_synonym(query, had)
    return [
        token
        for token in content_tokens
        if token.text not in by_synonym
        and not any(analysis.word(token, language).is_in(terms) for language, terms in had.items())
        and not (token.text == last and any(term.startswith(last) for terms in had.values() for term in terms))
    ]


def _matched_by_synonym(query: ranking.AnalysedQuery, had: dict[str, set[str]]) -> set[str]:
    """Return the words of a query of which the documents have a synonym."""
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
