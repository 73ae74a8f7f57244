"""Roles are lists of permissions, here and nowhere else.

Permissions are strings `<package>.<act>`. Packages to the right ask `user.has_perm("kb.publish_faq")`;
accounts/backends.py answers from this file. accounts/sync.py brings Django's groups and Wagtail's page permissions
in line with it after each migrate.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


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

_CUSTOMER = {
    "community.ask",
    "community.answer",
    "community.vote",
    "community.follow",
    "chat.start",
    "moderation.flag",
    "kb.feedback",
}
_AGENT = _CUSTOMER | {"chat.answer", "chat.see_team_history", "kb.draft_faq", "kb.see_origins", "community.accept_any"}
_CURATOR = _AGENT | {
    "kb.edit_faq",
    "kb.publish_faq",
    "kb.edit_page",
    "kb.publish_page",
    "kb.see_feedback",
    "kb.widen_audience",
    "files.widen_audience",
    "search.curate",
    "community.moderate",
    "moderation.review",
    "wagtail.access",
}

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.CUSTOMER: frozenset(_CUSTOMER),
    Role.EMPLOYEE: frozenset(_CUSTOMER),
    Role.AGENT: frozenset(_AGENT),
    Role.CURATOR: frozenset(_CURATOR),
    Role.PROCESS_OWNER: frozenset(_CURATOR),
    Role.STEERING_GROUP: frozenset(_CUSTOMER),
    Role.CCO: frozenset(_CUSTOMER | {"chat.see_team_history", "kb.see_feedback", "search.curate"}),
    Role.ADMINISTRATOR: frozenset(
        _CUSTOMER
        | {
            "accounts.manage_people",
            "accounts.manage_organisations",
            "accounts.manage_system",
            "accounts.manage_teams",
            "accounts.see_audit",
            "community.manage_spaces",
            "kb.manage_site",
            "notifications.see_sent_mail",
            "search.curate",
            "wagtail.access",
        }
    ),
}
