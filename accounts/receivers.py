"""What accounts does when something happens elsewhere."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.audit import record
from accounts.signals import visitor_signed_in
from accounts.visitors import COOKIE, read_token
from search.signals import curated


@receiver(user_logged_in)
def hand_over_visit(request: HttpRequest | None, user: Any, **_signal: Any) -> None:
    """Tell packages that the holder of a visitor cookie is this person; the middleware then drops the cookie."""
    token = read_token(request.COOKIES.get(COOKIE, "")) if request is not None else ""
    if token:
        visitor_signed_in.send(sender=type(user), user=user, visitor=token)
        request.visitor_signed_in = True  # type: ignore[union-attr]  # read by ViewerMiddleware


@receiver(curated)
def record_curation(by: Any, act: str, target: Any, details: dict[str, Any], **_signal: Any) -> None:
    """Write down what a curator told search."""
    record(act, by=by, target=target, **details)
