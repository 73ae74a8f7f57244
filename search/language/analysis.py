"""The analysis of documents and queries: words as stems and parts of compounds."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from search.language import LANGUAGES
from search.language.compounds import Compounds, Vocabulary
from search.language.lexicon import is_word
from search.language.stems import stems_of
from search.language.stopwords import STOPWORDS
from search.language.tokens import Token, tokenise

_SHORT, _ABBREVIATED = 4, 3  # an abbreviation has fewer letters, and is in capitals in so many documents
BOUNDARY = "|"  # a term that is no word, between a text and the parts of its compounds
_CHUNK = re.compile(r"\S+")  # no word contains a space


class Word(NamedTuple):
    """A word as the index knows it."""

    stem: str
    parts: tuple[str, ...]  # stems of a compound's parts
    stop: bool  # a stop word

    def is_in(self, terms: Set[str]) -> bool:
        """True if the terms have the word, or most parts of a compound."""
        return self.stem in terms or (
            bool(self.parts) and 2 * sum(part in terms for part in self.parts) > len(self.parts)
        )


@dataclass(frozen=True, slots=True)
class Indexed:
    """The terms of a text, for an engine that only splits at spaces."""

    stems: list[str]  # words in order without stop words, then parts of compounds and names
    surface: list[str]  # every folded word: for exact phrases, prefixes and spelling


class Analysis:
    """The analysis of all languages with one vocabulary. It caches words; threads share an instance."""

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        self.vocabulary = vocabulary or Vocabulary()
        self._own: dict[str, _Words] = {}

    def _language(self, language: str) -> "_Words":
        words = self._own.get(language)
        if words is None:
            words = self._own.setdefault(language, _Words(language, self.vocabulary))
        return words

    def words(self, text: str, language: str) -> list[tuple[Token, Word]]:
        """Return every word of a text with its token, stop words included."""
        known = self._language(language)
        return [(token, known.word(token)) for token in tokenise(text)]

    def among(self, text: str, language: str, wanted: frozenset[str]) -> list[tuple[Token, Word]]:
        """Return the words of a text whose stem or part is wanted, stop words aside, with their tokens."""
        known = self._language(language)
        found: list[tuple[Token, Word]] = []
        for match in _CHUNK.finditer(text):
            chunk = known.read(match.group())
            if not (wanted.isdisjoint(chunk.stems) and wanted.isdisjoint(chunk.parts)):
                found += self._within(match, known, wanted)
        return found

    @staticmethod
    def _within(chunk: re.Match[str], known: "_Words", wanted: frozenset[str]) -> Iterator[tuple[Token, Word]]:
        before = chunk.start()
        for token in tokenise(chunk.group()):
            word = known.word(token)
            if not word.stop and not wanted.isdisjoint((word.stem, *word.parts)):
                yield token._replace(start=before + token.start, end=before + token.end), word

    def word(self, token: Token, language: str) -> Word:
        """Return one word, as it is analysed in a language."""
        return self._language(language).word(token)

    def indexed(self, text: str, language: str) -> Indexed:
        """Return what an engine indexes of a text.

        Parts follow the text after a boundary, so that they count like words while phrases match the text alone.
        """
        read = self._language(language).read
        stems: list[str] = []
        parts: list[str] = []
        surface: list[str] = []
        for chunk in text.split():
            found = read(chunk)
            stems += found.stems
            parts += found.parts
            surface += found.surface
        if parts:
            stems.append(BOUNDARY)
        return Indexed(stems + parts, surface)

    @classmethod
    def learn(cls, texts: Iterable[tuple[str, str]], protected: frozenset[str] = frozenset()) -> "Analysis":
        """Return an analysis with the vocabulary of (text, language) pairs, one per document."""
        plain = cls(Vocabulary(protected=protected))
        counts: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
        words: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
        documents: Counter[str] = Counter()
        short: Counter[tuple[str, bool]] = Counter()  # with True if it is in capitals
        for text, language in texts:
            documents[language] += 1
            known = plain._language(language)
            said = {word for chunk in set(text.split()) for word in _said(chunk)}
            found = {word for word, _ in said}
            words[language].update(found)
            counts[language].update({known.stem(word) for word in found})
            short.update(each for each in said if len(each[0]) < _SHORT)
        capitals = {
            word
            for (word, shouted), count in short.items()
            if shouted and count >= _ABBREVIATED and word not in STOPWORDS["nl"]
            if count >= short[word, False] or not is_word(word, "nl")
        }
        return cls(Vocabulary(dict(documents), counts, words, protected, frozenset(capitals)))


@lru_cache(maxsize=30_000)
def _said(chunk: str) -> tuple[tuple[str, bool], ...]:
    """Return the folded words of a text, each with True if it is an abbreviation in capitals."""
    return tuple((token.text, token.shouted) for token in tokenise(chunk))


def whole(text: str) -> str:
    """Return one term for a text as a whole, with punctuation, without regard to case and spaces. No word has it."""
    return "=" + hashlib.blake2s(" ".join(text.casefold().split()).encode(), digest_size=12).hexdigest()


class _Chunk(NamedTuple):
    """The terms of a stretch of text without spaces."""

    stems: tuple[str, ...]
    parts: tuple[str, ...]
    surface: tuple[str, ...]


class _Words:
    """The cached words of one language."""

    _MOST = 60_000
    _MOST_CHUNKS, _LONGEST_CHUNK = 30_000, 40

    def __init__(self, language: str, vocabulary: Vocabulary) -> None:
        self._stems = stems_of(language)
        self._compounds = Compounds(language, self._stems, vocabulary)
        self._stopwords = STOPWORDS[language]
        self._protected = vocabulary.protected
        self._known: dict[tuple[str, tuple[str, ...], bool], Word] = {}
        self._plain: dict[str, Word] = {}
        self._chunks: dict[str, _Chunk] = {}

    def stem(self, word: str) -> str:
        return word if word in self._protected else self._stems.stem(word)

    def read(self, chunk: str) -> _Chunk:
        """Return the terms of a stretch without spaces. Cached, since most occur again."""
        found = self._chunks.get(chunk)
        if found is None:
            tokens = list(tokenise(chunk))
            words = [word for word in map(self.word, tokens) if not word.stop]
            stems, parts = (word.stem for word in words), (part for word in words for part in word.parts)
            found = _Chunk(tuple(stems), tuple(parts), tuple(token.text for token in tokens))
            if len(chunk) <= self._LONGEST_CHUNK:
                if len(self._chunks) >= self._MOST_CHUNKS:
                    self._chunks.clear()
                self._chunks[chunk] = found
        return found

    def word(self, token: Token) -> Word:
        if not token.pieces and not token.shouted:
            found = self._plain.get(token.text)
            if found is None:
                found = self._plain[token.text] = self._analyse(token)
            return found
        key = token[0], token[3], token[4]
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._analyse(token)
        return found

    def _analyse(self, token: Token) -> Word:
        if len(self._known) + len(self._plain) > self._MOST:
            self._known.clear()
            self._plain.clear()
        stem = self.stem(token.text)
        parts = list(self._compounds.parts(token.text))
        for piece in token.pieces:
            if piece not in self._stopwords:
                parts += [self._stems.stem(piece), *self._compounds.parts(piece)]
        stop = token.text in self._stopwords and not token.shouted
        return Word(stem, tuple(p for p in dict.fromkeys(parts) if p != stem), stop)


BY_DICTIONARY = Analysis()  # without a site's vocabulary
