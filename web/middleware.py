"""Middleware for the whole site: Content-Security-Policy, language, and rate limits of routes."""

from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils.cache import patch_vary_headers

from web.limits import TooMany, charge, route_scope
from web.too_many import too_many

# Wagtail's page editor emits inline scripts without a nonce; only its own pages get the relaxation.
CMS_DIRECTIVES = {
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
}
CMS_FRAMES = {"frame-ancestors": ["'self'"]}  # its editor shows the preview in a frame


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """The strict policy of settings everywhere except under /cms/. The editor may show a preview in a frame."""

    get_response: Callable[[HttpRequest], HttpResponseBase]

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith("/cms/"):
            response._csp_update = CMS_DIRECTIVES  # type: ignore[attr-defined]  # django-csp's own hook
            response._csp_replace = CMS_FRAMES  # type: ignore[attr-defined]  # django-csp's own hook
        elif getattr(request, "is_preview", False):  # Wagtail's own request, with the address of the page itself
            response._csp_replace = CMS_FRAMES  # type: ignore[attr-defined]  # django-csp's own hook
        return super().process_response(request, response)


class LanguageMiddleware(LocaleMiddleware):
    """Django's own, except that a 404 under /cms/ is not redirected to a URL with a language prefix."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code == 404 and request.path_info.startswith("/cms/"):
            patch_vary_headers(response, ("Accept-Language",))
            return response
        found: HttpResponseBase = super().process_response(request, response)
        return found


class LimitMiddleware:
    """Take a token of the route's scope before its view: everything expensive or changing has a limit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Return the page that asks to wait, or None to continue."""
        if scope := route_scope(request):
            try:
                charge(scope, request)
            except TooMany as refused:
                return too_many(request, refused)
        return None
