"""How much a request may carry, decided before it is read: bytes, fields and time, by the beginning of its path.

settings.BODY_LIMITS says how much. Under /cms/, where files are uploaded, the larger limits are for who is signed in.
Behind ASGI, `BodyLimit` counts what comes in, since Django would put all of it on disk before any of our code runs;
behind WSGI the declared length is all there is, and a body without one is not read at all.
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

REFUSED = "vraagbaak.refused"  # in the scope of the empty request that gets a refusal's page
LINGER_SECONDS, LINGER_BYTES = 5.0, 32 * 1024 * 1024  # for a browser to send what it began, so that it reads the page


@dataclass(frozen=True, slots=True)
class Limit:
    """What a body may be."""

    size: int  # bytes
    fields: int
    seconds: float  # until all of it is here


def limit(path: str, *, form: bool, signed_in: bool) -> Limit:
    """The limit for an address. What is no form (a beacon, JSON) is small everywhere but under a large prefix."""
    for prefix, values in settings.BODY_LIMITS.items():
        if prefix and path.startswith(prefix) and signed_in:
            return Limit(*values)
    size, fields, seconds = settings.BODY_LIMITS[""]
    return Limit(size if form else min(size, settings.BODY_LIMIT_OTHER), fields, seconds)


def _large(path: str) -> bool:
    return any(prefix and path.startswith(prefix) for prefix in settings.BODY_LIMITS)


class BodyLimit:
    """ASGI: refuses a body that is too large (413) or too slow (408) without keeping more of it than the limit."""

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
        """Our page, sent at once; then what the browser is sending already is thrown away for a moment, and the
        connection closes. Closing at once would make most browsers show a failure of the network."""
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
        """The next message; a disconnect once the body is refused, so that Django throws away what it has."""
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
    """An empty body of a browser that stays."""
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
    """Whether a cookie is the session of somebody; None when the database does not say. The view looks again, and at
    their rights."""
    key = cookies(parse_cookie(header)).get(settings.SESSION_COOKIE_NAME)
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    try:
        return bool(key) and bool(await store(key).aget(SESSION_KEY))
    except Error:
        return None


class BodyMiddleware:
    """Counts the fields of a form before they are parsed, and gives refusals their page.

    Stands behind everything that a page needs, and before anything that reads the body. What cannot be stored (NUL,
    halves of characters, as such or as escapes in a field of JSON) is left out or replaced: nothing else that was typed
    is lost.
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
        """The status, or 0."""
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
    """How many fields a small form has at most; reads it, and parses nothing."""
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
