"""The one refusal of actions, and permission checks for views."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User

MANAGING = (
    "accounts.manage_people",
    "accounts.manage_organisations",
    "accounts.manage_teams",
    "accounts.see_audit",
    "notifications.see_sent_mail",
)


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless `allowed`, the answer of a `can_…(person, row)`. Every action refuses with it."""
    if not allowed:
        raise PermissionDenied


def needs(permission: str) -> Callable[[Any], Any]:
    """Return a view decorator that requires a permission: visitors are sent to sign in, others get 403."""
    return lambda view: login_required(permission_required(permission, raise_exception=True)(view))


def can_manage(user: Any) -> bool:
    """Return True if this person may open any page under Management."""
    return any(user.has_perm(permission) for permission in MANAGING)


def signed_in(request: HttpRequest) -> User:
    """Return the user of a request to a view that requires signing in."""
    assert isinstance(request.user, User)  # noqa: S101  # what login_required made sure of
    return request.user
