"""The results page as a value: what its templates show, and the decisions behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from django.core.paginator import Page, Paginator
from django.http import QueryDict

from accounts.requests import Request
from discovery import advice, chips, explanations, instant_answers
from discovery.advice import UnknownFilter
from discovery.analytics import query_log
from discovery.analytics.query_log import SignedPage
from discovery.chips import Chip
from discovery.explanations import Explanation, Reading
from discovery.instant_answers import InstantAnswer
from discovery.permissions import can_curate
from search import facets, query, sources, vocabulary
from search.curation import snapshot
from search.engines import MAX_RESULTS
from search.facets import Facet
from search.filters import LANGUAGE, TOPIC, Filters
from search.language.tokens import folded_words
from search.results import Result, Results
from web import params
from web.http import Viewer

SIZE = 10
FEW = 3  # hits with which visitors are told that they see more when signed in


@dataclass(frozen=True, slots=True)
class Wording:
    """A query's words without its operators, which are shown as chips."""

    typed: str
    shown: str  # those that the results are for: corrected, or as typed
    wordless: str  # a text without any word, such as "😀"; else ""
    did_you_mean: str  # a spelling with more results


@dataclass(frozen=True, slots=True)
class HitRow:
    """A hit in the list."""

    hit: Result
    explanation: Explanation | None = None  # for curators who ask


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic to browse while nothing is searched for."""

    key: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What narrows the search, and what could."""

    facets: list[Facet]
    chips: list[Chip]
    missing: list[str]  # most of the query's words, if no hit has them; unknown filters aside
    total_without: int  # hits without filters and operators; counted only if there are none with them


@dataclass(frozen=True, slots=True)
class Explained:
    """For curators who ask: how the query was read, and why each hit has its rank."""

    readings: list[Reading] = field(default_factory=list)
    by_key: dict[str, Explanation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsPage:
    """What the templates of the results page show."""

    found: Results
    wording: Wording
    signed_in: bool
    typing: bool  # it came while typing, not by submitting
    page_obj: Page[int]
    filters: list[tuple[str, str]]  # that were chosen, by name and value
    narrowing: Narrowing
    unknown_filters: list[UnknownFilter]
    instant: InstantAnswer | None
    foreign: Literal["", "first", "all"]  # the first hit, or all of them, are not in the reader's language
    topics: list[Topic]
    log: SignedPage
    exact_url: str  # searches for the text as typed, without correction
    did_you_mean_url: str
    may_explain: bool
    explain_url: str
    explained: Explained
    maximum: int = MAX_RESULTS

    @property
    def searched(self) -> bool:
        """True if there is a text or a filter; else there are topics to browse."""
        return bool(self.found.text or self.filters)

    @property
    def off_topic(self) -> bool:
        """True if hits are about something else, and not because of filters."""
        return bool(self.narrowing.missing) and not self.narrowing.chips

    @property
    def on_topic(self) -> bool:
        """True if there are hits, and they are about the query."""
        return bool(self.found.hits) and not self.off_topic

    @property
    def has_notes(self) -> bool:
        """True if chips, advice or a correction are shown above the results."""
        found = self.found
        return bool(
            self.narrowing.chips
            or self.unknown_filters
            or self.wording.wordless
            or found.corrected
            or found.did_you_mean
        )

    @property
    def shows_everything(self) -> bool:
        """True if the text had no word to search for, and so everything is shown."""
        return bool(self.wording.wordless and self.found.hits and not self.found.degraded)

    @property
    def hits(self) -> list[HitRow]:
        """The hits in the list: all of them when they are explained, else without the instant answer."""
        explained = self.explained.by_key
        shown = self.instant.hit.key if self.instant and not explained else None
        return [HitRow(hit, explained.get(hit.key)) for hit in self.found.hits if hit.key != shown]

    @property
    def only_instant(self) -> bool:
        """True if the instant answer is the only hit."""
        return self.instant is not None and self.found.total == 1

    @property
    def suggests_signing_in(self) -> bool:
        """True for visitors, who see less than colleagues; not while the engine is down."""
        return not self.signed_in and not self.found.degraded

    @property
    def few(self) -> bool:
        """True if there are few hits and they are about the query."""
        return self.on_topic and self.found.total <= FEW

    @property
    def offers_alert(self) -> bool:
        """True if the page offers a search alert."""
        return bool(self.log.note) and not self.found.degraded

    @property
    def offers_alert_below_hits(self) -> bool:
        """True if it does so although there are hits: only below the best ones, on a first page without filters."""
        return self.offers_alert and bool(self.found.hits) and not self.narrowing.chips and self.page_obj.number == 1

    @property
    def nothing_because(self) -> Literal["filters", "only filters", "degraded", ""]:
        """The reason why there is no hit."""
        if self.narrowing.total_without:
            return "filters"
        if self.narrowing.chips and not self.wording.typed:
            return "only filters"
        return "degraded" if self.found.degraded else ""

    @property
    def ends_here(self) -> bool:
        """True on the last page of more results than are shown."""
        return self.found.truncated and not self.page_obj.has_next()

    @property
    def offers_explanation(self) -> bool:
        """True for curators who searched for a text."""
        return self.may_explain and bool(self.found.text)

    @property
    def chosen_options(self) -> int:
        """How many options of the facets are chosen."""
        return sum(option.chosen for facet in self.narrowing.facets for option in facet.options)


def build(request: Request, *, language: str) -> ResultsPage:
    """Search for what the address asks for, and log it."""
    filters, viewer = facets.selected_filters(request.GET), request.viewer
    parameters = facets.known_parameters(request.GET, filters, "q", "exact", "explain")
    typing = request.htmx.trigger == "search-form"
    may_explain = can_curate(viewer)
    explain = may_explain and request.GET.get("explain") == "1"
    curation = snapshot.current()
    found = _search(request, filters, language=language, typing=typing, curation=curation, explain=explain)
    searched = bool(found.text or any(filters.values()))
    wording = _wording(found)
    narrowing = _narrowing(found, filters, parameters, viewer, language)
    return ResultsPage(
        found=found,
        wording=wording,
        signed_in=request.user.is_authenticated,
        typing=typing,
        page_obj=Paginator(range(min(found.total, MAX_RESULTS)), SIZE).get_page(found.page),
        filters=[(name, value) for name, values in filters.items() for value in values],
        narrowing=narrowing,
        unknown_filters=advice.unknown_filters(
            found.parsed, parameters, viewer=viewer, language=language, typing=typing, degraded=found.degraded
        ),
        instant=None if explain else instant_answers.find_instant_answer(found, wording.shown),
        foreign=_foreign(found, wording, filters, language),
        topics=[] if searched else _topics(found.facets, language, viewer),
        log=query_log.log_results_page(request, found, language=language, filters=filters, typing=typing),
        exact_url=chips.rewritten(parameters, found.text, exact=True) if found.corrected else "",
        did_you_mean_url=chips.rewritten(parameters, found.did_you_mean) if found.did_you_mean else "",
        may_explain=may_explain,
        explain_url=facets.toggled_query_string(parameters, "explain", "1"),
        explained=_explained(found, curation) if explain and not found.degraded else Explained(),
    )


def _search(request: Request, filters: Filters, *, language: str, explain: bool, **options: Any) -> Results:
    """Return the page that was asked for; the last page instead of one behind it."""
    search = partial(
        query.search,
        request.GET.get("q", ""),
        viewer=request.viewer,
        language=language,
        filters=filters,
        size=SIZE,
        exact="exact" in request.GET or explain,
        **options,
    )
    found = search(page=params.number(request.GET.get("page"), 99_999) or 1)
    return search(page=found.pages) if found.page > found.pages else found


def _wording(found: Results) -> Wording:
    parsed = found.parsed
    corrected, meant = (
        parsed.reworded(text).bare_text if text else "" for text in (found.corrected, found.did_you_mean)
    )
    wordless = "" if folded_words(parsed.bare_text) else parsed.bare_text
    return Wording(parsed.bare_text, corrected or ("" if wordless else parsed.bare_text), wordless, meant)


def _foreign(found: Results, wording: Wording, filters: Filters, language: str) -> Literal["", "first", "all"]:
    """Return how many hits of a first page are not in the reader's language.

    "" if the reader chose languages: then it says nothing that there are none in their own.
    """
    chosen = filters.get(LANGUAGE) or found.parsed.filters.get(LANGUAGE)
    others = [hit.document.text_language() != language for hit in found.hits]
    if not wording.shown or chosen or found.page > 1 or not any(others[:1]):
        return ""
    return "all" if all(others) else "first"


def _narrowing(found: Results, filters: Filters, parameters: QueryDict, viewer: Viewer, language: str) -> Narrowing:
    """One query, for topics' titles."""
    removal_urls = chips.removal_urls(found.parsed, parameters)
    built = facets.build(found.facets, filters, parameters, language, removal_urls, viewer)
    listed = chips.build(found.parsed, filters, built, parameters)
    words = found.parsed.bare_text
    unknown = {
        word for each in found.parsed.unknown_filters for word in folded_words(found.parsed.text[each.start : each.end])
    }
    nothing = bool(listed and words) and not (found.total or found.degraded)
    return Narrowing(
        facets=built,
        chips=listed,
        missing=[word for word in found.missing_words if unknown.isdisjoint(folded_words(word))],
        total_without=_total(words, viewer, language) if nothing else 0,
    )


def _total(words: str, viewer: Viewer, language: str) -> int:
    return query.search(words, viewer=viewer, language=language, size=1, exact=True).total  # as the page counts


def _explained(found: Results, curation: snapshot.CurationSnapshot) -> Explained:
    analysis, synonyms, trace = vocabulary.current(), curation.synonyms, found.trace
    return Explained(
        explanations.query_readings(trace, analysis, synonyms),
        {hit.key: explanations.explain(hit, trace, analysis, synonyms) for hit in found.hits},
    )


def _topics(counts: Mapping[str, Mapping[str, int]], language: str, viewer: Viewer) -> list[Topic]:
    """Return the topics in which the viewer can find something, by title."""
    found = counts.get(TOPIC, {})
    titles = sources.topic_titles(found, language, viewer)
    return sorted((Topic(key, title, found[key]) for key, title in titles.items()), key=lambda t: t.title.casefold())
