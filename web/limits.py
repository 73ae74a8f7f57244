"""Rate limits, the same for pages and sockets: a token bucket for each scope and person, stored in the cache.

A bucket holds as many tokens as the scope allows in its period and refills evenly over that period. It is stored as one
number: the moment, in milliseconds, at which it would be full again.
"""

import hashlib
import ipaddress
import logging
import math
import threading
import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpRequest
from django.utils.connection import ConnectionProxy
from redis import ResponseError

from web import redis

logger = logging.getLogger(__name__)
_ADDRESS = "address:"
_lock = threading.Lock()
# Counts in this process while Redis is unavailable. Bounded: above this number the oldest entries are dropped.
_own = LocMemCache("limits-alone", {"OPTIONS": {"MAX_ENTRIES": 50_000}})
cache = ConnectionProxy(caches, "limits")  # only for limits and presence: filling other caches does not reset them
# In Redis, reading and writing are one step, by its clock. Returns the milliseconds to wait, 0 for "taken".
# A stored moment is at most one period ahead. One beyond that came from a clock that ran ahead and is ignored.
_TAKE = """
local time, cost, period = redis.call('TIME'), tonumber(ARGV[1]), tonumber(ARGV[2])
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stored = tonumber(redis.call('GET', KEYS[1]) or '0')
if stored > now + period then stored = now end
local full = math.max(stored, now) + cost
if full - now > period then return full - now - period end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', period * 2)
return 0
"""


class TooMany(Exception):
    """The rate limit is exceeded. `retry_after`: whole seconds until the next token."""

    def __init__(self, retry_after: int, scope: str = "") -> None:
        super().__init__(f"{scope}: again in {retry_after} s")
        self.retry_after = retry_after
        self.scope = scope


def take(scope: str, who: str) -> None:
    """Take one token of `scope` (a name in settings.RATE_LIMITS) for `who`.

    Raise TooMany, or KeyError for an unknown scope.

    Several people may share a network address, so an address gets the limit of settings.ADDRESS_LIMITS if there is one.
    """
    number, seconds = settings.RATE_LIMITS[scope]
    if who.startswith(_ADDRESS):
        number, seconds = settings.ADDRESS_LIMITS.get(scope, (number, seconds))
    period = seconds * 1000
    key = f"limit:{scope}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    wait = _take(key, period // number, period)
    if wait > 0:
        raise TooMany(max(1, math.ceil(wait / 1000)), scope)


def charge(scope: str, request: HttpRequest) -> None:
    """Take one token for the sender of a request.

    Raise TooMany; the answer then says when to retry (`TooManyMiddleware`).

    A signed-in person pays with their own token. Others pay for their network address and, if they have the signed
    cookie, as the visitor.
    """
    try:
        person = who(request)
        known: Any = getattr(request, "viewer", None) if person.startswith(_ADDRESS) else None
        for each in payers(person, known.visitor if known else ""):
            take(scope, each)
    except TooMany as refused:
        request.retry_after = refused.retry_after  # type: ignore[attr-defined]  # our addition to the request
        raise


def payers(who: str, visitor: str) -> list[str]:
    """Return whose tokens are taken, the smallest bucket first.

    A visitor is counted in addition to their address, so leaving out the cookie gains nothing.
    """
    return [f"visitor:{visitor}", who] if visitor and who.startswith(_ADDRESS) else [who]


def _take(key: str, cost: int, period: int) -> int:
    shared: Any = caches["limits"]
    name = shared.make_and_validate_key(key)
    if (client := redis.client(name)) is not None:
        try:
            with redis.breaker.attempt():
                return int(client.eval(_TAKE, 1, name, cost, period))  # Django's cache has no compare-and-set
        except redis.AWAY as error:
            if isinstance(error, ResponseError):
                logger.warning("Redis refuses; limits are counted in this process alone: %s", error)
            shared = _own
    now = int(time.time() * 1000)
    with _lock:
        stored = shared.get(key, 0)
        full = max(stored if stored <= now + period else now, now) + cost
        if full - now > period:
            return full - now - period
        shared.set(key, full, timeout=2 * period // 1000 + 1)
    return 0


def route_scope(request: HttpRequest) -> str:
    """Return the scope that a request takes a token of before its view; "" for none.

    settings.ROUTE_LIMITS gives the scope of a route. Every other POST takes one of "post" ("cms.post" under /cms/).
    Views with forms also take one of a narrower scope once the form is valid, and keep the input.
    """
    match = request.resolver_match
    name = match.view_name if match else ""
    if name in settings.ROUTE_LIMITS:
        method, scope = settings.ROUTE_LIMITS[name]
        if method in ("", request.method):
            return str(scope)
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return ""
    return "cms.post" if request.path.startswith("/cms/") else "post"


def who(request_or_scope: HttpRequest | Mapping[str, Any]) -> str:
    """Return who is counted: the signed-in person, else the network address (for IPv6 its /64)."""
    if isinstance(request_or_scope, HttpRequest):
        user: Any = getattr(request_or_scope, "user", None)
    else:
        user = request_or_scope.get("user")
    if user is not None and user.is_authenticated:
        return f"user:{user.pk}"
    return f"{_ADDRESS}{_network(address_of(request_or_scope))}"


def address_of(request_or_scope: HttpRequest | Mapping[str, Any]) -> str:
    """Return the client's network address, "" if unknown: the one that the outermost of our own proxies saw.

    Each of settings.PROXIES proxies appends its client's address to X-Forwarded-For. Anything before those was sent by
    the client and cannot be trusted. Without proxies it is the peer of the connection.
    """
    if isinstance(request_or_scope, HttpRequest):
        forwarded = request_or_scope.headers.get("X-Forwarded-For", "")
        address = request_or_scope.META.get("REMOTE_ADDR", "")
    else:
        named = [value for name, value in request_or_scope.get("headers", []) if name == b"x-forwarded-for"]
        forwarded = b",".join(named).decode("latin-1")
        address = (request_or_scope.get("client") or [""])[0]
    if settings.PROXIES and forwarded:
        address = forwarded.split(",")[-settings.PROXIES :][0].strip()
    return str(address)


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 6:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
