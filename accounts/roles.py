"""The roles. Each package describes its permissions and the roles that have them (`package.py`).

Permissions are strings `<package>.<act>`. Packages to the right ask `user.has_perm("kb.publish_faq")`;
accounts/backends.py answers from the descriptions. accounts/sync.py brings Django's groups and Wagtail's page
permissions in line with them after each migrate.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from web.packages import Package, composed, merged


class Role(models.TextChoices):
    """What somebody does here. Customer and employee follow from memberships; the others are granted."""

    CUSTOMER = "customer", _("customer")
    EMPLOYEE = "employee", _("employee")
    AGENT = "agent", _("agent")
    CURATOR = "curator", _("curator")
    PROCESS_OWNER = "process_owner", _("process owner")
    STEERING_GROUP = "steering_group", _("steering group")
    CCO = "cco", _("chief customer officer")
    ADMINISTRATOR = "administrator", _("administrator")


GRANTED = [
    Role.AGENT,
    Role.CURATOR,
    Role.PROCESS_OWNER,
    Role.STEERING_GROUP,
    Role.CCO,
    Role.ADMINISTRATOR,
]

# Who gets a permission, for the descriptions of packages.
EVERYBODY = tuple(Role)
CURATORS = (Role.CURATOR, Role.PROCESS_OWNER)
AGENTS = (Role.AGENT, *CURATORS)


@composed
def permissions_by_role(packages: tuple[Package, ...]) -> dict[Role, frozenset[str]]:
    """The permissions of each role. Raises ValueError for a role or permission that is described wrongly."""
    roles = merged(package.permissions for package in packages)
    if unknown := {role for names in roles.values() for role in names} - set(Role.values):
        raise ValueError(f"no such roles: {sorted(unknown)}")
    return {role: frozenset(name for name, names in roles.items() if role in names) for role in Role}
