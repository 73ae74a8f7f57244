"""The searcher's pseudonym in the query log: a hash with a daily salt that is never stored in the database."""

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
from web.ttl_cache import TTLCache

COOKIE = "search_log"
OFF = "off"


def now() -> datetime:
    """Return the time in the installation's own time zone, so that days of the log are the same for everybody."""
    return timezone.localtime(timezone.now(), timezone.get_default_timezone())


def save_choice(*, by: Person, counted: bool) -> bool:
    """Store somebody's choice with their account. Return False if they have none: then a cookie must store it."""
    if not by.user.is_authenticated:
        return False
    count_searches(by=by, counted=counted)
    return True


def refused_by_person(request: HttpRequest) -> bool:
    """Return True if this person chose not to have their searches counted, on this device or for their account.

    No query: the choice is a field of the user.
    """
    if request.COOKIES.get(COOKIE) == OFF:
        return True
    user: Any = getattr(request, "user", None)
    return user is not None and user.is_authenticated and not user.searches_counted


def opted_out(request: HttpRequest) -> bool:
    """Return True if searches must not be counted, by the person's choice or their browser's privacy signal."""
    return request.headers.get("Sec-GPC") == "1" or request.headers.get("DNT") == "1" or refused_by_person(request)


def salt() -> bytes:
    """Return today's salt. All processes share it through the cache, which drops it at the end of the day."""
    day, value = _salt_of_day()
    if day != now().date():
        _salt_of_day.clear()
        day, value = _salt_of_day()
    return value


def _read_salt() -> tuple[date, bytes]:
    moment = now()
    day = moment.date()
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), moment.tzinfo)
    left = max(int((midnight - moment).total_seconds()), 1)
    shared = str(cache.get_or_set(f"search:salt:{day}", lambda: secrets.token_hex(32), left))
    return day, bytes.fromhex(shared)


_salt_of_day = TTLCache(_read_salt, 24 * 3600.0)


def forget_salt() -> None:
    """Let this process forget the salt. For tests."""
    _salt_of_day.clear()


def key(request: HttpRequest) -> str:
    """Return the pseudonym of the searcher, which is valid for today only."""
    return blake2b(_who(request).encode(), key=salt(), digest_size=8).hexdigest()


def _who(request: HttpRequest) -> str:
    user: Any = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user:{user.pk}"
    return f"address:{address_of(request)} {request.headers.get('User-Agent', '')}"
