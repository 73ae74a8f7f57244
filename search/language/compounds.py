"""The parts of compounds: vakantiedagenaanvraag has vakantiedag, vakantie, dag and aanvraag.

A part is a word of the dictionary or of the site's vocabulary, and the parts cover the whole word, linking letters
aside: so *tat* is no part of *potato*. A word in the dictionary is split only when its parts are long, or more frequent
on the site than the word itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import log
from typing import Any

from search.language.lexicon import is_word, lemma
from search.language.stems import Stems
from search.language.stopwords import STOPWORDS

_SHORTEST_PART = {"nl": 3, "en": 4}
_LONG_PART = 5  # two parts of this length are hardly ever a coincidence
_ABBREVIATION = (2, 3)  # letters; an abbreviation that the site writes in capitals may begin a compound
_COMMON = 3  # documents from which a word outside the dictionary may be a part
_DEEPEST = 3

# Prefixes of verbs and their nouns (over|eenkomst, aan|vraag), and endings: words, but never parts.
_NEVER_PARTS = {
    "nl": frozenset(
        """aan achter achteruit af bij binnen boven buiten dicht door dood fijn gelijk goed heen hoog in klaar kwijt
        langs los mede mee mis na naar neer om omver onder ontevreden op open over overeen plaats rond samen schoon
        stil stuk tegen tegemoet teleur ter terug toe tussen uit vast verder vol voor vooraf voorbij vooruit vrij waar
        weer weg wel zelf heid loos lijk lijke baar bare zaam zame achtig ster ing ling schap dom nis teit atie natie
        ering eren isch ische komst lende rijk per pro con dis ver her ont den ten ter sch sen ren len der
    des""".split()
    ),
    "en": frozenset(
        """over under with ward wards less ness ship able ment tion sion hood wise like some ting ring king ling
        sing""".split()
    ),
}

# Compounds whose meaning is no longer that of their parts (by stem).
_ONE_WORD = frozenset(
    """wachtwoord bijvoorbeeld handtekening handteken tijden website websit software softwar hardware hardwar facebook
    facebok youtube youtub microsoft libreoffice libreoffic password keyboard""".split()
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """In how many of the site's documents each stem and word occurs, per language.

    It is stored beside an index, so that queries are analysed as the documents were.
    """

    documents: Mapping[str, int] = field(default_factory=dict)  # by language
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # documents by language and stem
    words: Mapping[str, Mapping[str, int]] = field(
        default_factory=dict
    )  # documents by language and folded word, for spelling correction
    protected: frozenset[str] = frozenset()  # folded words that are neither split nor stemmed
    abbreviations: frozenset[str] = frozenset()  # short folded words that are mostly in capitals

    def count(self, stem: str, language: str) -> int:
        """Return the number of documents of the language with the stem."""
        return self.counts.get(language, {}).get(stem, 0)

    def rarity(self, stem: str, language: str) -> float:
        """Return BM25's inverse document frequency: from 0 (in every document) to about 10 (in one of 50,000)."""
        total, seen = self.documents.get(language, 0), self.count(stem, language)
        return log(1 + (max(total - seen, 0) + 0.5) / (seen + 0.5))

    def as_json(self) -> dict[str, Any]:
        """Return plain values to store; `from_json` reads them."""
        return {
            "documents": dict(self.documents),
            "counts": {language: dict(found) for language, found in self.counts.items()},
            "words": {language: dict(found) for language, found in self.words.items()},
            "protected": sorted(self.protected),
            "abbreviations": sorted(self.abbreviations),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Vocabulary":
        """Return the vocabulary that `as_json` returned."""
        protected, abbreviations = values["protected"], values.get("abbreviations", ())
        return cls(
            values["documents"], values["counts"], values["words"], frozenset(protected), frozenset(abbreviations)
        )


class Compounds:
    """Splits the words of one language into parts."""

    def __init__(self, language: str, stems: Stems, vocabulary: Vocabulary) -> None:
        self.language = language
        self._stems = stems
        self._vocabulary = vocabulary
        self._shortest = _SHORTEST_PART[language]
        counts = vocabulary.counts.get(language, {})
        self._beginnings = {stem[:3] for stem, count in counts.items() if count >= _COMMON}
        self._cut = lru_cache(maxsize=30_000)(self._cut_once)
        self._is_part = lru_cache(maxsize=30_000)(self._is_part_once)

    def parts(self, word: str) -> tuple[str, ...]:
        """Return the stems of a folded word's parts, and of their parts; () for a word that is no compound."""
        if len(word) < 2 * self._shortest + 1 or not word.isalpha() or word in self._vocabulary.protected:
            return ()
        if self._stems.stem(word) in _ONE_WORD:
            return ()
        return tuple(dict.fromkeys(self._stems_of(word, 0)))

    def _stems_of(self, word: str, depth: int) -> Iterable[str]:
        cut = self._cut(word) if depth < _DEEPEST and len(word) > 2 * self._shortest else None
        for part in cut or ():
            yield self._stems.stem(part)
            yield from self._stems_of(part, depth + 1)

    def _cut_once(self, word: str) -> tuple[str, str] | None:
        """Return the best two halves of a word, without linking letters."""
        best, best_score = None, 0.0
        for at in range(self._shortest, len(word) - self._shortest + 1):
            if not self._is_part(head := word[at:]):
                continue
            if modifier := self._modifier(word[:at]):
                score = (self._weight(modifier) * self._weight(head)) ** 0.5
                if score > best_score:
                    best, best_score = (modifier, head), score
        if best and self._worth_cutting(word, best, best_score):
            return best
        return self._behind_abbreviation(word)

    def _behind_abbreviation(self, word: str) -> tuple[str, str] | None:
        """Return an abbreviation and a word (vpn|verbinding), of a word that is not in the dictionary."""
        for at in _ABBREVIATION if self.language == "nl" else ():
            head = word[at:]
            if word[:at] in self._vocabulary.abbreviations and len(head) >= _LONG_PART and not is_word(word, "nl"):
                if self._is_part(head) or self._cut(head):
                    return word[:at], head
        return None

    def _modifier(self, text: str) -> str | None:
        """Return the first half if it is a word by itself, without a linking s (arbeids), or as a compound."""
        if self._is_part(text):
            return text
        linked = text[:-1] if self.language == "nl" and text.endswith("s") and len(text) > self._shortest else None
        if linked and self._is_part(linked):
            return linked
        if len(text) > 2 * self._shortest and self._cut(text):
            return text
        if linked and len(linked) > 2 * self._shortest and self._cut(linked):
            return linked
        return None

    def _is_part_once(self, text: str) -> bool:
        if len(text) < self._shortest or text in _NEVER_PARTS[self.language] or text in STOPWORDS[self.language]:
            return False
        base = lemma(text, self.language)
        if base is None:
            return len(text) > 3 and self._is_common(text)
        if len(text) == 3:  # only a lemma that the site uses
            return base == text and self._is_common(text)
        return base[0] == text[0]  # an irregular form such as ware (of zijn) is no part

    def _is_common(self, text: str) -> bool:
        # Most fragments begin unlike any common stem. A stem begins as its word, apart from doubled letters and -s.
        plain = text[0] != text[1] != text[2] and text[-1] != "s"
        if plain and self._beginnings.isdisjoint((text[:3], text[:2])):
            return False
        return self._vocabulary.count(self._stems.stem(text), self.language) >= _COMMON

    def _weight(self, part: str) -> float:
        return self._vocabulary.count(self._stems.stem(part), self.language) + 0.1 * len(part)

    def _worth_cutting(self, word: str, parts: tuple[str, str], score: float) -> bool:
        shortest = min(map(len, parts))
        if self.language == "nl" and (shortest >= _LONG_PART or not is_word(word, "nl")):
            return True
        if shortest == 3 and is_word(word, self.language):
            return False
        return score > 1 + self._vocabulary.count(self._stems.stem(word), self.language)
