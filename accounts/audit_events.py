"""The audit events of this package, in words."""

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audiences import Person
from accounts.models import User
from accounts.roles import Role
from accounts.widening_form import counted
from web import job_states
from web.descriptions import Audit, AuditTarget, Detail

_EVENTS = {
    "accounts.added": _("Added a person"),
    "accounts.invited": _("Invited somebody"),
    "accounts.registered": _("Registered"),
    "accounts.signed_in": _("Signed in"),
    "accounts.sign_in_failed": _("Failed sign-in"),
    "accounts.signed_out": _("Signed out"),
    "accounts.password_changed": _("Changed their password"),
    "accounts.password_reset_asked": _("Asked for a new password"),
    "accounts.password_reset": _("Chose a new password by mail"),
    "accounts.email_added": _("Entered a new e-mail address"),
    "accounts.email_changed": _("Changed their e-mail address"),
    "accounts.email_confirmed": _("Confirmed an e-mail address"),
    "accounts.email_removed": _("Withdrew a new e-mail address"),
    "accounts.let_in": _("Let a person sign in again"),
    "accounts.shut_out": _("Blocked a person from signing in"),
    "accounts.profile_changed": _("Changed a profile"),
    "accounts.roles_changed": _("Changed a person's roles"),
    "accounts.memberships_changed": _("Changed a person's organisations and units"),
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
    "accounts.job_run": _("Had a job run now"),
    "accounts.audience_widened": _("Widened who may see something"),
    "accounts.audience_narrowed": _("Narrowed who may see something"),
}
_STRANGER = _("Someone not signed in")
_BY_NOBODY = dict.fromkeys(
    ("accounts.sign_in_failed", "accounts.password_reset_asked", "accounts.password_reset", "accounts.email_confirmed"),
    _STRANGER,
)


def yes_no(value: Any) -> str:
    """In words, what is true or false."""
    return gettext("yes") if value else gettext("no")


def _command_line(_value: Any) -> str:
    return gettext("the command line")


def _field(name: str) -> str:
    try:
        return str(User._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # no relation from elsewhere
    except FieldDoesNotExist:
        return name


def _role(value: str) -> Any:
    return Role(value).label if value in Role.values else value


def _job(name: str) -> Any:
    job = job_states.declared().get(name)
    return job.label if job else name


_NONE = _("none")
_DETAILS = {
    ("", "times"): Detail(label=_("number of times")),
    ("", "email"): Detail(label=_("e-mail address")),
    ("", "name"): Detail(label=_("name")),
    ("accounts.registered", "invited"): Detail(label=_("by invitation"), words=yes_no),
    ("accounts.email_changed", "before"): Detail(label=_("before")),
    ("accounts.email_changed", "now"): Detail(label=_("now")),
    ("accounts.profile_changed", "fields"): Detail(label=_("changed"), words=_field),
    ("accounts.roles_changed", "roles"): Detail(label=_("roles"), words=_role, empty=_NONE),
    ("accounts.roles_changed", "from_the"): Detail(label=_("by way of"), words=_command_line),
    ("accounts.memberships_changed", "before"): Detail(label=_("before"), keys=True, empty=_NONE),
    ("accounts.memberships_changed", "now"): Detail(label=_("now"), keys=True, empty=_NONE),
    ("accounts.teams_changed", "added"): Detail(label=_("added"), model="accounts.team"),
    ("accounts.teams_changed", "removed"): Detail(label=_("removed"), model="accounts.team"),
    ("accounts.circles_changed", "added"): Detail(label=_("added"), model="accounts.circle"),
    ("accounts.circles_changed", "removed"): Detail(label=_("removed"), model="accounts.circle"),
    ("accounts.job_run", "job"): Detail(label=_("job"), words=_job),
    ("accounts.member_added", "person"): Detail(label=_("person"), model="accounts.user"),
    ("accounts.member_removed", "person"): Detail(label=_("person"), model="accounts.user"),
}
for _act in ("accounts.audience_widened", "accounts.audience_narrowed"):
    _DETAILS |= {
        (_act, "before"): Detail(label=_("before"), audience=True),
        (_act, "after"): Detail(label=_("now"), audience=True),
        (_act, "below"): Detail(label=_("followed"), words=lambda below: ", ".join(counted(below))),
    }


def _managed(label: str, permission: str, route: str) -> AuditTarget:
    """Name rows of accounts for who manages them."""
    model = apps.get_model("accounts", label)

    def titles(viewer: Person, pks: list[int]) -> dict[int, tuple[str, str]]:
        if not viewer.user.has_perm(permission):
            return {}
        rows = model._default_manager.filter(pk__in=pks)
        return {row.pk: (str(row), reverse(route, args=_arguments(row)) if route else "") for row in rows}

    return AuditTarget(model=model._meta.label_lower, titles=titles, kind=label)


def _arguments(row: Any) -> list[int]:
    return [row.organisation_id, row.pk] if row._meta.model_name == "unit" else [row.pk]


_TARGETS = tuple(
    _managed(label, permission, route)
    for label, permission, route in (
        ("user", "accounts.manage_people", "accounts:person"),
        ("invitation", "accounts.manage_people", ""),
        ("organisation", "accounts.manage_organisations", "accounts:organisation"),
        ("unit", "accounts.manage_organisations", "accounts:unit"),
        ("team", "accounts.manage_teams", "accounts:team"),
        ("circle", "accounts.manage_teams", "accounts:circle"),
    )
)
AUDIT = Audit(events=_EVENTS, details=_DETAILS, by_nobody=_BY_NOBODY, targets=_TARGETS)
