"""Every address under /cms/ is described by the package that knows it (`Package.cms_routes`): which rows it names,
whose permission it needs, or that it is closed. What nobody described is refused.

Wagtail asks for permissions; the middleware asks for rows, before any view runs: a row that is not for the viewer, in
the address or in what is sent, is "not found", as one that does not exist. While a page is read and while an answer is
drawn, queries are cut to the viewer's rows (`web.scope`).
"""

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import page_not_found

from web import scope
from web.addresses import local_url
from web.descriptions import Route, Seen
from web.packages import Package, composed, merged
from web.params import beyond, number, plain_search
from web.requests import bad_request

PREFIX = "cms/"
ROOT = "root"  # what Wagtail's listings call the top of the tree
# What Wagtail's views raise when somebody sends what its own pages never send.
JUNK = (KeyError, ValueError, OverflowError, DataError)
SEARCHED = ("q", "search")  # what its lists, choosers and API are searched for
TEXTS = (*SEARCHED, "question", "link_text", "link_url")  # parameters that may be a long number without being one
logger = logging.getLogger(__name__)


@composed
def _routes(packages: tuple[Package, ...]) -> dict[str, Route]:
    """What packages say of each address; one that two of them describe is a mistake."""
    return merged(package.cms_routes for package in packages)


def route_of(name: str) -> Route | None:
    """What was told of an address; None when nobody did."""
    return _routes().get(name)


def names() -> set[str]:
    """Every address that was told."""
    return set(_routes())


def may_enter(user: Any) -> bool:
    """Whether /cms/ is for this person at all; Wagtail asks the same."""
    return bool(user.is_authenticated and user.has_perm("wagtailadmin.access_admin"))


def refused(request: HttpRequest) -> HttpResponse:
    """For who is signed in and has nothing to do under /cms/: what it is for, and whom to ask (403)."""
    return render(request, "cms_refused.html", status=403)


class CmsMiddleware:
    """Holds every request under /cms/ to what was told of its address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = scope.current()  # a preview is a request within a request
        try:
            return self.get_response(request)
        finally:
            scope.set_reader(before)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        """Raise Http404 for what is closed, unknown or not for the viewer; None to go on."""
        match = request.resolver_match
        if match is None or not match.route.startswith(PREFIX):
            return None
        route = route_of(match.view_name)
        if route is not None and route.closed:
            raise Http404
        if not request.user.is_authenticated:
            return None  # Wagtail sends them to sign in
        if not may_enter(request.user):
            return refused(request)
        if route is None:
            raise Http404
        if route.permission and not request.user.has_perm(route.permission):
            raise PermissionDenied
        if request.method == "POST" and _counts_too_many(request):
            return bad_request(request)
        if not route.takes_any:
            if _numbers_too_large(request):
                return bad_request(request)
            _plain_searches(request)
        _forget_strange_next(request)
        reader = request.cms_reader = scope.Reader(request.viewer)
        try:
            with scope.reading_as(reader):
                _require_rows(route, request, kwargs)
                if route.guard and (answer := route.guard(request, kwargs)):
                    return answer
        except Exception as exception:  # Django asks `process_exception` about views only
            if answer := self.process_exception(request, exception):
                return answer
            raise
        reads = request.method in ("GET", "HEAD", "OPTIONS")
        scope.set_reader(*((reader, None) if reads else (None, reader)))
        return None

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        """Answer 404 or 400 to what Wagtail cannot take, and say in the log where: it may be a fault of ours."""
        if not hasattr(request, "cms_reader"):
            return None
        if isinstance(exception, ObjectDoesNotExist):
            return page_not_found(request, exception)
        # Its search on SQLite passes some signs on to FTS5.
        if isinstance(exception, JUNK) or "fts5" in str(exception) or _missed_something(exception):
            return _refused_as_junk(request, exception)
        return None

    def process_template_response(self, request: Any, response: HttpResponse) -> HttpResponse:
        """What is drawn after something was written is cut as well."""
        if reader := getattr(request, "cms_reader", None):
            if scope.writer():
                reader.memo.clear()
            scope.set_reader(reader)
        return response


def _refused_as_junk(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, told by one line in the log: what was raised, and where."""
    *_others, frame = traceback.extract_tb(exception.__traceback__)
    logger.warning(
        "Refused %s %s: %s at %s:%s: %s",
        request.method,
        request.path[:100],
        type(exception).__name__,
        "/".join(frame.filename.split("/")[-3:]),
        frame.lineno,
        " ".join(str(exception).split())[:100],
    )
    response = bad_request(request, exception)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would say it once more
    return response


def _missed_something(exception: Exception) -> bool:
    """Whether Wagtail's own code took what was not sent for an object. Anywhere else that is a fault of ours."""
    if not isinstance(exception, AttributeError):
        return False
    *_others, (frame, _line) = traceback.walk_tb(exception.__traceback__)
    return str(frame.f_globals.get("__name__", "")).startswith("wagtail.")


def _forget_strange_next(request: Any) -> None:
    """Leave out a `next` that is no address of this site: Wagtail's redirect() takes such a text for a view's name."""
    for data in ("GET", "POST"):
        sent = getattr(request, data)
        if not all(map(local_url, filter(None, sent.getlist("next")))):
            sent = sent.copy()
            del sent["next"]
            setattr(request, data, sent)


def _numbers_too_large(request: HttpRequest) -> bool:
    """Whether a parameter is a number that no database stores, however `int` lets it be written."""
    return any(
        beyond(value) for name, values in request.GET.lists() if name not in TEXTS for value in values if value.strip()
    )


def _plain_searches(request: Any) -> None:
    """Make what Wagtail is asked to search for plain words: every one of its searches reads these parameters."""
    given = request.GET
    plain = {name: plain_search(given[name]) for name in SEARCHED if name in given}
    if any(given[name] != text for name, text in plain.items()):
        request.GET = given.copy()
        for name, text in plain.items():
            request.GET[name] = text


def _counts_too_many(request: HttpRequest) -> bool:
    """Whether a set of forms is said to have more than was sent at all: Django would make thousands of empty ones."""
    counts = [value for name, value in request.POST.items() if name.endswith("TOTAL_FORMS")]
    return any(number(value, len(request.POST)) is None for value in counts if value)


def _require_rows(route: Route, request: HttpRequest, kwargs: Mapping[str, Any]) -> None:
    for name, what in route.rows.items():
        if name in kwargs and not _seen(what, kwargs[name], kwargs):
            raise Http404
    for name, model in route.sent.items():
        values = [*request.GET.getlist(name), *(request.POST.getlist(name) if request.method == "POST" else ())]
        # Django reads " 7", "+7" and "७" as 7 as well: what is not plainly a number names no row.
        if not all(_seen(model, number(value), kwargs) for value in values if value not in ("", ROOT)):
            raise Http404


def _seen(what: str | Seen, value: Any, kwargs: Mapping[str, Any]) -> bool:
    if isinstance(what, str):
        return scope.is_visible(apps.get_model(what), value)
    return what(value, kwargs)
