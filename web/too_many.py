"""Answers with status 429."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from web.durations import in_words
from web.limits import TooMany

UNKNOWN = 60  # seconds to wait if the refusal does not say


def too_many(request: HttpRequest, refused: TooMany) -> HttpResponse:
    """Return the page that says how long to wait; for htmx only the notice."""
    template = "moderation/_429.html" if getattr(request, "htmx", False) else "moderation/429.html"
    response = render(request, template, {"wait": in_words(refused.retry_after)}, status=429)
    request.retry_after = refused.retry_after  # type: ignore[attr-defined]  # read by TooManyMiddleware
    return response


class TooManyMiddleware:
    """Turn a TooMany raised by a view into a page with status 429, and add Retry-After to every 429.

    A form with input catches TooMany with `moderation.forms.allowed` instead, and keeps the input.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 429:
            response.setdefault("Retry-After", str(getattr(request, "retry_after", UNKNOWN)))
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page, or None for other exceptions."""
        if not isinstance(exception, TooMany):
            return None
        return too_many(request, exception)
