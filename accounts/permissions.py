"""Guards of views."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest

from accounts.models import User

MANAGING = (
    "accounts.manage_people",
    "accounts.manage_organisations",
    "accounts.manage_teams",
    "accounts.manage_system",
    "accounts.see_audit",
    "notifications.see_sent_mail",
)


def needs(permission: str) -> Callable[[Any], Any]:
    """A view for people with a permission: visitors are asked to sign in, others are refused (403)."""
    return lambda view: login_required(permission_required(permission, raise_exception=True)(view))


def can_manage(user: Any) -> bool:
    """Whether anything under Management is for this person."""
    return any(user.has_perm(permission) for permission in MANAGING)


def signed_in(request: HttpRequest) -> User:
    """The person of a request to a view that asks people to sign in."""
    assert isinstance(request.user, User)  # noqa: S101  # what login_required made sure of
    return request.user
