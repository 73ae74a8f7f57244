"""Django's groups and Wagtail's permissions match the packages' descriptions exactly."""

import pytest
from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission

from accounts import wagtail_access
from accounts.models import RoleGrant
from accounts.roles import GRANTED, Role, permissions_by_role
from accounts.sync import group_name, sync_groups
from tests.people import People
from web.packages import packages


def mirrored(role: Role) -> tuple[set[str], set[tuple[int, str]]]:
    """Return the model permissions and page permissions that the group of a role has in the database."""
    group = Group.objects.get(name=group_name(role))
    models = {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.select_related("content_type")}
    pages = GroupPagePermission.objects.filter(group=group).values_list("page_id", "permission__codename")
    return models, set(pages)


@pytest.mark.parametrize("role", GRANTED)
def test_groups_match_roles(db: None, role: Role) -> None:
    models, pages = mirrored(role)
    described = [access for package in packages() for access in package.wagtail_access if role in access.roles]
    wanted = {name for access in described for name in access.model_permissions}
    if "wagtail.access" in permissions_by_role()[role]:
        wanted.add("wagtailadmin.access_admin")
    assert models == wanted
    assert pages == {
        (page.pk, codename)
        for access in described
        for page in (wagtail_access.page_roots()[access.page_root]() if access.page_root else ())
        for codename in access.page_permissions
    }


def test_every_registered_permission_exists(db: None) -> None:
    known = {f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")}
    for role in Role:
        assert wagtail_access.model_permissions(role) <= known


def test_permissions_granted_by_hand_are_removed(people: People) -> None:
    group = Group.objects.get(name=group_name(Role.AGENT))
    group.permissions.add(Permission.objects.get(codename="delete_user"))
    group.user_set.add(people.owner)
    sync_groups()
    assert mirrored(Role.AGENT)[0] == wagtail_access.model_permissions(Role.AGENT)
    assert people.owner not in group.user_set.all()


def test_groups_have_exactly_the_people_with_the_role(people: People) -> None:
    sync_groups()
    for role in GRANTED:
        members = set(Group.objects.get(name=group_name(role)).user_set.values_list("pk", flat=True))
        granted = RoleGrant.objects.filter(role=role, user__is_active=True)
        assert members == set(granted.values_list("user_id", flat=True))
