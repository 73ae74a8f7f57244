"""How much a text and a document are about the same: shares of their telling words, counted in letters.

Scores of an engine say which of two documents fits better, not whether one fits. These shares say that, the same for
each engine and each way of ranking. docs/search.md explains what they decide.
"""

from dataclasses import dataclass

from search import ranking
from search.highlight import READ
from search.language import LANGUAGES
from search.language.analysis import Analysis, Word
from search.sources import Document

SAME = 0.85  # of the letters of either title: the same question in nearly the same words
MOST_TAGS = 500  # characters of tags that are read


@dataclass(frozen=True, slots=True)
class Likeness:
    """Shares between 0 and 1."""

    asked: float  # of the text, found anywhere in the document, its topic's title included
    titled: float  # of the text, found in title and tags
    title: float  # of the title, found in the text

    @property
    def fit(self) -> float:
        """How well text and title stand for each other: the harmonic mean of both shares."""
        return 2 * self.titled * self.title / (self.titled + self.title) if self.titled else 0.0


def likeness(text: str, document: Document, analysis: Analysis, *, body: bool = True) -> Likeness:
    """How much a text and a document are about the same, read in the document's language.

    Without `body` only title and tags are read, which costs far less; `asked` is then what `titled` is.
    """
    language = document.spoken()
    wanted = telling(text, language, analysis)
    title = telling(document.title, language, analysis)
    named = _terms(title) | _indexed(" ".join(document.tags)[:MOST_TAGS], language, analysis)
    more = f"{document.topic_title}\n{document.body[:READ]}" if body else ""
    there = named | _indexed(more, language, analysis)
    return Likeness(share(wanted, there), share(wanted, named), share(title, _terms(wanted)))


def same_question(text: str, title: str, language: str, analysis: Analysis) -> bool:
    """Whether two titles ask the same in nearly the same words, read in a language or, when it is unknown, in any."""
    for each in (language,) if language in LANGUAGES else LANGUAGES:
        one, other = telling(text, each, analysis), telling(title, each, analysis)
        if min(share(one, _terms(other)), share(other, _terms(one))) >= SAME:
            return True
    return False


Telling = dict[str, tuple[int, Word]]


def telling(text: str, language: str, analysis: Analysis) -> Telling:
    """The words of a text that tell what it is about, by stem, with how many letters they have."""
    found: Telling = {}
    for token in ranking.read(text, language, analysis).telling:
        word = analysis.word(token, language)
        found.setdefault(word.stem, (token.end - token.start, word))
    return found


def share(wanted: Telling, terms: frozenset[str]) -> float:
    """How much of what is wanted is there, compounds by most of their parts; 0 when nothing is wanted."""
    letters = sum(count for count, _ in wanted.values())
    there = sum(count for count, word in wanted.values() if _has(terms, word))
    return there / letters if letters else 0.0


def _has(terms: frozenset[str], word: Word) -> bool:
    return word.stem in terms or (bool(word.parts) and 2 * len(terms.intersection(word.parts)) > len(word.parts))


def _terms(words: Telling) -> frozenset[str]:
    return frozenset(term for _, word in words.values() for term in (word.stem, *word.parts))


def _indexed(text: str, language: str, analysis: Analysis) -> frozenset[str]:
    return frozenset(analysis.indexed(text, language).stems)
