"""What people see when they are too fast."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.wait import in_words
from web.limits import TooMany


def too_many(request: HttpRequest, refused: TooMany) -> HttpResponse:
    """The page that says how long to wait; as htmx answer only the notice."""
    template = "moderation/_429.html" if getattr(request, "htmx", False) else "moderation/429.html"
    response = render(request, template, {"wait": in_words(refused.retry_after)}, status=429)
    response["Retry-After"] = str(refused.retry_after)
    return response


class TooManyMiddleware:
    """Turns a TooMany out of a view into a page with status 429 and Retry-After.

    A form that was typed catches TooMany by `moderation.forms.allowed` instead, and keeps its text.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page, or None for other exceptions."""
        if not isinstance(exception, TooMany):
            return None
        return too_many(request, exception)
