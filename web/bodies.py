"""Limits on request bodies, checked before the body is read: bytes, fields and time, by path prefix. A query string may
have as many fields as a body.

The limits are in settings.BODY_LIMITS. Under /cms/, where files are uploaded, only signed-in users get the larger
limits. Under ASGI, `BodyLimit` counts the bytes as they arrive, because Django would write all of them to disk before
any of our code runs. Under WSGI there is only the declared length; a body without one is not read.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import Error
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError, parse_cookie
from django.template.defaultfilters import filesizeformat

from web.outages import unavailable
from web.params import cookies, number, storable, storable_field
from web.requests import FORMS, refuse

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[..., Awaitable[None]]

REFUSED = "vraagbaak.refused"  # scope key: the status for the error page
LINGER_SECONDS, LINGER_BYTES = 5.0, 32 * 1024 * 1024  # read and discard this much, so that the browser shows the page


@dataclass(frozen=True, slots=True)
class Limit:
    """The limits of one request body."""

    size: int  # bytes
    fields: int
    seconds: float  # to receive all of it


def limit(path: str, *, form: bool, signed_in: bool) -> Limit:
    """Return the limit for a path.

    A body that is not a form (a beacon, JSON) has a small limit, except under a large prefix.
    """
    for prefix, values in settings.BODY_LIMITS.items():
        if prefix and path.startswith(prefix) and signed_in:
            return Limit(*values)
    size, fields, seconds = settings.BODY_LIMITS[""]
    return Limit(size if form else min(size, settings.BODY_LIMIT_OTHER), fields, seconds)


def _large(path: str) -> bool:
    return any(prefix and path.startswith(prefix) for prefix in settings.BODY_LIMITS)


class BodyLimit:
    """ASGI middleware that refuses a body that is too large (413) or too slow (408).

    It stores no more than the limit.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        declared = headers.get(b"content-length")
        if (declared is None and b"transfer-encoding" not in headers) or declared == "0":
            await self.app(scope, receive, send)
            return
        form = headers.get(b"content-type", "").lower().startswith(FORMS)
        signed_in: bool | None = False
        if _large(scope["path"]):
            signed_in = await _has_session(headers.get(b"cookie", ""))
        allowed = limit(scope["path"], form=form, signed_in=bool(signed_in))
        body = _Body(receive, allowed)
        if signed_in is None:
            body.refused = 503
        elif declared is not None and (number(declared) is None or (number(declared) or 0) > allowed.size):
            body.refused = 413
        else:
            await self.app(scope, body.receive, _unless(body, send))
        if body.refused:
            await self._refuse(scope, body, receive, send)

    async def _refuse(self, scope: Scope, body: "_Body", receive: Receive, send: Send) -> None:
        """Send our error page at once, then read and discard the rest of the body for a moment, and close the
        connection.

        If we closed at once, most browsers would show a network error instead of the page.
        """
        dropped = (b"content-length", b"transfer-encoding", b"expect")
        empty = {
            **scope,
            "headers": [pair for pair in scope["headers"] if pair[0].lower() not in dropped],
            REFUSED: body.refused,
        }

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send({**message, "headers": [*message.get("headers", []), (b"connection", b"close")]})
            else:
                await send({**message, "more_body": True})

        await self.app(empty, _nothing(), closing)
        await _linger(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Body:
    """Reads a body within a limit."""

    def __init__(self, receive: Receive, allowed: Limit) -> None:
        self._receive, self._allowed = receive, allowed
        self._size, self._complete = 0, False
        self._end = asyncio.get_running_loop().time() + allowed.seconds
        self.refused = 0  # the status

    async def receive(self) -> Message:
        """Return the next message. After a refusal return a disconnect, so that Django discards what it has."""
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._end):
                message = await self._receive()
        except TimeoutError:
            self.refused = 408
            return {"type": "http.disconnect"}
        self._size += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._size > self._allowed.size:
            self.refused = 413
            return {"type": "http.disconnect"}
        return message


def _unless(body: _Body, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if not body.refused:
            await send(message)

    return sending


def _nothing() -> Receive:
    """Return a `receive` with an empty body and no disconnect."""
    read = False

    async def receive() -> Message:
        nonlocal read
        if read:
            await asyncio.get_running_loop().create_future()
        read = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


async def _linger(receive: Receive) -> None:
    size = 0
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while size < LINGER_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return


async def _has_session(header: str) -> bool | None:
    """Return True if a cookie belongs to a signed-in session; None if the database does not answer.

    The view checks the session again, and the user's permissions.
    """
    key = cookies(parse_cookie(header)).get(settings.SESSION_COOKIE_NAME)
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    try:
        return bool(key) and bool(await store(key).aget(SESSION_KEY))
    except Error:
        return None


class BodyMiddleware:
    """Count the fields of a form before they are parsed, and render error pages for refused bodies.

    Place it after everything that a page needs, and before anything that reads the body. Characters that cannot be
    stored (NUL and lone surrogates, as such or escaped in a JSON field) are removed or replaced, so that the rest of
    the input is not lost.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refused = getattr(request, "scope", {}).get(REFUSED) or self._refused(request)
        if not refused:
            return self.get_response(request)
        if refused == 503:
            return unavailable(request)
        size = filesizeformat(self._limit(request).size)
        response = refuse(request, refused, **({"limit": size} if refused == 413 else {}))
        response["Connection"] = "close"
        return response

    def _limit(self, request: HttpRequest) -> Limit:
        user = getattr(request, "user", None)
        large = _large(request.path) and user is not None and user.is_authenticated
        return limit(request.path, form=request.content_type in FORMS, signed_in=bool(large))

    def _refused(self, request: HttpRequest) -> int:
        """Return the status of the refusal, or 0."""
        fields = request.META.get("QUERY_STRING", "").count("&") + 1
        if fields > settings.BODY_LIMITS[""][1] and fields > self._limit(request).fields:
            return 400
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length == "0":
            return 0
        allowed = self._limit(request)
        if number(length) is None:
            return 400
        if (number(length) or 0) > allowed.size:
            return 413
        if request.method != "POST" or request.content_type not in FORMS:
            return 0
        try:
            if allowed.size <= settings.BODY_LIMITS[""][0] and _fields(request) > allowed.fields:
                return 400
            request.POST = _storable(request.POST)  # type: ignore[assignment]  # Django's own setter
        except UnreadablePostError:
            return 400
        return 0


def _fields(request: HttpRequest) -> int:
    """Return an upper bound for the number of fields in a small form. Reads the body without parsing it."""
    if request.content_type != "multipart/form-data":
        return request.body.count(b"&") + 1
    boundary = (request.content_params or {}).get("boundary", "")
    return request.body.count(f"--{boundary}".encode("latin-1", "replace")) - 1 if boundary else 0


def _storable(posted: QueryDict) -> QueryDict:
    fields = {storable(name): [storable_field(value) for value in values] for name, values in posted.lists()}
    if fields == dict(posted.lists()):
        return posted
    clean = QueryDict(mutable=True)
    for name, values in fields.items():
        clean.setlist(name, values)
    clean._mutable = False
    return clean
