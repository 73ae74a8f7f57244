"""Who searches, as far as the log may know: a hash under a salt of the day that is never written to the database."""

import secrets
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from accounts.actions import count_searches
from accounts.audiences import Person
from web.limits import address_of

COOKIE = "search_log"
OFF = "off"
_salts: dict[date, bytes] = {}  # of today only


def now() -> datetime:
    """The moment in the installation's own time zone: days and hours of the log are the same for everybody."""
    return timezone.localtime(timezone.now(), timezone.get_default_timezone())


def choose(user: Any, *, counted: bool) -> bool:
    """Keep somebody's choice with their account; False when they have none, so that the device has to remember it."""
    if not user.is_authenticated:
        return False
    count_searches(by=Person(user), counted=counted)
    return True


def refused(request: HttpRequest) -> bool:
    """True if this person chose that their searches are not counted, on this device or with their account. No query:
    the choice comes with the person."""
    if request.COOKIES.get(COOKIE) == OFF:
        return True
    user: Any = getattr(request, "user", None)
    return user is not None and user.is_authenticated and not user.searches_counted


def opted_out(request: HttpRequest) -> bool:
    """Whether searches are not to be counted: the person's own choice, or what their browser asks of all."""
    return request.headers.get("Sec-GPC") == "1" or request.headers.get("DNT") == "1" or refused(request)


def salt(moment: datetime) -> bytes:
    """The salt of that day, shared by all processes through the cache, which forgets it when the day is over."""
    day = moment.date()
    if day not in _salts:
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), moment.tzinfo)
        left = max(int((midnight - moment).total_seconds()), 1)
        shared = str(cache.get_or_set(f"search:salt:{day}", lambda: secrets.token_hex(32), left))
        _salts.clear()
        _salts[day] = bytes.fromhex(shared)
    return _salts[day]


def forget_salt() -> None:
    """Let this process forget the salt (tests)."""
    _salts.clear()


def key(request: HttpRequest, moment: datetime) -> str:
    """The pseudonym of whoever asks, on that day only."""
    return blake2b(_who(request).encode(), key=salt(moment), digest_size=8).hexdigest()


def _who(request: HttpRequest) -> str:
    user: Any = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user:{user.pk}"
    return f"address:{address_of(request)} {request.headers.get('User-Agent', '')}"
