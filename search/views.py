"""The results page, and the list of existing answers beside forms."""

from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from search import budget, explain, facets, query, sources
from search.assist import already, instant
from search.curation import curated
from search.engines import MAXIMUM
from search.indexing import vocabulary
from search.learning import log
from search.permissions import can_curate
from search.reading import chips
from search.trace import Trace

SIZE = 10


@never_cache
@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """What the viewer finds; topics to browse while nothing is asked. The same results as a fragment for htmx."""
    with budget.shared():
        context = _context(request)
    htmx: Any = request.htmx  # type: ignore[attr-defined]  # django-htmx's middleware
    fragment = bool(htmx) and not htmx.history_restore_request
    response = render(
        request, "search/_results.html" if fragment else "search/results.html", context | {"fragment": fragment}
    )
    patch_vary_headers(response, ["HX-Request"])
    if fragment:
        address = request.get_full_path()
        # Each pause in typing would be a step of "back"; a filter or a page is one.
        response["HX-Replace-Url" if context["typing"] else "HX-Push-Url"] = address
    return response


def _context(request: HttpRequest) -> dict[str, Any]:
    text = request.GET.get("q", "")
    language = get_language() or ""
    filters = facets.chosen(request.GET)
    viewer = request.viewer  # type: ignore[attr-defined]  # accounts' middleware
    typing = getattr(request.htmx, "trigger", None) == "search-form"  # type: ignore[attr-defined]  # django-htmx's
    page = request.GET.get("page", "1")
    may_explain = can_curate(request.user)
    trace = Trace() if may_explain and request.GET.get("explain") == "1" else None
    told = curated.current()
    ask = partial(
        query.search,
        text,
        viewer=viewer,
        language=language,
        kinds=filters["kind"],
        topics=filters["topic"],
        languages=filters["language"],
        size=SIZE,
        typing=typing,
        told=told,
        trace=trace,
        exact="exact" in request.GET or trace is not None,
    )
    found = ask(page=int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1)
    if found.page > found.pages:  # an old or invented address: the last page there is
        found = ask(page=found.pages)
    asked = bool(found.text or any(filters.values()))
    shown = Paginator(range(min(found.total, MAXIMUM)), SIZE)
    return {
        "results": found,
        "instant": None if trace else instant.instant(found, found.corrected or found.text),
        "query": found.text,
        "chat_query": found.text,
        "asked": asked,
        "typing": typing,
        "facets": facets.build(found.facets, filters, request.GET, language, chips.typed(found.asked, request.GET)),
        "shown": found.corrected or found.text,  # the words that these are the results of
        "kind_names": [source.label for source in sources.all()],
        "chips": chips.build(found.asked, request.GET, language),
        "as_typed": chips.rewritten(request.GET, found.text, exact=True) if found.corrected else "",
        "meant": chips.rewritten(request.GET, found.did_you_mean) if found.did_you_mean else "",
        "filters": [(name, value) for name, values in filters.items() for value in values],
        "page_obj": shown.get_page(found.page),
        "topics": [] if asked else _topics(found.facets, language),
        "maximum": MAXIMUM,
        **log.shown(request, found, language=language, filters=filters, typing=typing),
        "may_explain": may_explain,
        "explain_url": facets.address(request.GET, "explain", "1"),
    } | (_explained(found, trace, told) if trace and not found.degraded else {})


def _explained(found: query.Results, trace: Trace, told: curated.Curated) -> dict[str, Any]:
    """How the query was read, and why each hit stands where it stands."""
    analysis = vocabulary.current()
    return {
        "readings": explain.readings(trace, analysis, told.synonyms),
        "explained": [(hit, explain.why(hit, trace, analysis, told.synonyms)) for hit in found.hits],
    }


def _topics(counts: dict[str, dict[str, int]], language: str) -> list[dict[str, Any]]:
    """Topics with something for this viewer, by title."""
    found = counts.get("topic", {})
    titles = sources.topic_titles(found, language)
    topics = [{"key": key, "title": title, "count": found[key]} for key, title in titles.items()]
    return sorted(topics, key=lambda topic: str(topic["title"]).casefold())


@never_cache
@require_safe
def similar(request: HttpRequest) -> HttpResponse:
    """Existing answers to `?q=`, as a fragment: for forms that ask or chat. `kind` and `exclude` may be repeated."""
    filters = facets.chosen(request.GET)
    found = already.already(
        request.GET.get("q", ""),
        viewer=request.viewer,  # type: ignore[attr-defined]  # accounts' middleware
        language=get_language() or "",
        kinds=filters["kind"],
        exclude=[key[:120] for key in request.GET.getlist("exclude")[:20]],
    )
    context = {"hits": found.hits, "same": found.same, "query": request.GET.get("q", "")}
    return render(request, "search/_similar.html", context)
