"""What the group of each role may do in Wagtail, as packages describe it."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from accounts.roles import Role, permissions_by_role
from web.descriptions import WagtailAccess
from web.packages import Package, composed, merged


@composed
def page_roots(packages: tuple[Package, ...]) -> dict[str, Callable[[], QuerySet[Any]]]:
    """The pages under which permissions hold, by the name that descriptions use."""
    return merged(package.page_roots for package in packages)


def model_permissions(role: Role) -> set[str]:
    """The model permissions of a role; "wagtailadmin.access_admin" for those with "wagtail.access"."""
    wanted = {name for access in _of(role) for name in access.model_permissions}
    return wanted | {"wagtailadmin.access_admin"} if "wagtail.access" in permissions_by_role()[role] else wanted


def page_permissions(role: Role) -> set[tuple[str, str]]:
    """The page permissions of a role: name of the root and codename."""
    return {(access.page_root, codename) for access in _of(role) for codename in access.page_permissions}


def collection_permissions(role: Role) -> set[str]:
    """The permissions of a role on the root collection."""
    return {name for access in _of(role) for name in access.collection_permissions}


def _of(role: Role) -> list[WagtailAccess]:
    return [access for access in _described() if role in access.roles]


@composed
def _described(packages: tuple[Package, ...]) -> tuple[WagtailAccess, ...]:
    return tuple(access for package in packages for access in package.wagtail_access)
