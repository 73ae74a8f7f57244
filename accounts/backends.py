"""Permissions from roles."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.roles import PERMISSIONS, Role


def roles_of(user: Any) -> frozenset[Role]:
    """The roles a person has now; one query, remembered on the instance."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if not hasattr(user, "_roles"):
        granted = {Role(role) for role in user.role_grants.values_list("role", flat=True)}
        user._roles = frozenset(granted | {Role.CUSTOMER})
    return user._roles


def people_with(permission: str) -> "QuerySet[Any]":
    """The active people one of whose granted roles lists a permission."""
    from accounts.models import User

    roles = [role for role, permissions in PERMISSIONS.items() if permission in permissions]
    return User.objects.filter(is_active=True, role_grants__role__in=roles).distinct()


class RoleBackend(ModelBackend):
    """Answers `has_perm` for our own permission strings; Django's own come from the synchronised groups."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> None:
        """Signing in is allauth's work."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether one of the person's roles lists the permission. Rows are judged by `permissions.py`, not here."""
        if isinstance(user_obj, AnonymousUser) or not user_obj.is_active:
            return False
        if any(perm in PERMISSIONS[role] for role in roles_of(user_obj)):
            return True
        return super().has_perm(user_obj, perm, obj)
