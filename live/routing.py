"""The addresses of sockets, and the check of their origin. Who is refused here has cost no query."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from live.consumers import SocketConsumer

logger = logging.getLogger(__name__)
Application = Callable[[dict[str, Any], Callable[..., Awaitable[Any]], Callable[..., Awaitable[Any]]], Awaitable[None]]
SOCKETS: dict[str, Application] = {"/ws/": SocketConsumer.as_asgi()}
_PORTS = {"http": ":80", "https": ":443"}


async def sockets(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Hand a socket to the consumer at its path if its origin is ours; else answer 403."""
    application = SOCKETS.get(scope["path"])
    if application is None or not origin_is_ours(scope):
        logger.debug("No socket at %r for the origin %r", scope["path"], _headers(scope, b"origin"))
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await application(scope, receive, send)


def origin_is_ours(scope: dict[str, Any]) -> bool:
    """True if the page that opens the socket is ours: scheme, host and port, as Django judges forms.

    Ours are BASE_URL, CSRF_TRUSTED_ORIGINS, and the very address that the socket is opened at, if ALLOWED_HOSTS has
    its host. Browsers always say where a page came from; whoever says nothing, or two things, is refused.
    """
    origins = _headers(scope, b"origin")
    if len(origins) != 1:
        return False
    origin = _normal(origins[0])
    return origin in _trusted() or origin == _own(scope) or any(_is_below(origin, each) for each in _trusted())


def _headers(scope: dict[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _trusted() -> set[str]:
    parts = [urlsplit(each) for each in (settings.BASE_URL, *settings.CSRF_TRUSTED_ORIGINS)]
    return {_normal(f"{part.scheme}://{part.netloc}") for part in parts}


def _normal(origin: str) -> str:
    """Return an origin in lower case, without the default port of its scheme."""
    scheme, _colon, rest = origin.lower().partition("://")
    return f"{scheme}://{rest.removesuffix(_PORTS.get(scheme, '/'))}"


def _own(scope: dict[str, Any]) -> str | None:
    """Return the origin that the request was sent to, or None for a host that is not ours."""
    hosts = _headers(scope, b"host")
    if len(hosts) != 1 or not validate_host(split_domain_port(hosts[0].lower())[0], settings.ALLOWED_HOSTS):
        return None
    forwarded = _headers(scope, b"x-forwarded-proto") if settings.BEHIND_PROXY else []
    scheme = forwarded[0].partition(",")[0].strip() if forwarded else scope.get("scheme", "ws")
    return _normal(f"{'https' if scheme in ('https', 'wss') else 'http'}://{hosts[0]}")


def _is_below(origin: str, trusted: str) -> bool:
    """True if the origin is a subdomain of "https://*.example.org"."""
    scheme, star, domain = trusted.partition("://*")
    return bool(star) and origin.startswith(f"{scheme}://") and origin.endswith(domain) and "/" not in origin[8:]
