"""Suggestions while somebody types: titles that they may see, and past queries that led to an answer.

One engine request for a few titles, without counts, then one database query for each kind among them. Titles are read
through `Source.visible_to`, like every result.
"""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString

from discovery.analytics import query_log
from search import engines, highlight, query, ranking, sources, time_budget, vocabulary
from search.engines import EngineError, EngineUnavailable, Hit, SearchRequest
from search.language import LANGUAGES
from search.language.analysis import Analysis
from search.language.tokens import Token, tokenise
from search.query_tree import Boosted, DisMax, Node, Prefix, Sum, Term
from search.reading import spelling
from search.sources import Title
from web.http import Viewer

logger = logging.getLogger(__name__)

TITLES, QUERIES, MOST = 6, 3, 8
SHORTEST, LONGEST = 2, 100  # characters of a text with suggestions
MOST_WORDS = 12
MOST_UNKNOWN = 4  # unknown words that are corrected
BEGINS, IS, OWN_LANGUAGE, NOISE = 2.0, 1.0, 1.0, 0.2  # weights
CANDIDATES = 12  # titles to fetch, so that those that begin as typed can be put first


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion to choose."""

    text: SafeString  # with what was typed marked
    url: str
    label: Any  # its kind in a word; "" for a query
    language: str = ""
    topic_title: str = ""


def suggest(text: str, *, viewer: Viewer, language: str) -> list[Suggestion]:
    """Return at most `MOST` suggestions, titles first; [] for less than two characters. Never raises."""
    text = " ".join(text.encode("utf-8", "ignore").decode().replace("\0", " ").split(" "))[:LONGEST].lstrip()
    if len(text.strip()) < SHORTEST:
        return []
    analysis = vocabulary.current()
    marker = Marker(text, analysis)
    past = [query_suggestion(each, marker, language) for each in past_queries(text, language)]
    with time_budget.shared_budget():
        titles = title_suggestions(text, marker, viewer=viewer, language=language)
        if not titles and (other := respelled(text, language, analysis, viewer.keys)):
            titles = title_suggestions(other, Marker(other, analysis), viewer=viewer, language=language)
    return [*titles[: max(TITLES, MOST - len(past))], *past][:MOST]


def respelled(text: str, language: str, analysis: Analysis, audience: frozenset[str]) -> str:
    """Return the text with unknown words in their likeliest spelling; "" when there is none.

    A word is unknown if no document that the viewer may see has it. Two engine requests, which count within the
    audience, so that nobody learns the words of documents that are closed to them.
    """
    typed = [
        token
        for token in ranking.analyse_query(text, language, analysis).content_tokens
        if spelling.is_word(token.text)
    ]
    typed = typed[:MOST_WORDS]
    known = document_counts([token.text for token in typed], audience)
    unknown = [token for token in typed if not known.get(token.text)][:MOST_UNKNOWN]
    words = spelling.site_dictionary(analysis)
    options = {
        token.text: [each for each in words.corrections(token.text) if len(each.words) == 1] for token in unknown
    }
    found = document_counts([each.words[0] for near in options.values() for each in near], audience)
    other = text
    for token in reversed(unknown):
        near = [each for each in options[token.text] if found.get(each.words[0])]
        if near:
            best = min(near, key=lambda each: each.rank(found[each.words[0]]))
            other = f"{other[: token.start]}{best.words[0]}{other[token.end :]}"
    return other if other != text else ""


def document_counts(words: list[str], audience: frozenset[str]) -> dict[str, int]:
    """Return how many documents in the audience have each word; {} when the engine does not answer."""
    words = list(dict.fromkeys(words))
    if not words:
        return {}
    try:
        with time_budget.shared_budget():
            counts = engines.get().count_matches([Term("surface", word) for word in words], audience)
    except EngineError:
        return {}
    return dict(zip(words, counts, strict=True))


def title_suggestions(text: str, marker: "Marker", *, viewer: Viewer, language: str) -> list[Suggestion]:
    """Return titles: those that begin as typed, then those with a typed word, then those whose topic matches."""
    wanted = title_query(text, language, marker.analysis)
    if wanted is None:
        return []
    request = SearchRequest(
        tree=wanted, audience=viewer.keys, filters=query.default_filters(), size=CANDIDATES, facets=False, count=False
    )
    hits = sorted(ask(request), key=lambda hit: -hit.score * hit.merit)
    found: dict[str, tuple[int, Suggestion]] = {}
    typed = _folded(text)
    for label, title in load_titles(hits, viewer):
        name = _folded(title.title)
        shown = marker.mark(title.title, title.language or language)
        place = 0 if name.startswith(typed) else 1 if "<mark>" in shown else 2
        found.setdefault(name, (place, Suggestion(shown, title.url, label, title.language, title.topic_title)))
    return [suggestion for _, suggestion in sorted(found.values(), key=lambda each: each[0])]


def ask(request: SearchRequest) -> list[Hit]:
    """Return the engine's hits by words; [] when it does not answer, so that the page has no suggestions."""
    try:
        with time_budget.shared_budget():
            return engines.get().search(request).hits
    except EngineError as error:
        # The circuit breaker logs an engine that is down, once.
        level = logging.DEBUG if isinstance(error, EngineUnavailable) else logging.WARNING
        logger.log(level, "search: nothing to suggest: %s", error)
        return []


def load_titles(hits: list[Hit], viewer: Viewer) -> list[tuple[Any, Title]]:
    """Return kind labels and titles of the hits that the viewer may see now. One query for each kind."""
    found: dict[str, tuple[Any, Title]] = {}
    for kind, pks in sources.by_kind(hit.key for hit in hits).items():
        if source := sources.get(kind):
            rows = source.titles(source.visible_to(viewer).filter(pk__in=pks))
            found |= {source.key(pk): (source.label, title) for pk, title in rows.items()}
    return [found[hit.key] for hit in hits if hit.key in found]


def title_query(text: str, language: str, analysis: Analysis) -> Node | None:
    """Return the query tree for titles (and tags) with the typed words, of which the last may be unfinished.

    Up to two content words are all required; of three or more, one may be missing. None for a text without words.
    """
    parsed = ranking.analyse_query(text, language, analysis)
    tokens = list({token.text: token for token in parsed.tokens}.values())[:MOST_WORDS]
    if not tokens:
        return None
    unfinished = tokens.pop() if tokens[-1].end == len(text) else None
    noise = [token for token in tokens if token not in parsed.content_tokens]
    wanted = [token for token in tokens if token in parsed.content_tokens] or ([] if unfinished else noise)
    parts: list[Node] = [DisMax((Term("plain", token.text, IS), *_stems(token, analysis))) for token in wanted]
    if unfinished:
        parts.append(DisMax((Prefix("plain", unfinished.text, BEGINS), *_stems(unfinished, analysis))))
    required = Sum(tuple(parts), len(parts) if len(parts) < 3 else len(parts) - 1)
    extra = [Term("plain", token.text, NOISE) for token in noise]
    return Boosted(required, (Prefix("language", language or "-", OWN_LANGUAGE), *extra))


def _stems(token: Token, analysis: Analysis) -> list[Node]:
    """Return clauses for other forms of a word in titles; none for a stop word."""
    words = [(each, analysis.word(token, each)) for each in LANGUAGES]
    return [Term(f"title_{each}", word.stem, IS) for each, word in words if not word.stop]


def past_queries(text: str, language: str) -> list[str]:
    """Return suggested queries that begin with the text."""
    typed = _folded(text)
    return [each for each in query_log.suggested_queries(text, language) if _folded(each) != typed][:QUERIES]


def query_suggestion(text: str, marker: "Marker", language: str) -> Suggestion:
    """Return a past query as a suggestion, with the address of its results."""
    return Suggestion(
        marker.mark(text, language), f"{reverse('search:results')}?{urlencode({'q': text})}", "", language
    )


def _folded(text: str) -> str:
    return " ".join(token.text for token in tokenise(text))


class Marker:
    """Marks the typed words in a title; of an unfinished word its first letters."""

    def __init__(self, text: str, analysis: Analysis) -> None:
        tokens = list(tokenise(text))
        self.begins = tokens[-1].text if tokens and tokens[-1].end == len(text) else ""
        self.whole = {token.text for token in (tokens[:-1] if self.begins else tokens)}
        self.stems = highlight.Highlighter(text, analysis).terms
        self.analysis = analysis

    def mark(self, text: str, language: str) -> SafeString:
        """Return the text as HTML."""
        wanted = self.stems.get(language, frozenset())
        spans = []
        for token, word in self.analysis.words(text, language):
            if token.text in self.whole or (word.stem in wanted and not token.text.startswith(self.begins or "\0")):
                spans.append((token.start, token.end))
            elif self.begins and token.text.startswith(self.begins):
                spans.append((token.start, min(token.start + len(self.begins), token.end)))
        return highlight.highlight(text, spans)
