"""Signal receivers of accounts."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.signals import person_gone, visitor_signed_in
from accounts.visitors import COOKIE, read_token


@receiver(user_logged_in)
def send_visitor_signed_in(request: HttpRequest | None, user: Any, **_signal: Any) -> None:
    """Send `visitor_signed_in` for the holder of a visitor cookie. The middleware then deletes the cookie."""
    token = read_token(request.COOKIES.get(COOKIE, "")) if request is not None else ""
    if token:
        visitor_signed_in.send(sender=type(user), user=user, visitor=token)
        request.visitor_signed_in = True  # type: ignore[union-attr]  # read by ViewerMiddleware


@receiver(pre_delete, sender=User)
def send_person_gone(instance: User, **_signal: Any) -> None:
    """Send `person_gone` for a deleted person, whoever deletes them."""
    person_gone.send(sender=User, person=instance)
