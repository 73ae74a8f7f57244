"""Django's groups and Wagtail's permissions match accounts/roles.py exactly."""

import pytest
from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission

from accounts.models import RoleGrant
from accounts.registry import access, page_roots
from accounts.roles import GRANTED, PERMISSIONS, Role
from accounts.sync import group_name, sync_groups
from tests.people import People


def mirrored(role: Role) -> tuple[set[str], set[tuple[int, str]]]:
    """Return the model permissions and page permissions that the group of a role has in the database."""
    group = Group.objects.get(name=group_name(role))
    models = {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.select_related("content_type")}
    pages = GroupPagePermission.objects.filter(group=group).values_list("page_id", "permission__codename")
    return models, set(pages)


@pytest.mark.parametrize("role", GRANTED)
def test_groups_match_roles(db: None, role: Role) -> None:
    models, pages = mirrored(role)
    wanted = set(access[role].model_permissions)
    if "wagtail.access" in PERMISSIONS[role]:
        wanted.add("wagtailadmin.access_admin")
    assert models == wanted
    assert pages == {
        (page.pk, codename)
        for name, codenames in access[role].page_permissions.items()
        for page in page_roots[name]()
        for codename in codenames
    }


def test_every_registered_permission_exists(db: None) -> None:
    known = {f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")}
    for role in Role:
        assert access[role].model_permissions <= known


def test_permissions_granted_by_hand_are_removed(people: People) -> None:
    group = Group.objects.get(name=group_name(Role.AGENT))
    group.permissions.add(Permission.objects.get(codename="delete_user"))
    group.user_set.add(people.owner)
    sync_groups()
    assert mirrored(Role.AGENT)[0] == access[Role.AGENT].model_permissions
    assert people.owner not in group.user_set.all()


def test_groups_have_exactly_the_people_with_the_role(people: People) -> None:
    sync_groups()
    for role in GRANTED:
        members = set(Group.objects.get(name=group_name(role)).user_set.values_list("pk", flat=True))
        granted = RoleGrant.objects.filter(role=role, user__is_active=True)
        assert members == set(granted.values_list("user_id", flat=True))
