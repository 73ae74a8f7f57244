"""*Did you mean*: another wording of a query with words that are in no document that the viewer may find.

Most searches cost nothing here: a word that the hits have is not suspect. For the other words the engine counts the
documents within the viewer's audience, and it counts corrections in the same way. So a word that only others may read
is never suggested, and cannot be told from a word that does not exist.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from search.curation.synonyms import Synonyms
from search.engines import Engine
from search.highlight import BODY_LENGTH
from search.language.analysis import Analysis
from search.language.tokens import Token, fold, tokenise
from search.query_tree import Node, Prefix, Sum, Term
from search.reading import spelling
from search.reading.query_parser import ParsedQuery
from search.reading.spelling import Correction, SpellingDictionary
from search.sources import Document

MAX_SUSPECTS = 12
MAX_UNKNOWN = 4
_NO_WORD = re.compile(r"[\d@\\_]|[^\W_][:/.][^\W_]")  # part of a code, address, path or time


@dataclass(frozen=True, slots=True)
class QueryRewrite:
    """A query with other words."""

    text: str  # with the operators as they were typed
    words: tuple[str, ...]  # folded new words, those from the vocabulary
    replaces: bool  # the words as typed find nothing at all

    def spelled_as_in(self, documents: Iterable[Document]) -> str | None:
        """Return the text with its new words spelled as in these documents; None when a word is in none of them."""
        text, missing = self.text, set(self.words)
        for document in documents:
            said = _text(document)
            for token in tokenise(said):
                if token.text in missing:
                    missing.discard(token.text)
                    # In lower case, since a title begins with a capital that the word itself does not have.
                    spelled_as_in = said[token.start : token.end].lower()
                    if fold(spelled_as_in) == token.text:
                        text = re.sub(rf"\b{token.text}\b", spelled_as_in, text, count=1)
        return None if missing else text


@dataclass(frozen=True, slots=True)
class _Typed:
    token: Token
    text: str
    is_content: bool
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


def rewrite(
    parsed: ParsedQuery,
    content_words: Collection[str],
    unmatched: Collection[str],
    *,
    engine: Engine,
    audience: frozenset[str],
    tree: Callable[[str], Node],
    analysis: Analysis,
    synonyms: Synonyms,
    language: str,
    unfinished: bool = False,
) -> QueryRewrite | None:
    """Return a rewrite of the words that no document in the audience has; None when all words are known.

    `content_words` are folded; `unmatched` are those of them that none of the hits has. `tree` makes the query tree of
    a single word. `unfinished` says that the last word is still being typed. `language` is the reader's. Raises
    EngineError.
    """
    typed = _typed(parsed, content_words)
    suspects = [each for each in typed if each.correctable and each.folded in unmatched][:MAX_SUSPECTS]
    if not suspects:
        return None
    nodes = [tree(each.text) for each in suspects]
    if unfinished and suspects[-1] is typed[-1]:
        nodes[-1] = Sum((nodes[-1], Prefix("surface", suspects[-1].folded)))
    found = engine.count_matches(nodes, audience)
    unknown = [each for each, count in zip(suspects, found, strict=True) if not count]
    if not unknown:
        return None
    words, names = spelling.site_dictionary(analysis), spelling.synonym_dictionary(synonyms)
    options = _options(typed, unknown[:MAX_UNKNOWN], parsed.text, language, words, names)
    candidates = list(dict.fromkeys(word for *_, candidate in options for word in candidate.words))
    if not candidates:
        return None
    # A synonym finds what it stands for, whether or not a document contains it.
    nodes = [Term("surface", word) if word in words.counts else tree(word) for word in candidates]
    counts = dict(zip(candidates, engine.count_matches(nodes, audience), strict=True))
    chosen = _choose(options, counts)
    if not chosen:
        return None
    return QueryRewrite(
        _spliced(parsed.text, chosen),
        tuple(word for *_, candidate in chosen for word in candidate.words if word in words.counts),
        all(each in unknown for each in typed if each.is_content),
    )


_Option = tuple[int, int, Correction]  # start, end, and the correction of that stretch


def _text(document: Document) -> str:
    return f"{document.title} {' '.join(document.tags)} {document.body[:BODY_LENGTH]}"


def _typed(parsed: ParsedQuery, content_words: Collection[str]) -> list[_Typed]:
    """Return the words of a query outside its operators, phrases included."""
    operators = [(operator.start, operator.end) for operator in parsed.operators if operator.type != "phrase"]
    typed = []
    for token in tokenise(parsed.text):
        if not any(start <= token.start < end for start, end in operators):
            is_content = token.text in content_words
            correctable = is_content and spelling.is_word(token.text) and not _NO_WORD.search(_run(parsed.text, token))
            typed.append(_Typed(token, parsed.text[token.start : token.end], is_content, correctable))
    return typed


def _run(text: str, token: Token) -> str:
    """Return the word with the characters around it up to the next spaces, at most 60 on each side."""
    before, after = text[max(token.start - 60, 0) : token.start], text[token.end : token.end + 60]
    joined_before = before.split()[-1] if before and not before[-1].isspace() else ""
    joined_after = after.split()[0] if after and not after[0].isspace() else ""
    return f"{joined_before}{text[token.start : token.end]}{joined_after}"


def _options(
    typed: list[_Typed],
    unknown: list[_Typed],
    text: str,
    language: str,
    words: SpellingDictionary,
    names: SpellingDictionary,
) -> list[_Option]:
    options: list[_Option] = []
    for each in unknown:
        right = spelling.in_dictionary(each.folded, language)
        near = [] if right else [*words.corrections(each.folded), *names.corrections(each.folded)]
        options += [(each.start, each.end, candidate) for candidate in [*near, *words.split(each.folded)]]
    for first, second in pairwise(typed):
        if (first in unknown or second in unknown) and text[first.end : second.start].strip(" -") == "":
            joined = words.joined(first.folded, second.folded)
            options += [(first.start, second.end, candidate) for candidate in joined]
    return options


def _choose(options: list[_Option], counts: Mapping[str, int]) -> list[_Option]:
    """Return the likeliest options that do not overlap and that the audience can find, in the order of the text."""
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
