"""How much a text and a document are about the same: shares of their telling words, counted in letters.

Scores of an engine say which of two documents fits better, not whether one fits. These shares say that, the same for
each engine and each way of ranking. docs/search.md explains what they decide.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

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


@dataclass(frozen=True, slots=True)
class Kinship:
    """How much two documents are about the same: shares between 0 and 1, the larger of both ways."""

    named: float  # of what the title and tags of one say, in the title and tags of the other
    anywhere: float  # of what the title of one says, anywhere in the other, its topic's title included


def kinship(one: Document, other: Document, analysis: Analysis) -> Kinship:
    """Compare two documents by rare words more than by common ones: "to report" and "new" make nothing related."""
    ways = [_bound(one, other, analysis), _bound(other, one, analysis)]
    return Kinship(max(way.named for way in ways), max(way.anywhere for way in ways))


def _bound(one: Document, other: Document, analysis: Analysis) -> Kinship:
    language = other.spoken()
    tags = " ".join(other.tags)[:MOST_TAGS]
    named = _terms(telling(other.title, language, analysis)) | _indexed(tags, language, analysis)
    there = named | _indexed(f"{other.topic_title}\n{other.body[:READ]}", language, analysis)
    title = telling(one.title, language, analysis)
    labels = telling(" ".join([one.title, *one.tags])[:MOST_TAGS], language, analysis)
    rare = partial(_by_rarity, language=language, analysis=analysis)
    return Kinship(share(labels, named, rare), share(title, there, rare))


def _by_rarity(letters: int, word: Word, *, language: str, analysis: Analysis) -> float:
    return letters * analysis.vocabulary.rarity(word.stem, language)


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


def share(
    wanted: Telling, terms: frozenset[str], weigh: Callable[[int, Word], float] = lambda letters, word: letters
) -> float:
    """How much of what is wanted is there, compounds by most of their parts; 0 when nothing is wanted. Words count by
    their letters, or as `weigh` says."""
    weights = [(weigh(letters, word), word) for letters, word in wanted.values()]
    total = sum(weight for weight, _ in weights)
    return sum(weight for weight, word in weights if word.is_in(terms)) / total if total else 0.0


def _terms(words: Telling) -> frozenset[str]:
    return frozenset(term for _, word in words.values() for term in (word.stem, *word.parts))


def _indexed(text: str, language: str, analysis: Analysis) -> frozenset[str]:
    return frozenset(analysis.indexed(text, language).stems)
