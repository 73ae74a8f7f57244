"""Authentication backend: permissions from roles."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from accounts.roles import Role, permissions_by_role


def roles_of(user: Any) -> frozenset[Role]:
    """Return the roles that a person has now. One query, cached on the instance."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if not hasattr(user, "_roles"):
        granted = {Role(role) for role in user.role_grants.values_list("role", flat=True)}
        user._roles = frozenset(granted | {Role.CUSTOMER})
    return user._roles


def people_with(*permissions: str) -> "QuerySet[Any]":
    """Return the active people with a granted role that lists one of these permissions."""
    from accounts.models import User

    roles = [role for role, listed in permissions_by_role().items() if not listed.isdisjoint(permissions)]
    return User.objects.filter(is_active=True, role_grants__role__in=roles).distinct()


def allow_password_check(request: Any) -> None:
    """Let the next `authenticate()` of this request look at a password; the adapter calls it once it has counted."""
    request.password_check_allowed = True


class RoleBackend(ModelBackend):
    """Answer `has_perm` for our own permission strings; Django's own come from the synchronised groups.

    The first in AUTHENTICATION_BACKENDS: it stops every sign-in that does not go through accounts.adapter, where
    attempts are limited and addresses must be confirmed. So a sign-in form of another library signs in nobody.
    """

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> None:
        """Leave the password to allauth, or raise PermissionDenied (then Django asks no other backend)."""
        if not getattr(request, "password_check_allowed", False):
            raise PermissionDenied
        request.password_check_allowed = False

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Return True if one of the person's roles lists the permission.

        Permissions on rows are in `permissions.py`.
        """
        if isinstance(user_obj, AnonymousUser) or not user_obj.is_active:
            return False
        listed = permissions_by_role()
        if any(perm in listed[role] for role in roles_of(user_obj)):
            return True
        return super().has_perm(user_obj, perm, obj)
