"""Synchronise Django's groups and Wagtail's permissions with the packages' descriptions. Nothing is granted by hand."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

from accounts import wagtail_access
from accounts.roles import GRANTED, Role


def group_name(role: Role) -> str:
    """Return the name of the group for a role."""
    return f"role:{role.value}"


@transaction.atomic
def sync_groups(**_signal: Any) -> None:
    """Create the groups, set exactly the permissions that roles and packages define, and fill them. Safe to repeat."""
    for role in GRANTED:
        group, _created = Group.objects.get_or_create(name=group_name(role))
        group.permissions.set(_permissions(wagtail_access.model_permissions(role)))
        _sync_pages(group, role)
        _sync_collections(group, role)
        sync_members(role)


def sync_members(role: Role) -> None:
    """Make the members of the group exactly the people with the role."""
    from accounts.models import User

    group = Group.objects.filter(name=group_name(role)).first()
    if group:
        group.user_set.set(User.objects.filter(role_grants__role=role, is_active=True))


def _permissions(names: set[str]) -> list[Permission]:
    found: list[Permission] = []
    for name in names:
        app_label, _dot, codename = name.partition(".")
        found += Permission.objects.filter(content_type__app_label=app_label, codename=codename)
    return found


def _sync_pages(group: Group, role: Role) -> None:
    roots = wagtail_access.page_roots()
    wanted = {
        (page.pk, permission.pk)
        for name, codename in wagtail_access.page_permissions(role)
        for page in roots[name]()
        for permission in Permission.objects.filter(content_type__app_label="wagtailcore", codename=codename)
    }
    existing = {(g.page_id, g.permission_id): g for g in GroupPagePermission.objects.filter(group=group)}
    for key in existing.keys() - wanted:
        existing[key].delete()
    for page_id, permission_id in wanted - existing.keys():
        GroupPagePermission.objects.create(group=group, page_id=page_id, permission_id=permission_id)


def _sync_collections(group: Group, role: Role) -> None:
    root = Collection.get_first_root_node()
    wanted = {p.pk for p in _permissions(wagtail_access.collection_permissions(role))} if root else set()
    existing = {g.permission_id: g for g in GroupCollectionPermission.objects.filter(group=group)}
    for permission_id in existing.keys() - wanted:
        existing[permission_id].delete()
    for permission_id in wanted - existing.keys():
        GroupCollectionPermission.objects.create(group=group, collection=root, permission_id=permission_id)
