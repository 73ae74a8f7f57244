"""The results page, and the fragment with existing answers beside forms."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import Request
from discovery import advice, duplicates, results_page
from search import facets, query, time_budget
from search.filters import KIND


@never_cache
@require_safe
def results(request: Request) -> HttpResponse:
    """Show what the viewer finds, or topics to browse while nothing is searched for; for htmx as a fragment."""
    with time_budget.shared_budget():
        page = results_page.build(request, language=get_language() or "")
    fragment = bool(request.htmx) and not request.htmx.history_restore_request
    context = {
        "results": page,
        "fragment": fragment,
        "page_obj": page.page_obj,
        # For templates of other packages, which hand the text over to a chat or a question.
        "chat_query": page.wording.typed,
        "search_ref": page.log.ref,
    }
    if not fragment:
        context["tips"] = advice.tips(get_language() or "", page.narrowing.facets)
    template = "discovery/_results.html" if fragment else "discovery/results.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    if fragment:
        # Each pause in typing must not become a step of the "back" button; a filter or a page is one.
        header = "HX-Replace-Url" if page.typing else "HX-Push-Url"
        response[header] = request.get_full_path()
    return response


@never_cache
@require_safe
def similar(request: Request) -> HttpResponse:
    """Show existing answers to `?q=` as a fragment, for forms that ask or chat. `kind` and `exclude` may be repeated.

    With `nearest` (for agents, who judge for themselves) the best hits if none clearly answers.
    """
    filters, text = facets.selected_filters(request.GET), request.GET.get("q", "").strip()
    language, viewer = get_language() or "", request.viewer
    found = duplicates.find_duplicates(
        text,
        viewer=viewer,
        language=language,
        filters={KIND: filters[KIND]},
        exclude=[key[:120] for key in request.GET.getlist("exclude")[:20]],
    )
    nearest, hits = "nearest" in request.GET, found.hits
    if nearest and text and not found:
        hits = query.search(text, viewer=viewer, language=language, size=duplicates.MOST, facets=False).hits
    context = {"hits": hits, "same": found.same, "query": text, "answers": bool(found), "nearest": nearest}
    return render(request, "discovery/_duplicates.html", context)
