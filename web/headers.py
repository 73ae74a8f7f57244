"""Cache-Control headers."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# URL names whose answers are the same for everybody, or whose views set the header themselves (files).
DECIDE_THEMSELVES = {
    "robots",
    "manifest",
    "service_worker",
    "security_txt",
    "sitemap",
    "javascript-catalog",
    "wagtailadmin_sprite",
    "wagtailadmin_javascript_catalog",
    "files:rendition",
    "wagtaildocs_serve",
}


class CacheControlMiddleware:
    """Let nobody store errors or answers to somebody known; other pages must be revalidated each time.

    A request is from somebody known if it has a cookie other than those for language and forms: a session, a visitor
    token, or one that we cannot read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        name = request.resolver_match.view_name if request.resolver_match else ""
        if response.status_code >= 400:
            response["Cache-Control"] = "private, no-store"
        elif name not in DECIDE_THEMSELVES and _known(request, response):
            response["Cache-Control"] = "private, no-store"
        elif not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        return response


def _known(request: HttpRequest, response: HttpResponseBase) -> bool:
    nobody = {settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME}
    return bool({*request.COOKIES, *response.cookies} - nobody)
