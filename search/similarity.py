"""How much a text and a document are about the same: shares of their telling words, counted in letters.

Scores of an engine say which of two documents fits better, not whether one fits. These shares say that, the same for
each engine and each way of ranking. docs/search.md explains what they decide.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from search import ranking
from search.highlight import BODY_LENGTH
from search.language import LANGUAGES
from search.language.analysis import Analysis, Word
from search.sources import Document

SAME = 0.85  # of the letters of either title: the same question in nearly the same words
MOST_TAGS = 500  # characters of tags that are read


@dataclass(frozen=True, slots=True)
class TextSimilarity:
    """Shares between 0 and 1."""

    text_anywhere: float  # of the text, found anywhere in the document, its topic's title included
    text_in_title: float  # of the text, found in title and tags
    title: float  # of the title, found in the text

    @property
    def fit(self) -> float:
        """How well text and title stand for each other: the harmonic mean of both shares."""
        return 2 * self.text_in_title * self.title / (self.text_in_title + self.title) if self.text_in_title else 0.0


def text_similarity(text: str, document: Document, analysis: Analysis, *, body: bool = True) -> TextSimilarity:
    """How much a text and a document are about the same, read in the document's language.

    Without `body` only title and tags are read, which costs far less; `asked` is then what `titled` is.
    """
    language = document.text_language()
    wanted = content_words(text, language, analysis)
    title = content_words(document.title, language, analysis)
    in_title = _terms(title) | _indexed(" ".join(document.tags)[:MOST_TAGS], language, analysis)
    more = f"{document.topic_title}\n{document.body[:BODY_LENGTH]}" if body else ""
    there = in_title | _indexed(more, language, analysis)
    return TextSimilarity(overlap(wanted, there), overlap(wanted, in_title), overlap(title, _terms(wanted)))


@dataclass(frozen=True, slots=True)
class Relatedness:
    """How much two documents are about the same: shares between 0 and 1, the larger of both ways."""

    in_title: float  # of what the title and tags of one say, in the title and tags of the other
    anywhere: float  # of what the title of one says, anywhere in the other, its topic's title included


def relatedness(one: Document, other: Document, analysis: Analysis) -> Relatedness:
    """Compare two documents by rare words more than by common ones: "to report" and "new" make nothing related."""
    ways = [_bound(one, other, analysis), _bound(other, one, analysis)]
    return Relatedness(max(way.in_title for way in ways), max(way.anywhere for way in ways))


def _bound(one: Document, other: Document, analysis: Analysis) -> Relatedness:
    language = other.text_language()
    tags = " ".join(other.tags)[:MOST_TAGS]
    in_title = _terms(content_words(other.title, language, analysis)) | _indexed(tags, language, analysis)
    there = in_title | _indexed(f"{other.topic_title}\n{other.body[:BODY_LENGTH]}", language, analysis)
    title = content_words(one.title, language, analysis)
    labels = content_words(" ".join([one.title, *one.tags])[:MOST_TAGS], language, analysis)
    rare = partial(_by_rarity, language=language, analysis=analysis)
    return Relatedness(overlap(labels, in_title, rare), overlap(title, there, rare))


def _by_rarity(letters: int, word: Word, *, language: str, analysis: Analysis) -> float:
    return letters * analysis.vocabulary.rarity(word.stem, language)


def same_question(text: str, title: str, language: str, analysis: Analysis) -> bool:
    """Whether two titles ask the same in nearly the same words, read in a language or, when it is unknown, in any."""
    for each in (language,) if language in LANGUAGES else LANGUAGES:
        one, other = content_words(text, each, analysis), content_words(title, each, analysis)
        if min(overlap(one, _terms(other)), overlap(other, _terms(one))) >= SAME:
            return True
    return False


ContentWords = dict[str, tuple[int, Word]]


def content_words(text: str, language: str, analysis: Analysis) -> ContentWords:
    """The words of a text that tell what it is about, by stem, with how many letters they have."""
    found: ContentWords = {}
    for token in ranking.analyse_query(text, language, analysis).content_tokens:
        word = analysis.word(token, language)
        found.setdefault(word.stem, (token.end - token.start, word))
    return found


def overlap(
    wanted: ContentWords, terms: frozenset[str], weigh: Callable[[int, Word], float] = lambda letters, word: letters
) -> float:
    """How much of what is wanted is there, compounds by most of their parts; 0 when nothing is wanted. Words count by
    their letters, or as `weigh` says."""
    weights = [(weigh(letters, word), word) for letters, word in wanted.values()]
    total = sum(weight for weight, _ in weights)
    return sum(weight for weight, word in weights if word.is_in(terms)) / total if total else 0.0


def _terms(words: ContentWords) -> frozenset[str]:
    return frozenset(term for _, word in words.values() for term in (word.stem, *word.parts))


def _indexed(text: str, language: str, analysis: Analysis) -> frozenset[str]:
    return frozenset(analysis.indexed(text, language).stems)
