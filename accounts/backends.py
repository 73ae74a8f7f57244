"""Permissions from roles."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from accounts.roles import Role, permissions_by_role


def roles_of(user: Any) -> frozenset[Role]:
    """The roles a person has now; one query, remembered on the instance."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if not hasattr(user, "_roles"):
        granted = {Role(role) for role in user.role_grants.values_list("role", flat=True)}
        user._roles = frozenset(granted | {Role.CUSTOMER})
    return user._roles


def people_with(*permissions: str) -> "QuerySet[Any]":
    """The active people one of whose granted roles lists one of these permissions."""
    from accounts.models import User

    roles = [role for role, listed in permissions_by_role().items() if not listed.isdisjoint(permissions)]
    return User.objects.filter(is_active=True, role_grants__role__in=roles).distinct()


def open_door(request: Any) -> None:
    """Let the next `authenticate()` of this request look at a password; the adapter calls it once it has counted."""
    request.door_open = True


class RoleBackend(ModelBackend):
    """Answers `has_perm` for our own permission strings; Django's own come from the synchronised groups.

    The first in AUTHENTICATION_BACKENDS: it stops every sign-in that did not come through accounts.adapter, where
    attempts are limited and addresses must be confirmed. A form that some library brings along signs in nobody.
    """

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> None:
        """Leave the password to allauth, or raise PermissionDenied (Django asks no other backend then)."""
        if not getattr(request, "door_open", False):
            raise PermissionDenied
        request.door_open = False

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether one of the person's roles lists the permission. Rows are judged by `permissions.py`, not here."""
        if isinstance(user_obj, AnonymousUser) or not user_obj.is_active:
            return False
        listed = permissions_by_role()
        if any(perm in listed[role] for role in roles_of(user_obj)):
            return True
        return super().has_perm(user_obj, perm, obj)
