"""Pieces of other pages that come from search: suggestions under a search field, and what else is about the same."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import Request
from discovery import related as nearby
from discovery.suggestions import suggest
from web import params

KEPT = 30  # seconds that a browser may show suggestions again without asking


@require_safe
def suggestions(request: Request) -> HttpResponse:
    """What may be meant by `?q=`, as options of a listbox; empty when nothing is.

    Kept for a moment by the browser that asked, and by nothing in between: signing in or out changes the cookie, and
    with it what is kept. Rendered without the request, since a page's context would cost more than the search.
    """
    found = suggest(
        request.GET.get("q", ""),
        viewer=request.viewer,
        language=get_language() or "",
    )
    response = HttpResponse(render_to_string("discovery/_suggestions.html", {"suggestions": found}) if found else "")
    response["Cache-Control"] = f"private, max-age={KEPT}"
    patch_vary_headers(response, ["Cookie"])
    return response


@never_cache
@require_safe
def related(request: Request) -> HttpResponse:
    """What else is about the same as `?key=`, as a card; 204 without any, so that the page keeps what it has."""
    found = nearby.related(
        params.text(request.GET, "key", 120),
        viewer=request.viewer,
        language=get_language() or "",
    )
    return render(request, "discovery/_related.html", {"related": found}) if found else HttpResponse(status=204)
