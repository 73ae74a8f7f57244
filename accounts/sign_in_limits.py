"""Limits on wrong passwords: the error message for an account or a network address, and the time to wait."""

import math

from allauth.core.internal import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from web import clock
from web.durations import in_words
from web.forms import MustWait, must_wait

CODE = "too_many_login_attempts"
_APP, _ACTION = "allauth.account", "login_failed"


class TooManyAttempts(MustWait):
    """The password was not checked, because there were too many wrong ones."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message, retry_after, code=CODE)


def refusal(request: HttpRequest, key: str) -> TooManyAttempts | None:
    """Return the error for another attempt at the account `key` from this network address, or None if it is allowed.

    The answer does not depend on whether the account exists. Counts nothing.
    """
    waits = {"key": 0, "ip": 0}
    for rate in ratelimit.get_rates(app=_APP, action=_ACTION):
        name = ratelimit.get_cache_key(request, app=_APP, action=_ACTION, rate=rate, key=key)
        waits[rate.per] = max(waits[rate.per], _wait(ratelimit.cache.get(name, []), rate))
    if waits["key"]:
        text = _(
            "Too many wrong passwords for this address. Wait %(wait)s and try again, or have a link mailed to choose a"
            " new password."
        )
    elif waits["ip"]:
        text = _(
            "Many wrong passwords came from your network in a short time, perhaps from somebody else. We did not look"
            " at yours. Wait %(wait)s and try again."
        )
    else:
        return None
    seconds = max(waits.values())
    return TooManyAttempts(text % {"wait": in_words(seconds)}, seconds)


def _wait(history: list[float], rate: ratelimit.Rate) -> int:
    """Return the whole seconds until fewer than `rate.amount` of these moments (newest first) are within
    `rate.duration`.
    """
    if len(history) < rate.amount:
        return 0
    return max(0, math.ceil(history[rate.amount - 1] + rate.duration - clock.now()))


def with_retry_after(form: forms.BaseForm, response: HttpResponse) -> HttpResponse:
    """Return the response with status 429 and Retry-After if the form was refused after too many attempts."""
    if error := must_wait(form):
        response.status_code = 429
        response["Retry-After"] = str(error.retry_after)
    return response
