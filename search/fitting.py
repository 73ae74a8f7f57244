"""Whether what was found is about what was asked, so that the page can say honestly that it is not."""

from collections.abc import Iterable

from search import analysis
from search.highlight import READ
from search.ranking import LONGEST_QUERY
from search.sources import Document

MOST_MISSING = 0.5  # of the letters of the telling words


def missing(text: str, documents: Iterable[Document]) -> list[str]:
    """The telling words of a query that no document has, when they are most of it; else [].

    Long words tell more than short ones, so letters are counted. The last word may be half typed.
    """
    telling = _telling(text)
    if not telling:
        return []
    had = {language: set[str]() for language in analysis.LANGUAGES}
    for document in documents:
        for language in analysis.languages_of(document.language):
            had[language].update(_terms(document, language))
    plain = analysis.fold(telling[-1])
    last = any(term.startswith(plain) for terms in had.values() for term in terms)
    absent = [
        word
        for word in telling
        if not any(analysis.term(word, language) in had[language] for language in analysis.LANGUAGES)
        and not (word == telling[-1] and last)
    ]
    letters = sum(map(len, telling))
    return absent if sum(map(len, absent)) > MOST_MISSING * letters else []


def _telling(text: str) -> list[str]:
    words = [word.text for word in analysis.words(text[:LONGEST_QUERY])]
    return list(dict.fromkeys(word for word in words if analysis.fold(word) and not _says_little(word)))


def _says_little(word: str) -> bool:
    return any(analysis.is_stopword(word, each) or analysis.is_weak(word, each) for each in analysis.LANGUAGES)


def _terms(document: Document, language: str) -> list[str]:
    return analysis.terms(" ".join([document.title, *document.tags, document.body[:READ]]), language)
