"""Anonymous visitors: a random token in a signed cookie, whose hash is an audience key."""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpResponse

COOKIE = "visitor"
AGE = 180 * 24 * 3600  # seconds
_SALT = "accounts.visitor"


def new_token() -> str:
    """A token of 192 random bits."""
    return secrets.token_urlsafe(24)


def sign(token: str) -> str:
    """The token as it travels in a cookie or a link."""
    return signing.dumps(token, salt=_SALT)


def read_token(signed: str) -> str:
    """The token in a signed value, or "" when the value is missing, altered or older than half a year."""
    try:
        return str(signing.loads(signed, salt=_SALT, max_age=AGE)) if signed else ""
    except signing.BadSignature:
        return ""


def remember(response: HttpResponse, token: str) -> None:
    """Set the visitor's cookie on a response."""
    response.set_cookie(COOKIE, sign(token), max_age=AGE, httponly=True, secure=settings.HTTPS, samesite="Lax")
