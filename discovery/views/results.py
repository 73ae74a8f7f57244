"""The results page, and the list of existing answers beside forms."""

from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import Request
from discovery import advice, chips, duplicates, explanations, instant_answers
from discovery.analytics import query_log
from discovery.permissions import can_curate
from search import facets, query, sources, time_budget, vocabulary
from search.curation import snapshot
from search.engines import MAX_RESULTS
from search.language.tokens import folded_words
from search.results import Results
from web import params

SIZE = 10


@never_cache
@require_safe
def results(request: Request) -> HttpResponse:
    """What the viewer finds; topics to browse while nothing is asked. The same results as a fragment for htmx."""
    with time_budget.shared_budget():
        context = _context(request)
    htmx = request.htmx
    fragment = bool(htmx) and not htmx.history_restore_request
    response = render(
        request, "discovery/_results.html" if fragment else "discovery/results.html", context | {"fragment": fragment}
    )
    patch_vary_headers(response, ["HX-Request"])
    if fragment:
        address = request.get_full_path()
        # Each pause in typing would be a step of "back"; a filter or a page is one.
        response["HX-Replace-Url" if context["typing"] else "HX-Push-Url"] = address
    return response


def _context(request: Request) -> dict[str, Any]:
    language = get_language() or ""
    filters = facets.selected_filters(request.GET)
    viewer = request.viewer
    typing = getattr(request.htmx, "trigger", None) == "search-form"
    may_explain = can_curate(request.user)
    explain = may_explain and request.GET.get("explain") == "1"
    curation = snapshot.current()
    found = _found(request, filters, language=language, typing=typing, curation=curation, explain=explain)
    asked = bool(found.text or any(filters.values()))
    words = _wording(found)
    chosen = filters["language"] or found.parsed.languages
    shown = Paginator(range(min(found.total, MAX_RESULTS)), SIZE)
    return {
        "results": found,
        "instant": None if explain else instant_answers.instant(found, words["shown"]),
        "query": found.text,
        "chat_query": words["words"],
        "asked": asked,
        "foreign": _foreign(found, language) if words["shown"] and not chosen else "",
        "typing": typing,
        "kind_names": [source.label for source in sources.all()],
        **words,
        **_narrowed(request, found, filters, viewer, language),
        "unknown": advice.unknown(
            found.parsed,
            request.GET,
            partial(_topic_titles, viewer, language),
            typing=typing,
            degraded=found.degraded,
        ),
        "as_typed": chips.rewritten(request.GET, found.text, exact=True) if found.corrected else "",
        "meant": chips.rewritten(request.GET, found.did_you_mean) if found.did_you_mean else "",
        "filters": [(name, value) for name, values in filters.items() for value in values],
        "page_obj": shown.get_page(found.page),
        "topics": [] if asked else _topics(found.facets, language, viewer),
        "maximum": MAX_RESULTS,
        **query_log.shown(request, found, language=language, filters=filters, typing=typing),
        "may_explain": may_explain,
        "explain_url": facets.toggled_query_string(request.GET, "explain", "1"),
    } | (_explained(found, curation) if explain and not found.degraded else {})


def _found(
    request: Request, filters: dict[str, tuple[str, ...]], *, language: str, explain: bool, **rest: Any
) -> Results:
    """The page that was asked for; the last one for an old or invented address."""
    ask = partial(
        query.search,
        request.GET.get("q", ""),
        viewer=request.viewer,
        language=language,
        kinds=filters["kind"],
        topics=filters["topic"],
        languages=filters["language"],
        size=SIZE,
        exact="exact" in request.GET or explain,
        **rest,
    )
    found = ask(page=params.number(request.GET.get("page"), 99_999) or 1)
    return ask(page=found.pages) if found.page > found.pages else found


def _wording(found: Results) -> dict[str, str]:
    """Words without operators, which stand as chips: `words` as typed, `shown` that these are the results of; what
    has nothing to search for, such as “😀”, is `wordless` instead."""
    asked = found.parsed
    corrected, meant = (
        asked.reworded(text).bare_text if text else "" for text in (found.corrected, found.did_you_mean)
    )
    wordless = "" if folded_words(asked.bare_text) else asked.bare_text
    shown = corrected or ("" if wordless else asked.bare_text)
    return {"words": asked.bare_text, "shown": shown, "wordless": wordless, "meant_words": meant}


def _foreign(found: Results, language: str) -> str:
    """ "all" hits of a first page may be in another language than the reader's, or at least the "first". "" for who
    chose languages: that nothing is in the reader's own says nothing then."""
    others = [hit.document.text_language() != language for hit in found.hits]
    if found.page > 1 or not any(others[:1]):
        return ""
    return "all" if all(others) else "first"


def _narrowed(
    request: Request,
    found: Results,
    filters: dict[str, tuple[str, ...]],
    viewer: sources.Viewer,
    language: str,
) -> dict[str, Any]:
    """Filters to choose, and what narrows the search already. One query, for topics' titles."""
    typed = chips.typed(found.parsed, request.GET)
    built = facets.build(found.facets, filters, request.GET, language, typed, viewer)
    listed = chips.build(found.parsed, filters, built, request.GET)
    words = found.parsed.bare_text
    lonely = bool(listed and words) and not (found.total or found.degraded)
    apart = {
        word
        for operator in found.parsed.unknown_filters
        for word in folded_words(found.parsed.text[operator.start : operator.end])
    }
    missing = [word for word in found.missing_words if apart.isdisjoint(folded_words(word))]
    return {
        "missing": missing,  # of most of the words, but for filters that nothing is called
        "unfit": bool(missing) and not listed,  # what was found is about something else, and not for being narrowed
        "facets": built,
        "chosen": sum(option.chosen for facet in built for option in facet.options),
        "chips": listed,
        # How much is found without all that, when nothing is with it.
        "elsewhere": _total(words, viewer, language) if lonely else 0,
    }


def _total(words: str, viewer: sources.Viewer, language: str) -> int:
    return query.search(words, viewer=viewer, language=language, size=1, exact=True).total  # as the page counts


def _topic_titles(viewer: sources.Viewer, language: str) -> list[str]:
    """Titles of the topics that the viewer can find something of."""
    return list(dict.fromkeys(sources.topic_titles(query.count_all(viewer).facets["topic"], language, viewer).values()))


def _explained(found: Results, curation: snapshot.CurationSnapshot) -> dict[str, Any]:
    """How the query was read, and why each hit stands where it stands."""
    analysis, trace = vocabulary.current(), found.trace
    return {
        "readings": explanations.readings(trace, analysis, curation.synonyms),
        "explained": [(hit, explanations.why(hit, trace, analysis, curation.synonyms)) for hit in found.hits],
    }


def _topics(counts: dict[str, dict[str, int]], language: str, viewer: sources.Viewer) -> list[dict[str, Any]]:
    """Topics with something for this viewer, by title."""
    found = counts.get("topic", {})
    titles = sources.topic_titles(found, language, viewer)
    topics = [{"key": key, "title": title, "count": found[key]} for key, title in titles.items()]
    return sorted(topics, key=lambda topic: str(topic["title"]).casefold())


@never_cache
@require_safe
def similar(request: Request) -> HttpResponse:
    """Existing answers to `?q=`, as a fragment: for forms that ask or chat. `kind` and `exclude` may be repeated.

    With `nearest` (the desk, where somebody judges for themselves) what comes nearest when nothing clearly answers.
    """
    filters, text = facets.selected_filters(request.GET), request.GET.get("q", "").strip()
    found = duplicates.already(
        text,
        viewer=request.viewer,
        language=get_language() or "",
        kinds=filters["kind"],
        exclude=[key[:120] for key in request.GET.getlist("exclude")[:20]],
    )
    context = {"hits": found.hits, "same": found.same, "query": text, "answers": bool(found)}
    context["nearest"] = "nearest" in request.GET
    if context["nearest"] and text and not found:
        near = query.search(
            text, viewer=request.viewer, language=get_language() or "", size=duplicates.MOST, facets=False
        )
        context["hits"] = near.hits
    return render(request, "discovery/_similar.html", context)
