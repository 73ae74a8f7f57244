"""The second try: what was probably meant, when words of a query are in nothing that the viewer may find.

Most searches cost nothing here: a word that the hits have is no suspect. Of the others the engine counts the documents
within the viewer's audience, and counts the candidates for those without any in the same way. So a word that only
others may read is neither suggested nor told apart from one that does not exist.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from search.curation.synonyms import Synonyms
from search.engines import Engine
from search.highlight import READ
from search.language.analysis import Analysis
from search.language.tokens import Token, fold, tokenise
from search.query_tree import Node, Prefix, Sum, Term
from search.reading import spelling
from search.reading.query_parser import Asked
from search.reading.spelling import Candidate, Words
from search.sources import Document

MOST_SUSPECTS = 12
MOST_UNKNOWN = 4
_NO_WORD = re.compile(r"[\d@\\_]|[^\W_][:/.][^\W_]")  # in a code, an address, a path, a time


@dataclass(frozen=True, slots=True)
class Meant:
    """Another wording."""

    text: str  # the query with other words, its operators as they were
    words: tuple[str, ...]  # what was put in and documents say, folded
    instead: bool  # nothing at all is found by the words that were typed

    def written(self, documents: Iterable[Document]) -> str | None:
        """The wording as these documents spell its words, accents and all; None when a word is in none of them."""
        text, missing = self.text, set(self.words)
        for document in documents:
            said = _text(document)
            for token in tokenise(said):
                if token.text in missing:
                    missing.discard(token.text)
                    # In lower case: a title begins with a capital that the word does not have.
                    written = said[token.start : token.end].lower()
                    if fold(written) == token.text:
                        text = re.sub(rf"\b{token.text}\b", written, text, count=1)
        return None if missing else text


@dataclass(frozen=True, slots=True)
class _Typed:
    token: Token
    text: str
    telling: bool
    correctable: bool

    @property
    def folded(self) -> str:
        return self.token.text

    @property
    def start(self) -> int:
        return self.token.start

    @property
    def end(self) -> int:
        return self.token.end


def meant(
    asked: Asked,
    telling: Collection[str],
    absent: Collection[str],
    *,
    engine: Engine,
    audience: frozenset[str],
    tree: Callable[[str], Node],
    analysis: Analysis,
    synonyms: Synonyms,
    language: str,
    unfinished: bool = False,
) -> Meant | None:
    """What may have been meant by words of `asked` that no document in the audience has; None when all are known.

    `telling` has the folded words that say something about the subject, `absent` those of them that none of the hits
    has; `tree` makes the query of a single word; `unfinished` says that the last word is still being typed; `language`
    is the reader's. Raises EngineError.
    """
    typed = _typed(asked, telling)
    suspects = [each for each in typed if each.correctable and each.folded in absent][:MOST_SUSPECTS]
    if not suspects:
        return None
    nodes = [tree(each.text) for each in suspects]
    if unfinished and suspects[-1] is typed[-1]:
        nodes[-1] = Sum((nodes[-1], Prefix("surface", suspects[-1].folded)))
    found = engine.counts(nodes, audience)
    unknown = [each for each, count in zip(suspects, found, strict=True) if not count]
    if not unknown:
        return None
    words, names = spelling.words_of(analysis), spelling.names_of(synonyms)
    options = _options(typed, unknown[:MOST_UNKNOWN], asked.text, language, words, names)
    candidates = list(dict.fromkeys(word for *_, candidate in options for word in candidate.words))
    if not candidates:
        return None
    # A name finds what it stands for, said or not.
    nodes = [Term("surface", word) if word in words.counts else tree(word) for word in candidates]
    counts = dict(zip(candidates, engine.counts(nodes, audience), strict=True))
    chosen = _choose(options, counts)
    if not chosen:
        return None
    return Meant(
        _spliced(asked.text, chosen),
        tuple(word for *_, candidate in chosen for word in candidate.words if word in words.counts),
        all(each in unknown for each in typed if each.telling),
    )


_Option = tuple[int, int, Candidate]  # characters of the text, and what may stand there


def _text(document: Document) -> str:
    return f"{document.title} {' '.join(document.tags)} {document.body[:READ]}"


def _typed(asked: Asked, telling: Collection[str]) -> list[_Typed]:
    """The words that are searched for."""
    operators = [(piece.start, piece.end) for piece in asked.pieces if piece.sort != "phrase"]
    typed = []
    for token in tokenise(asked.text):
        if not any(start <= token.start < end for start, end in operators):
            tells = token.text in telling
            correctable = tells and spelling.is_word(token.text) and not _NO_WORD.search(_run(asked.text, token))
            typed.append(_Typed(token, asked.text[token.start : token.end], tells, correctable))
    return typed


def _run(text: str, token: Token) -> str:
    """The word with the signs around it up to the next spaces, at most some."""
    before, after = text[max(token.start - 60, 0) : token.start], text[token.end : token.end + 60]
    joined_before = before.split()[-1] if before and not before[-1].isspace() else ""
    joined_after = after.split()[0] if after and not after[0].isspace() else ""
    return f"{joined_before}{text[token.start : token.end]}{joined_after}"


def _options(
    typed: list[_Typed], unknown: list[_Typed], text: str, language: str, words: Words, names: Words
) -> list[_Option]:
    options: list[_Option] = []
    for each in unknown:
        right = spelling.in_dictionary(each.folded, language)
        near = [] if right else [*words.near(each.folded), *names.near(each.folded)]
        options += [(each.start, each.end, candidate) for candidate in [*near, *words.split(each.folded)]]
    for first, second in pairwise(typed):
        if (first in unknown or second in unknown) and text[first.end : second.start].strip(" -") == "":
            joined = words.joined(first.folded, second.folded)
            options += [(first.start, second.end, candidate) for candidate in joined]
    return options


def _choose(options: list[_Option], counts: Mapping[str, int]) -> list[_Option]:
    """The likeliest options that do not overlap, of those that the audience can find; in the order of the text."""
    seen = [(start, end, c, min(counts[word] for word in c.words)) for start, end, c in options]
    likely = sorted((o for o in seen if o[3]), key=lambda option: option[2].rank(option[3]))
    chosen: list[_Option] = []
    for start, end, candidate, _count in likely:
        if all(end <= taken[0] or start >= taken[1] for taken in chosen):
            chosen.append((start, end, candidate))
    return sorted(chosen, key=lambda option: option[0])


def _spliced(text: str, chosen: list[_Option]) -> str:
    parts, last = [], 0
    for start, end, candidate in chosen:
        parts += [text[last:start], " ".join(candidate.words)]
        last = end
    return "".join([*parts, text[last:]])
