"""Searching: what a viewer finds for a text. The only way in for pages, forms and other packages."""

import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial

from django.utils import timezone

from search import coverage, embeddings, engines, fallback, ranking, sources, time_budget, vocabulary
from search.curation import snapshot
from search.curation.best_bets import Placed
from search.curation.snapshot import Curated
from search.engines import MAXIMUM, EngineAway, EngineError, Found, Hit, Request
from search.query_tree import Node
from search.ranking_trace import Trace
from search.reading import clauses, did_you_mean, filter_values
from search.reading.query_parser import Asked, parse
from search.results import Result, Results, load
from search.retrieval import find, request
from web.http import Viewer

logger = logging.getLogger(__name__)
FIRST = 3  # hits that tell in which language something was found


def search(
    text: str,
    *,
    viewer: Viewer,
    language: str = "",
    kinds: Iterable[str] = (),
    topics: Iterable[str] = (),
    languages: Iterable[str] = (),
    page: int = 1,
    size: int = 10,
    facets: bool = True,
    typing: bool = False,
    told: Curated | None = None,
    trace: Trace | None = None,
    exact: bool = False,
) -> Results:
    """A page of what `viewer` finds for `text`, the best first. Never raises for any text.

    `language` is the reader's, preferred and not exclusive. Kinds that stand apart are found only when asked for.
    `told` is what curators told search; what they told until now when it is not given. `trace` takes down how the order
    came about. `exact` takes the words as they are typed; otherwise misspelt ones are tried in another way as well.
    """
    clean = text.encode("utf-8", "ignore").decode().replace("\0", " ").strip()
    with time_budget.shared():
        read = partial(
            parse, topics=cache(lambda name: filter_values.topics(name, browse(viewer).facets["topic"], viewer))
        )
        asked = read(clean[: ranking.LONGEST_QUERY])
        inquiry = _Inquiry(
            viewer=viewer,
            language=language,
            kinds=tuple(dict.fromkeys([*kinds, *asked.kinds])) or ordinary_kinds(),
            topics=tuple(dict.fromkeys([*topics, *asked.topics])),
            languages=tuple(dict.fromkeys([*languages, *asked.languages])),
            size=size,
            facets=facets,
            typing=typing,
            told=told or snapshot.current(),
        )
        results = _answer(asked, inquiry, min(max(page, 1), math.ceil(MAXIMUM / size)), trace)
        if not exact and not results.degraded and results.absent:
            results = _try_again(results, asked, inquiry, read, trace)
    results.text, results.asked, results.cut = clean, asked, len(clean) > ranking.LONGEST_QUERY
    return results


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inquiry:
    """All but the words and the page."""

    viewer: Viewer
    language: str
    kinds: tuple[str, ...]
    topics: tuple[str, ...]
    languages: tuple[str, ...]
    size: int
    facets: bool
    typing: bool
    told: Curated

    def request(self, asked: Asked, page: int) -> Request:
        """What the engine is asked."""
        return request(
            asked.words,
            synonyms=self.told.synonyms,
            audience=self.viewer.keys,
            language=self.language,
            kinds=self.kinds,
            topics=self.topics,
            languages=self.languages,
            required=clauses.required(asked),
            excluded=clauses.excluded(asked, vocabulary.current()),
            offset=(page - 1) * self.size,
            size=self.size,
            facets=self.facets,
            typing=self.typing,
        )

    def tree(self, text: str) -> Node:
        """What finds documents by the words of a text."""
        return request(text, synonyms=self.told.synonyms, audience=self.viewer.keys, language=self.language).tree


def _answer(asked: Asked, inquiry: _Inquiry, page: int, trace: Trace | None) -> Results:
    """What the engine finds, or the database when it does not answer."""
    try:
        return _ask(asked, inquiry, page, trace)
    except EngineError as error:
        _log("degraded", error)
    found = fallback.search(asked, inquiry.request(asked, page), inquiry.viewer)
    return _fill(Results(asked.text, [], 0, page, inquiry.size, degraded=True), asked, inquiry, found)


def _ask(asked: Asked, inquiry: _Inquiry, page: int, trace: Trace | None = None) -> Results:
    placed = _placed(asked.words, inquiry.told)
    found = find(
        asked.words,
        inquiry.request(asked, page),
        language=inquiry.language,
        vector=None if inquiry.typing else embeddings.of_query(asked.words),  # a half-typed query means nothing yet
        synonyms=inquiry.told.synonyms,
        placed=placed,
        trace=trace,
    )
    return _fill(Results(asked.text, [], 0, page, inquiry.size), asked, inquiry, found)


def _fill(results: Results, asked: Asked, inquiry: _Inquiry, found: Found) -> Results:
    synonyms = inquiry.told.synonyms
    results.total, results.facets = found.total, found.facets
    results.hits = load(found.hits, inquiry.viewer, asked.words, synonyms, asked.phrases)
    if results.hits and results.hits[0].recommended:
        return results
    about = [hit.document for hit in results.hits]
    results.telling, results.absent = coverage.compare(asked.words, about, vocabulary.current(), synonyms)
    if results.page == 1 and results.hits:
        if not inquiry.languages and _crosses(results.hits, inquiry.language):
            results.hits = _in_readers_language(results.hits, asked, inquiry)
            results.crossing = _crosses(results.hits, inquiry.language)
        # Who asks for one language alone may well ask in the words of another.
        if found.nearest < ranking.ALIKE and not inquiry.languages:
            results.missing = coverage.most(asked.words, results.telling, results.absent)
    return results


def _crosses(hits: list[Result], language: str) -> bool:
    return bool(language) and all(hit.document.spoken() != language for hit in hits[:FIRST])


def _in_readers_language(hits: list[Result], asked: Asked, inquiry: _Inquiry) -> list[Result]:
    """The hits, with the first ones replaced by the same in the reader's language where that is there."""
    own: dict[str, Result] = {}
    for hit in hits[:FIRST]:
        source = sources.get(hit.document.kind)
        keys = source.translations(hit.row) if source else []
        others = [Hit(key, hit.score) for key in keys]
        for twin in load(others, inquiry.viewer, asked.words, inquiry.told.synonyms, asked.phrases) if others else ():
            if twin.document.spoken() == inquiry.language:
                own[hit.key] = twin
    replaced = [own.get(hit.key, hit) for hit in hits]
    return list({hit.key: hit for hit in replaced}.values())


def _try_again(
    results: Results, asked: Asked, inquiry: _Inquiry, read: Callable[[str], Asked], trace: Trace | None
) -> Results:
    """The results, with another wording suggested if that finds more; or that wording's, if the text finds nothing."""
    try:
        meant = did_you_mean.meant(
            asked,
            {token.text for token in results.telling},
            {token.text for token in results.absent},
            engine=engines.get(),
            audience=inquiry.viewer.keys,
            tree=inquiry.tree,
            analysis=vocabulary.current(),
            synonyms=inquiry.told.synonyms,
            language=inquiry.language,
            unfinished=inquiry.typing and asked.text[-1:].isalnum(),
        )
        if not meant or (results.page > 1 and not meant.instead):
            return results
        reworded = read(meant.text)
        trees = [inquiry.tree(asked.words), inquiry.tree(reworded.words)]
        typed, better = engines.get().counts(trees, inquiry.viewer.keys)
        if better <= typed:  # by words: meaning always finds something
            return results
        tried = Trace()
        other = _ask(reworded, inquiry, 1, tried)
        written = meant.written(hit.document for hit in other.hits)
        if written is None:
            return results
        if not meant.instead:
            results.did_you_mean, results.missing = written, []
            return results
        if results.page > 1:
            other = _ask(reworded, inquiry, results.page, tried)
    except EngineError as error:
        _log("no second try", error)
        return results
    other.corrected = written
    if trace is not None:
        trace.become(tried)
    return other


def _placed(text: str, told: Curated) -> Placed:
    """What curators put on top and at the bottom of a text's results."""
    return told.bets.place(text[: ranking.LONGEST_QUERY], vocabulary.current(), timezone.localdate())


def ordinary_kinds() -> tuple[str, ...]:
    """The kinds that are found without being asked for; none when that is every kind."""
    if any(source.apart for source in sources.all()):
        return tuple(source.kind for source in sources.all() if not source.apart)
    return ()


def suggest_answers(
    text: str,
    *,
    viewer: Viewer,
    language: str = "",
    limit: int = 5,
    kinds: Iterable[str] = (),
    exclude: Iterable[str] = (),
) -> list[Result]:
    """Existing answers to what somebody is writing: at most `limit`; none for less than a word, none when
    degraded, none when what was found is about something else. Mistyped words are read as what they were meant to be.

    `exclude` holds document keys, such as that of the question itself.
    """
    text = text.encode("utf-8", "ignore").decode().strip()[: ranking.LONGEST_QUERY]
    if len(text) < 3 or not ranking.read(text, language, vocabulary.current()).telling:
        return []
    kinds, exclude, told = tuple(kinds), tuple(exclude), snapshot.current()
    wanted = request(
        text,
        synonyms=told.synonyms,
        audience=viewer.keys,
        language=language,
        kinds=kinds or ordinary_kinds(),
        exclude=exclude,
        size=limit,
    )
    try:
        with time_budget.shared():
            found = find(
                text,
                wanted,
                language=language,
                vector=embeddings.of_query(text),
                synonyms=told.synonyms,
                placed=_placed(text, told),
            )
    except EngineError as error:
        _log("no suggestions", error)
        return []
    results = load(found.hits, viewer, text, told.synonyms)
    if found.nearest >= ranking.ALIKE or (results and results[0].recommended):
        return results
    about = [result.document for result in results]
    if not coverage.missing(text, about, vocabulary.current(), told.synonyms):
        return results
    once_more = partial(search, viewer=viewer, language=language, kinds=kinds, size=limit + len(exclude), facets=False)
    meant = once_more(text)
    if meant.did_you_mean:
        meant = once_more(meant.did_you_mean, exact=True)
    elif not meant.corrected:
        return []
    return [hit for hit in meant.hits if hit.key not in exclude][:limit]


def browse(viewer: Viewer) -> Found:
    """Counts of everything a viewer can find, by kind, topic and language, as results are counted;
    empty when the engine does not answer."""
    wanted = request("", audience=viewer.keys, kinds=ordinary_kinds(), size=0, facets=True, once=True)
    try:
        with time_budget.shared():
            return engines.get().search(wanted)
    except EngineError as error:
        _log("nothing to browse", error)
        return Found([], 0, {"kind": {}, "topic": {}, "language": {}})


def findable_keys(viewer: Viewer) -> set[str]:
    """Every key that any search of this viewer can return: for the test that compares it with `visible_to`."""
    return {key for key, _ in engines.get().scan(viewer.keys)}


def _log(what: str, error: EngineError) -> None:
    # An engine that is away is logged once, by its breaker.
    logger.log(logging.DEBUG if isinstance(error, EngineAway) else logging.WARNING, "search: %s: %s", what, error)
