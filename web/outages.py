"""The answer when a service we depend on is unavailable: a page with status 503 that keeps the user's input.

An outage is recognised by the type of the error, wherever it is raised: in a view, a template, a middleware or while a
session is saved. Every other error is a bug and stays a 500. The page needs no database, session or cache.
"""

import errno
import logging
import random
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import Error, InterfaceError, OperationalError, close_old_connections
from django.db.transaction import TransactionManagementError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.defaults import server_error

from web import requests
from web.backoff import Backoff
from web.params import number
from web.requests import FORMS, refuse

logger = logging.getLogger(__name__)
T = TypeVar("T")
UNANSWERED = (OperationalError, InterfaceError)  # what Django raises when the database did not do its work
RETRY_SECONDS = 5  # Retry-After
RELOAD_SECONDS = (10, 20)  # until a page that was only read reloads; random, so that not all do at once
ELSEWHERE = ("cross-site", "same-site")  # Sec-Fetch-Site of a form on another site (browsers send it only with TLS)
KEPT_CHARACTERS = 200_000  # of a form, at most
SECRET = ("password", "passwd", "secret", "wachtwoord")  # fields with these words in their name are never sent back
# https://www.sqlite.org/rescode.html: BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL. Not ERROR, which
# is also what a missing column gives.
SQLITE = {5, 6, 7, 8, 10, 13, 14, 15}
# PostgreSQL, appendix A: outages that are not an OperationalError in Python: read-only (after a failover) and
# transactions that the server ended.
SQLSTATES = {"25006", "25P03", "25P04"}
# OperationalErrors that are no outage: a function failed, a limit on texts or statements is exceeded. No retry helps.
OURS = ("2F", "38", "39", "3B", "54", "55000")
# Errors that follow another one without naming it: a session was not saved, a statement came after a failed one.
HIDING = (SessionInterrupted, UpdateError, TransactionManagementError)
FULL = {errno.ENOSPC, errno.EDQUOT}


def until_answered(act: Callable[[], T], stop: threading.Event, said: str) -> T | None:
    """Return what `act` returns, tried again after growing pauses while the database does not answer.

    None when `stop` is set first. `said` is logged with each failure. For threads outside requests.
    """
    backoff = Backoff(0.5, 10)
    while True:
        close_old_connections()
        try:
            return act()
        except UNANSWERED as error:
            logger.warning("%s: %s", said, error)
        if stop.wait(backoff.failed()):
            return None


def is_outage(error: BaseException | None) -> bool:
    """Return True if an error means that a service is unavailable, overloaded or full, so that a retry may work."""
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
    """Answer an uncaught exception: 503 for an outage, else the page for an internal error."""
    return unavailable(request) if is_outage(sys.exc_info()[1]) else server_error(request)


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a malformed request. Django also raises BadRequest if a session could not be saved."""
    if isinstance(exception, BadRequest) and is_outage(exception):
        return unavailable(request)
    return requests.bad_request(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return 503 with Retry-After in the requested format: page, JSON, or nothing for a fragment."""
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
    """The fields of a submitted form, without its files."""

    fields: list[tuple[str, str]]
    multipart: bool
    files: bool  # some were sent


def _kept(request: HttpRequest) -> Kept | None:
    """Return the submitted fields, so that the user can send them again; None if that is not possible or not safe.

    That is if they are too large, contain a password or cannot be read, or if another site sent them: an outage may
    come before the CSRF check, and "Try again" would send them as ours.
    """
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
