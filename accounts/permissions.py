"""Who may manage what, how actions refuse, and which views need a permission."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied

from accounts.audiences import Person
from web import menus


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless `allowed`, the answer of a `can_…(person, row)`. Every action refuses with it."""
    if not allowed:
        raise PermissionDenied


def needs(permission: str) -> Callable[[Any], Any]:
    """Return a view decorator that requires a permission: visitors are sent to sign in, others get 403."""
    return lambda view: login_required(permission_required(permission, raise_exception=True)(view))


def can_manage(person: Person) -> bool:
    """Open any page under Management."""
    return any(person.has_perm(permission) for permission in menus.permissions_of("management"))


def can_manage_people(person: Person) -> bool:
    """Add, invite and change people, and say what they belong to."""
    return person.has_perm("accounts.manage_people")


def can_manage_organisations(person: Person) -> bool:
    """Change organisations and their units."""
    return person.has_perm("accounts.manage_organisations")


def can_manage_teams(person: Person) -> bool:
    """Change teams and circles, and who belongs to them."""
    return person.has_perm("accounts.manage_teams")


def can_manage_system(person: Person) -> bool:
    """See how jobs and processes fare, and have a job run."""
    return person.has_perm("accounts.manage_system")
