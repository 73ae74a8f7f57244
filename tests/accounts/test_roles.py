"""What packages describe adds up to the roles, and code asks for nothing else."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission

from accounts.roles import Role, permissions_by_role
from tests.described import described
from web.packages import packages

ROOT = Path(settings.BASE_DIR)
ASKED = re.compile(
    r"""has_perm\(\s*"(\w+\.\w+)"|people_with\(\s*"(\w+\.\w+)"|\bperms\.(\w+\.\w+)|\bpermission(?:_required)?=\s*"(\w+\.\w+)\""""
    r"""|@needs\("(\w+\.\w+)"\)"""
)


def asked() -> set[str]:
    """The permissions that modules and templates name when they ask."""
    ours = [path for package in packages() for path in (ROOT / package.name).rglob("*.py")]
    texts = [path.read_text() for path in [*ours, *(ROOT / "templates").rglob("*.html")]]
    return {next(filter(None, match)) for text in texts for match in ASKED.findall(text)}


def test_what_code_asks_for_is_described(db: None) -> None:
    known = {name for package in packages() for name in package.permissions}
    wagtail = {f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")}
    assert len(asked()) > 15, "questions are no longer read"
    assert asked() - known - wagtail == set()


def test_roles_contain_each_other() -> None:
    of = permissions_by_role()
    assert of[Role.EMPLOYEE] == of[Role.CUSTOMER] == of[Role.STEERING_GROUP]
    assert all(of[Role.CUSTOMER] <= of[role] for role in Role)
    assert of[Role.CUSTOMER] < of[Role.AGENT] < of[Role.CURATOR] == of[Role.PROCESS_OWNER]
    assert of[Role.CCO] - of[Role.CUSTOMER] == {"chat.see_team_history", "kb.see_feedback", "search.curate"}
    assert of[Role.ADMINISTRATOR] - of[Role.CUSTOMER] == {
        "accounts.manage_people",
        "accounts.manage_system",
        "accounts.manage_organisations",
        "accounts.manage_teams",
        "accounts.see_audit",
        "community.manage_spaces",
        "kb.manage_site",
        "notifications.see_sent_mail",
        "search.curate",
        "wagtail.access",
    }


def test_a_description_names_roles_that_exist_and_permissions_of_its_own() -> None:
    with described(permissions={"test.act": ("nobody",)}), pytest.raises(ValueError, match="nobody"):
        permissions_by_role()
    with described(permissions={"kb.feedback": (Role.CUSTOMER,)}), pytest.raises(ValueError, match="two packages"):
        permissions_by_role()
