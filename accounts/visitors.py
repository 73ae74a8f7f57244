"""Anonymous visitors: a random token in a signed cookie. Its hash is an audience key."""

import secrets
from base64 import urlsafe_b64encode

from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.utils.crypto import salted_hmac

COOKIE = "visitor"
AGE = 180 * 24 * 3600  # seconds
_SALT = "accounts.visitor"


def new_token(rendering: str = "") -> str:
    """Return a token of 192 random bits, the same one for each `rendering` of a form (`web.once.rendering`).

    So a visitor who sends a form twice counts as one, even if neither request had the cookie yet.
    """
    if not rendering:
        return secrets.token_urlsafe(24)
    return urlsafe_b64encode(salted_hmac(_SALT, rendering, algorithm="sha256").digest()[:24]).decode()


def sign(token: str) -> str:
    """Return the token signed, for a cookie or a link."""
    return signing.dumps(token, salt=_SALT)


def read_token(signed: str) -> str:
    """Return the token in a signed value, or "" if the value is missing, altered or older than half a year."""
    try:
        return str(signing.loads(signed, salt=_SALT, max_age=AGE)) if signed else ""
    except signing.BadSignature:
        return ""


def remember(response: HttpResponse, token: str) -> None:
    """Set the visitor's cookie on a response."""
    response.set_cookie(COOKIE, sign(token), max_age=AGE, httponly=True, secure=settings.HTTPS, samesite="Lax")
