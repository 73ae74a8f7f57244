"""Guards of views."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from accounts.roles import PERMISSIONS

MANAGING = (
    "accounts.manage_people",
    "accounts.manage_organisations",
    "accounts.manage_teams",
    "accounts.see_audit",
    "notifications.see_sent_mail",
)


def needs(permission: str) -> Callable[[Any], Any]:
    """A view for people with a permission: visitors are asked to sign in, others are refused (403)."""
    return lambda view: login_required(permission_required(permission, raise_exception=True)(view))


def can_manage(user: Any) -> bool:
    """Whether anything under Management is for this person."""
    return any(user.has_perm(permission) for permission in MANAGING)


def holding(permission: str) -> QuerySet[User]:
    """The active people with a role that gives a permission, by name."""
    roles = [role for role, allowed in PERMISSIONS.items() if permission in allowed]
    return User.objects.filter(is_active=True, role_grants__role__in=roles).order_by("name", "pk").distinct()


def signed_in(request: HttpRequest) -> User:
    """The person of a request to a view that asks people to sign in."""
    assert isinstance(request.user, User)  # noqa: S101  # what login_required made sure of
    return request.user
