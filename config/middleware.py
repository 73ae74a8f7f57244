"""Response headers that hold for the whole site."""

from collections.abc import Callable

from csp.middleware import CSPMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Wagtail's page editor emits inline scripts without a nonce; only its own pages get the relaxation.
CMS_DIRECTIVES = {
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
}
CMS_FRAMES = {"frame-ancestors": ["'self'"]}  # its editor shows the preview in a frame


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """The strict policy of settings everywhere, except under /cms/."""

    get_response: Callable[[HttpRequest], HttpResponseBase]

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith("/cms/"):
            response._csp_update = CMS_DIRECTIVES  # type: ignore[attr-defined]  # django-csp's own hook
            response._csp_replace = CMS_FRAMES  # type: ignore[attr-defined]  # django-csp's own hook
        return super().process_response(request, response)
