"""What people see when something we stand on does not answer: a page with status 503 that keeps what they typed.

Known by its kind of error, wherever it is raised: in a view, a template, a middleware or while a session is saved.
Every other error is ours and stays a 500. The page needs no database, no session and no cache.
"""

import errno
import random
import sys
from dataclasses import dataclass

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import Error, InterfaceError, OperationalError
from django.db.transaction import TransactionManagementError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.defaults import server_error

from web import requests
from web.params import number
from web.requests import FORMS, refuse

UNANSWERED = (OperationalError, InterfaceError)  # what Django raises when the database did not do its work
RETRY_SECONDS = 5  # Retry-After
RELOAD_SECONDS = (10, 20)  # until a page that was only read asks again; not all at the same moment
ELSEWHERE = ("cross-site", "same-site")  # as browsers say where a form was (not without TLS)
KEPT_CHARACTERS = 200_000  # of a form, at most
SECRET = ("password", "passwd", "secret", "wachtwoord")  # in the name of a field: never sent back
# https://www.sqlite.org/rescode.html: BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL. Not ERROR, which
# is also what a missing column gives.
SQLITE = {5, 6, 7, 8, 10, 13, 14, 15}
# PostgreSQL, appendix A: those of its errors that are none of OperationalError in Python: read-only (after a failover),
# and transactions that the server ended.
SQLSTATES = {"25006", "25P03", "25P04"}
# The other way round: a function failed, a text or a statement is beyond a limit, no waiting changes the state.
OURS = ("2F", "38", "39", "3B", "54", "55000")
# They come of another error and do not say so: a session that was not saved, a statement after one that failed.
HIDING = (SessionInterrupted, UpdateError, TransactionManagementError)
FULL = {errno.ENOSPC, errno.EDQUOT}


def is_outage(error: BaseException | None) -> bool:
    """Whether an error says that something we stand on is away, overloaded or full: trying again may work."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        if isinstance(error, Error) and _by_its_cause(error):
            return True
        error = error.__cause__ or (error.__context__ if isinstance(error, HIDING) else None)
    return False


def _by_its_cause(error: Error) -> bool:
    cause = error.__cause__ or error
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in SQLITE
    state = getattr(cause, "sqlstate", None)
    if state and state.startswith(OURS):
        return False
    return isinstance(error, UNANSWERED) or state in SQLSTATES


def handler500(request: HttpRequest) -> HttpResponse:
    """The answer to an exception that nobody caught: ours for an outage, else the page for an error of ours."""
    return unavailable(request) if is_outage(sys.exc_info()[1]) else server_error(request)


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page for what is no request that our pages make. A session that could not be saved is called one, too."""
    if isinstance(exception, BadRequest) and is_outage(exception):
        return unavailable(request)
    return requests.bad_request(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After, in the form that was asked for: page, JSON, or nothing for a fragment."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=503)  # static/js/outage-notice.js says it beside what is on the page
    elif request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        response = JsonResponse({"error": "unavailable"}, status=503)
    else:
        kept = _kept(request) if request.method == "POST" else None
        reload = random.randint(*RELOAD_SECONDS) if request.method == "GET" else None  # noqa: S311  # no secret
        response = refuse(request, 503, kept=kept, posted=request.method == "POST", reload=reload)
    response["Cache-Control"] = "no-store"
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


@dataclass(frozen=True, slots=True)
class Kept:
    """A form as it was sent, without its files."""

    fields: list[tuple[str, str]]
    multipart: bool
    files: bool  # some were sent


def _kept(request: HttpRequest) -> Kept | None:
    """What was typed, for whoever typed it to send again; None when it is too much, secret or cannot be read, or when
    another site sent it: an outage may come before the check of its token, and "Try again" would send it as ours."""
    length = number(request.META.get("CONTENT_LENGTH") or "")
    read = hasattr(request, "_post")
    if request.headers.get("Sec-Fetch-Site") in ELSEWHERE:
        return None
    if request.content_type not in FORMS or not (read or (length and length <= settings.BODY_LIMITS[""][0])):
        return None
    try:
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        files = any(request.FILES.values())
    except (MultiPartParserError, UnreadablePostError, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
        return None
    secret = any(word in name.lower() for name, _value in fields for word in SECRET)
    if secret or sum(len(name) + len(value) for name, value in fields) > KEPT_CHARACTERS:
        return None
    return Kept(fields, request.content_type == "multipart/form-data", files)
