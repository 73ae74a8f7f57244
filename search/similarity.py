"""Text similarity: the shares of content words that a text and a document have in common, weighted by letters.

An engine's scores tell which of two documents matches better, not whether one matches. These shares tell that, and are
the same for each engine and each ranking. docs/search.md explains the thresholds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from search import ranking
from search.highlight import BODY_LENGTH
from search.language import LANGUAGES
from search.language.analysis import Analysis, Word
from search.sources import Document

SAME = 0.85  # share of either title from which two titles ask the same question
MOST_TAGS = 500  # characters of tags that are read


@dataclass(frozen=True, slots=True)
class TextSimilarity:
    """Shares between 0 and 1 of the content words of a text and of a title."""

    text_anywhere: float  # of the text, in the document or its topic's title
    text_in_title: float  # of the text, in title and tags
    title_in_text: float  # of the title, in the text

    @property
    def fit(self) -> float:
        """The harmonic mean of the shares of text in title and of title in text."""
        return (
            2 * self.text_in_title * self.title_in_text / (self.text_in_title + self.title_in_text)
            if self.text_in_title
            else 0.0
        )


def text_similarity(text: str, document: Document, analysis: Analysis, *, body: bool = True) -> TextSimilarity:
    """Compare a text with a document, in the document's language.

    Without `body` only title and tags are read, which costs far less; `text_anywhere` then equals `text_in_title`.
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
    """Shares between 0 and 1 of what two documents have in common; the larger one of both directions."""

    in_title: float  # of title and tags of one, in title and tags of the other
    anywhere: float  # of the title of one, in the other or its topic's title


def relatedness(one: Document, other: Document, analysis: Analysis) -> Relatedness:
    """Compare two documents, by rare words more than by common ones such as "report" and "new"."""
    ways = [_one_way(one, other, analysis), _one_way(other, one, analysis)]
    return Relatedness(max(way.in_title for way in ways), max(way.anywhere for way in ways))


def _one_way(one: Document, other: Document, analysis: Analysis) -> Relatedness:
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
    """True if two titles are nearly the same words, analysed in `language`, or in any when that is unknown."""
    for each in (language,) if language in LANGUAGES else LANGUAGES:
        one, other = content_words(text, each, analysis), content_words(title, each, analysis)
        if min(overlap(one, _terms(other)), overlap(other, _terms(one))) >= SAME:
            return True
    return False


ContentWords = dict[str, tuple[int, Word]]


def content_words(text: str, language: str, analysis: Analysis) -> ContentWords:
    """Return the content words of a text by stem, with their number of letters."""
    found: ContentWords = {}
    for token in ranking.analyse_query(text, language, analysis).content_tokens:
        word = analysis.word(token, language)
        found.setdefault(word.stem, (token.end - token.start, word))
    return found


def overlap(
    wanted: ContentWords, terms: frozenset[str], weigh: Callable[[int, Word], float] = lambda letters, word: letters
) -> float:
    """Return the share of the wanted words that are among the terms; 0 when none are wanted.

    A compound is there with most of its parts. Words count by their letters, or as `weigh` returns.
    """
    weights = [(weigh(letters, word), word) for letters, word in wanted.values()]
    total = sum(weight for weight, _ in weights)
    return sum(weight for weight, word in weights if word.is_in(terms)) / total if total else 0.0


def _terms(words: ContentWords) -> frozenset[str]:
    return frozenset(term for _, word in words.values() for term in (word.stem, *word.parts))


def _indexed(text: str, language: str, analysis: Analysis) -> frozenset[str]:
    return frozenset(analysis.indexed(text, language).stems)
