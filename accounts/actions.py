"""Actions on people: add, invite, change, and set what they belong to."""

from collections.abc import Iterable, Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.audiences import Person
from accounts.audit import record
from accounts.models import (
    Circle,
    CircleMembership,
    Invitation,
    Membership,
    Organisation,
    RoleGrant,
    Team,
    TeamMembership,
    Unit,
    User,
)
from accounts.models.person import hashed, invitation_token
from accounts.permissions import can_manage_people, can_manage_system, require
from accounts.roles import GRANTED, Role
from accounts.signals import person_gone
from accounts.sync import sync_members
from accounts.tokens import WELCOME_VALID, make_welcome
from web import job_states
from web.mailboxes import normal

PERSON_FIELDS = ("name", "job_title", "language", "time_zone")


@transaction.atomic
def add_person(*, by: Person, email: str, name: str, language: str) -> User:
    """Create a person and mail them a link to choose a password.

    The address counts as verified: an administrator vouches for it.
    """
    require(can_manage_people(by))
    person = User.objects.create_user(email, name=name, language=language)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    record("accounts.added", by=by.account, target=person)
    link = {"signed": make_welcome(person)}
    _mail(
        person.email, language, "added", "accounts:welcome", link, person=person, days=WELCOME_VALID.days, by=by.account
    )
    return person


@transaction.atomic
def invite(
    *, by: Person, email: str, language: str, organisation: Organisation | None = None, unit: Unit | None = None
) -> Invitation:
    """Mail a registration link.

    A new invitation to the same address replaces the earlier one. Raise ValidationError.
    """
    require(can_manage_people(by))
    email = normal(email)
    Invitation.objects.filter(email__iexact=email, accepted=None).delete()
    token = invitation_token()
    invitation = Invitation.objects.create(
        email=email, organisation=organisation, unit=unit, token_hash=hashed(token), invited_by=by.account
    )
    record("accounts.invited", by=by.account, target=invitation, email=invitation.email)
    _mail(invitation.email, language, "invited", "accounts:invited", {"token": token}, by=by.account)
    return invitation


def _mail(to: str, language: str, template: str, name: str, kwargs: dict[str, str], **context: Any) -> None:
    """Send a plain-text mail in `language` with a link to the URL `name`.

    EMAIL_BACKEND queues it; it leaves on commit.
    """
    with translation.override(language):
        context |= {"url": settings.BASE_URL + reverse(name, kwargs=kwargs), "site_name": settings.WAGTAIL_SITE_NAME}
        text = render_to_string(f"accounts/mail/{template}.txt", context)
    subject, _newline, body = text.strip().partition("\n")
    EmailMessage(subject.strip(), body.strip() + "\n", to=[to]).send()


@transaction.atomic
def change_profile(*, by: Person, person: User, **fields: Any) -> None:
    """Change PERSON_FIELDS of yourself, or of anybody with the permission to manage people."""
    if by.account.pk != person.pk:
        require(can_manage_people(by))
    before = User.objects.get(pk=person.pk)
    changed = {key: value for key, value in fields.items() if key in PERSON_FIELDS and getattr(before, key) != value}
    for key, value in changed.items():
        setattr(person, key, value)
    if changed:
        person.save(update_fields=list(changed))
        record("accounts.profile_changed", by=by.account, target=person, fields=sorted(changed))


@transaction.atomic
def count_searches(*, by: Person, counted: bool) -> None:
    """Set whether searches by `by` are counted, on all devices."""
    if User.objects.filter(pk=by.account.pk).exclude(searches_counted=counted).update(searches_counted=counted):
        record("accounts.profile_changed", by=by.account, target=by.account, fields=["searches_counted"])
    by.account.searches_counted = counted


@transaction.atomic
def set_active(*, by: Person, person: User, active: bool) -> None:
    """Allow or forbid somebody to sign in. Forbidding ends their sessions.

    Raise ValidationError for the last administrator and for yourself.
    """
    require(can_manage_people(by))
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.is_active == active:
        return
    if not active:
        if by.account.pk == person.pk:
            raise ValidationError(_("You cannot block yourself from signing in. Ask another administrator."))
        _check_administrators_without(person)
        _end_sessions(person)
        person_gone.send(sender=User, person=person)
    person.is_active = active
    person.save(update_fields=["is_active"])
    for role in person.role_grants.values_list("role", flat=True):
        sync_members(Role(role))
    record("accounts.let_in" if active else "accounts.shut_out", by=by.account, target=person)


@transaction.atomic
def set_roles(*, by: Person, person: User, roles: Iterable[str]) -> None:
    """Give somebody exactly these roles.

    Raise ValidationError if no administrator would be left, or if you would lose your own administrator role.
    """
    require(can_manage_people(by))
    wanted = {Role(role) for role in roles} & set(GRANTED)
    current = {Role(role) for role in person.role_grants.values_list("role", flat=True)}
    if Role.ADMINISTRATOR in current - wanted:
        if by.account.pk == person.pk:
            raise ValidationError(_("You cannot remove your own administrator role. Ask another administrator."))
        _check_administrators_without(person)
    person.role_grants.filter(role__in=current - wanted).delete()
    RoleGrant.objects.bulk_create(RoleGrant(user=person, role=role) for role in wanted - current)
    for role in wanted ^ current:
        sync_members(role)
    if wanted != current:
        record("accounts.roles_changed", by=by.account, target=person, roles=sorted(wanted))


def _check_administrators_without(person: User) -> None:
    # Lock the grants of all administrators: otherwise two of them could remove each other's role at the same time.
    list(RoleGrant.objects.select_for_update().filter(role=Role.ADMINISTRATOR).order_by("pk"))
    grants = RoleGrant.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True)
    if grants.filter(user=person).exists() and not grants.exclude(user=person).exists():
        raise ValidationError(_("This is the last administrator. Make somebody else administrator first."))


def _end_sessions(person: User) -> None:
    """Delete all sessions of a person.

    A session names its person only in its encoded data, so this reads all live sessions. It happens rarely.
    """
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()


@transaction.atomic
def set_memberships(*, by: Person, person: User, memberships: Mapping[Organisation, Unit | None]) -> None:
    """Set the organisations that somebody belongs to, each with one of its units or None.

    Raise ValueError for a unit of another organisation.
    """
    require(can_manage_people(by))
    for organisation, unit in memberships.items():
        if unit is not None and unit.organisation_id != organisation.pk:
            raise ValueError(f"{unit} is not part of {organisation}")
    before = {m.organisation_id: m.unit_id for m in person.memberships.all()}
    wanted = {organisation.pk: unit.pk if unit else None for organisation, unit in memberships.items()}
    if before == wanted:
        return
    person.memberships.exclude(organisation__in=wanted).delete()
    for organisation_id, unit_id in wanted.items():
        Membership.objects.update_or_create(user=person, organisation_id=organisation_id, defaults={"unit_id": unit_id})
    record("accounts.memberships_changed", by=by.account, target=person, before=_texts(before), now=_texts(wanted))


def _texts(memberships: Mapping[int, int | None]) -> list[str]:
    return [f"organisation:{o}" + (f" unit:{u}" if u else "") for o, u in sorted(memberships.items())]


@transaction.atomic
def run_job(*, by: Person, name: str) -> None:
    """Have a job of web.jobs run as soon as possible, whatever its schedule says."""
    require(can_manage_system(by))
    job_states.run_now(name)
    record("accounts.job_run", by=by.account, job=name)


@transaction.atomic
def set_teams(*, by: Person, person: User, teams: Iterable[Team]) -> None:
    """Set the teams that somebody is a member of."""
    require(can_manage_people(by))
    _replace(by, person, TeamMembership, "team", {team.pk for team in teams}, "accounts.teams_changed")


@transaction.atomic
def set_circles(*, by: Person, person: User, circles: Iterable[Circle]) -> None:
    """Set the circles that somebody is a member of."""
    require(can_manage_people(by))
    _replace(by, person, CircleMembership, "circle", {circle.pk for circle in circles}, "accounts.circles_changed")


def _replace(by: Person, person: User, through: Any, field: str, wanted: set[int], event: str) -> None:
    rows = through.objects.filter(user=person)
    before = set(rows.values_list(f"{field}_id", flat=True))
    if before == wanted:
        return
    rows.exclude(**{f"{field}__in": wanted}).delete()
    through.objects.bulk_create(through(user=person, **{f"{field}_id": pk}) for pk in wanted - before)
    record(event, by=by.account, target=person, added=sorted(wanted - before), removed=sorted(before - wanted))
