"""Private links: whoever has one may use it without signing in. They are sent by mail and kept out of logs.

PATHS is the one list of their URLs. A test compares it with the routes, and deploy/nginx.conf with it. Opening one
(GET) changes nothing, since mail scanners and browsers open links before people do.
"""

import logging
import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

PATHS = (
    r"chat/(?:back|terug)",
    r"search/tell-me/(?:confirm|end)",
    r"zoeken/laat-me-weten/(?:bevestig|stop)",
    r"account/(?:invited|welcome)",
    r"account/confirm-email",
    r"account/password/reset/key",
)
_SLASH = r"(?:/|%2[Ff])"  # as part of `?next=` the path may be percent-encoded
PATTERN = rf"{_SLASH}[a-z][a-z]{_SLASH}(?:{'|'.join(PATHS).replace('/', _SLASH)}){_SLASH}"
_LINK = re.compile(rf"({PATTERN})[^\s\"'?&#]+")
_PATH = re.compile(PATTERN)
LOGGERS = ("uvicorn.access", "gunicorn.access", "django.server")


def masked(text: str) -> str:
    """Return the text without the secret part of each private link."""
    return _LINK.sub(r"\1…", text)


class PrivateLinkMiddleware:
    """Forbid storing and indexing the answers to private links, and sending their URL as referrer.

    The policy is `strict-origin`, not `no-referrer`: with the latter browsers post forms with `Origin: null`, which
    Django's CSRF check refuses.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if _PATH.match(request.path):
            response["Referrer-Policy"] = "strict-origin"
            response["Cache-Control"] = "private, no-store"
            response["X-Robots-Tag"] = "noindex"
        return response


class MaskFilter(logging.Filter):
    """Logging filter that masks private links."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True always, with the texts of the record masked."""
        record.msg = _masked(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(map(_masked, record.args))
        elif isinstance(record.args, dict):
            record.args = {key: _masked(value) for key, value in record.args.items()}
        return True


def _masked(value: Any) -> Any:
    return masked(value) if isinstance(value, str) else value


_filter = MaskFilter()


def mask_access_logs() -> None:
    """Mask private links in the servers' own loggers, which set up their handlers themselves. Safe to repeat."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_filter)
