"""What the record of acts calls what is done here."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "accounts.added": _("Added a person"),
    "accounts.invited": _("Invited somebody"),
    "accounts.registered": _("Registered"),
    "accounts.let_in": _("Let a person in again"),
    "accounts.shut_out": _("Shut a person out"),
    "accounts.profile_changed": _("Changed a profile"),
    "accounts.roles_changed": _("Changed a person's roles"),
    "accounts.memberships_changed": _("Changed where a person belongs"),
    "accounts.teams_changed": _("Changed a person's teams"),
    "accounts.circles_changed": _("Changed a person's circles"),
    "accounts.member_added": _("Added a member"),
    "accounts.member_removed": _("Removed a member"),
    "accounts.organisation_created": _("Added an organisation"),
    "accounts.organisation_changed": _("Changed an organisation"),
    "accounts.unit_created": _("Added a unit"),
    "accounts.unit_changed": _("Changed a unit"),
    "accounts.unit_deleted": _("Removed a unit"),
    "accounts.team_created": _("Added a team"),
    "accounts.team_changed": _("Changed a team"),
    "accounts.circle_created": _("Added a circle"),
    "accounts.circle_changed": _("Changed a circle"),
    "accounts.audience_widened": _("Widened who may see something"),
    "accounts.audience_narrowed": _("Narrowed who may see something"),
}
