"""Fragments that search adds to other pages: suggestions below a search field, and related documents."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import Request
from discovery.related import related as find_related
from discovery.suggestions import suggest
from web import params

CACHE_SECONDS = 30  # for which a browser may show suggestions again


@require_safe
def suggestions(request: Request) -> HttpResponse:
    """Return suggestions for `?q=` as options of a listbox; empty when there are none.

    Cached for a moment by the browser, and by no proxy. Signing in or out changes the cookie, which ends the caching.
    Rendered without the request, since the context processors would cost more than the search.
    """
    found = suggest(
        request.GET.get("q", ""),
        viewer=request.viewer,
        language=get_language() or "",
    )
    response = HttpResponse(render_to_string("discovery/_suggestions.html", {"suggestions": found}) if found else "")
    response["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    patch_vary_headers(response, ["Cookie"])
    return response


@never_cache
@require_safe
def related(request: Request) -> HttpResponse:
    """Return documents related to `?key=` as a card; 204 when there are none, so that the page keeps its link."""
    found = find_related(
        params.text(request.GET, "key", 120),
        viewer=request.viewer,
        language=get_language() or "",
    )
    return render(request, "discovery/_related.html", {"related": found}) if found else HttpResponse(status=204)
