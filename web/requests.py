"""Checks of a request before anything reads it: its characters, cookies and numbers."""

import codecs
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from web import params

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
LONGEST_LINE = 300  # characters of a refusal in the log
LONGEST_QUERY = 60_000  # bytes; servers refuse more by themselves


def refuse(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """Return the page `<status>.html` in the reader's language, without reading anything else of the request."""
    with translation.override(translation.get_language_from_request(request, check_path=True)):
        response = HttpResponse(render_to_string(f"{status}.html", context), status=status)
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for a malformed request."""
    return refuse(request, 400)


class RefusalFilter(logging.Filter):
    """Log a refused request as one short line, whichever logger reports it (`django.request`,
    `django.security.DisallowedHost`, …).

    It is not an error of ours, and anybody can cause thousands of them. An outage (503) is also one line, with its
    cause.

    Attach it to the handler: filters of a logger do not see records of its child loggers.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True always. For a status below 500, and 503, remove the traceback and truncate a long message."""
        status = getattr(record, "status_code", 500)
        if status == 503 and record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            why = next(iter(str(error).splitlines()), "")
            record.msg, record.args = f"{record.getMessage()} ({type(error).__name__}: {why})".replace("%", "%%"), ()
        if status < 500 or status == 503:
            record.exc_info = record.exc_text = None
            if len(message := record.getMessage()) > LONGEST_LINE:
                record.msg, record.args = f"{message[:LONGEST_LINE]}… ({len(message)} characters)", ()
        return True


class RequestMiddleware:
    """Answer 400 to requests that no browser sends: NUL in a URL, a character set other than UTF-8.

    Cookies that cannot be ours are removed. A number in a URL that no row can have is 404, in Wagtail's URLs too. Place
    it before everything that reads cookies or parameters.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        request.COOKIES = params.cookies(request.COOKIES)
        # Other codecs may not even encode text ("base64").
        if not _is_utf8(request.encoding) or "\0" in request.path_info or "%00" in query or len(query) > LONGEST_QUERY:
            return bad_request(request)
        return self.get_response(request)

    def process_view(self, _request: HttpRequest, _view: Any, args: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        """Raise Http404 for a number that cannot be stored. Slugs may be such numbers."""
        keys = [value for name, value in named.items() if name == "pk" and isinstance(value, str)]
        values = [*args, *(value for value in named.values() if not isinstance(value, str))]
        if not all(map(params.fits, values)) or None in map(params.number, keys):
            raise Http404("No row has such a number.")


def _is_utf8(encoding: str | None) -> bool:
    return encoding is None or codecs.lookup(encoding).name == "utf-8"
