"""Who looks."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.audiences import viewer_for
from accounts.visitors import COOKIE, read_token


class ViewerMiddleware:
    """Sets `request.viewer`, made when first used. Visitors are known by a signed cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(  # type: ignore[attr-defined]  # our addition to the request
            lambda: viewer_for(request.user, read_token(request.COOKIES.get(COOKIE, "")))
        )
        return self.get_response(request)
