"""Links that are a key by themselves: whoever holds one may go on. They stand in mails, and nowhere in logs.

Their addresses are listed once, in PATHS; a test holds the list to the routes, and deploy/nginx.conf to the list.
Opening one (GET) changes nothing, since mail scanners and browsers open links before people do.
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
    """The text with the secret part of each private link left out."""
    return _LINK.sub(r"\1…", text)


class PrivateLinkMiddleware:
    """Answers to private links are not kept, not indexed, and their address is not sent on.

    The policy is `strict-origin`, not `no-referrer`: with the latter browsers post forms with `Origin: null`, which
    Django's check against forged forms refuses.
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
    """Leaves private links out of log records."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True; the record's texts are masked."""
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
    """Have the servers' own loggers leave private links out. Safe to repeat; they set up their handlers themselves."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_filter)
