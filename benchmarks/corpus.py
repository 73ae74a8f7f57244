"""Documents and queries without end, always the same: Dutch and English that read a little like the demo's texts.

Words follow each other as they do somewhere in the demo; now and then there is a word that few documents have: a code,
a name, a compound glued from two words, so that frequencies fall off as they do in real text.
"""

import random
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

DEMO = Path(__file__).resolve().parent.parent / "demo"
START = ""


@dataclass(frozen=True)
class Text:
    """A document before it is a row."""

    number: int
    language: str
    title: str
    paragraphs: tuple[str, ...]


@lru_cache
def sentences() -> dict[str, list[str]]:
    """The demo's sentences by language."""
    found: dict[str, list[str]] = {"nl": [], "en": []}
    for path in sorted([*DEMO.glob("faqs/*/*.md"), *DEMO.glob("articles/*/*.md")]):
        head, body = path.read_text().split("---", 2)[1:]
        about = yaml.safe_load(head)
        found[about["lang"]] += [about["title"], *re.split(r"(?<=[.?!:])\s+|\n+", re.sub(r"[*#`>|\[\]]", "", body))]
    for path in sorted(DEMO.glob("questions/*.yaml")):
        about = yaml.safe_load(path.read_text())
        found[about["lang"]] += [about["title"], *re.split(r"(?<=[.?!:])\s+|\n+", about["body"])]
    return {language: [s for s in all_ if len(s.split()) > 2] for language, all_ in found.items()}


@lru_cache
def _chain(language: str) -> dict[str, list[str]]:
    follows: dict[str, list[str]] = defaultdict(list)
    for sentence in sentences()[language]:
        words = [START, *sentence.split()]
        for one, two in zip(words, words[1:], strict=False):
            follows[one].append(two)
    return dict(follows)


@lru_cache
def long_words(language: str) -> list[str]:
    """Words that say something, each as often as it is used."""
    words = (re.sub(r"\W", "", w).lower() for s in sentences()[language] for w in s.split())
    return [word for word in words if len(word) > 5]


def _rare(language: str, chance: random.Random) -> str:
    kind = chance.randrange(3)
    if kind == 0:
        return f"{chance.choice(('FRM', 'ORA', 'HR', 'FIN'))}-{chance.randrange(100_000):05}"
    one, two = chance.choice(long_words(language)), chance.choice(long_words(language))
    return one + two if kind == 1 else (one[:4] + two[-4:]).capitalize()


def _words(language: str, many: int, chance: random.Random) -> str:
    follows, words, last = _chain(language), [], START
    while len(words) < many:
        if chance.random() < 0.03:
            words.append(_rare(language, chance))
        last = chance.choice(follows.get(last) or follows[START])
        words.append(last)
    return " ".join(words)


def text(number: int) -> Text:
    """Document `number`: two in three Dutch, a title of 4 to 10 words, 40 to 160 words in paragraphs."""
    chance = random.Random(number)
    language = "en" if number % 3 == 0 else "nl"
    title = _words(language, chance.randrange(4, 11), chance).rstrip(".:,;")[:180]
    paragraphs = tuple(_words(language, chance.randrange(20, 54), chance) for _ in range(chance.randrange(2, 4)))
    return Text(number, language, f"{title[0].upper()}{title[1:]}?", paragraphs)


def queries(many: int) -> list[tuple[str, str]]:
    """Language and words of what is searched for: one to five words, the short ones more often."""
    chance, found = random.Random(0), []
    while len(found) < many:
        language = "en" if len(found) % 3 == 0 else "nl"
        count = chance.choice((1, 2, 2, 2, 3, 3, 4, 5))
        if count < 3:
            found.append((language, " ".join(chance.choice(long_words(language)) for _ in range(count))))
        else:
            sentence = chance.choice(sentences()[language]).split()
            at = chance.randrange(max(len(sentence) - count, 1))
            found.append((language, " ".join(sentence[at : at + count]).strip(".,?!:;")))
    return found


def beginnings(many: int) -> list[tuple[str, str]]:
    """Language and letters of what has been typed so far."""
    chance = random.Random(1)
    return [(language, words[: chance.randrange(3, max(len(words), 4))].rstrip()) for language, words in queries(many)]
