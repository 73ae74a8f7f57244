"""Actions on organisations, their units, teams and circles."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.audiences import Person
from accounts.audit import record
from accounts.models import Circle, CircleMembership, Organisation, Team, TeamMembership, Unit, User
from accounts.permissions import can_manage_organisations, can_manage_teams, require


def free_slug(model: type[models.Model], name: str) -> str:
    """Return a slug that no row of `model` has yet."""
    stem = slugify(name)[:70] or model._meta.model_name or "x"
    slug, number = stem, 2
    while model._default_manager.filter(slug=slug).exists():
        slug, number = f"{stem}-{number}", number + 1
    return slug


def _save(by: Person, row: Any) -> None:
    created = row.pk is None
    if created:
        row.slug = free_slug(type(row), row.name)
    row.save()
    act = "created" if created else "changed"
    record(f"accounts.{row._meta.model_name}_{act}", by=by.account, target=row, name=row.name)


@transaction.atomic
def save_organisation(*, by: Person, organisation: Organisation) -> None:
    """Save a new or changed organisation. Its kind never changes, because existing audiences depend on it."""
    require(can_manage_organisations(by))
    if organisation.pk:
        organisation.kind = Organisation.objects.get(pk=organisation.pk).kind
    _save(by, organisation)


@transaction.atomic
def add_unit(*, by: Person, organisation: Organisation, parent: Unit | None, name: str, name_en: str = "") -> Unit:
    """Add a unit below another one of the same organisation, or at its top.

    Raise ValueError for a parent in another organisation. Units cannot move later, because existing audiences depend on
    their place.
    """
    require(can_manage_organisations(by))
    if parent is not None and parent.organisation_id != organisation.pk:
        raise ValueError(f"{parent} is not part of {organisation}")
    values = {"organisation": organisation, "name": name, "name_en": name_en, "slug": free_slug(Unit, name)}
    # Read the parent again: treebeard counts children on the instance.
    unit: Unit = Unit.objects.get(pk=parent.pk).add_child(**values) if parent else Unit.add_root(**values)
    record("accounts.unit_created", by=by.account, target=unit, name=name)
    return unit


@transaction.atomic
def rename_unit(*, by: Person, unit: Unit, name: str, name_en: str = "") -> None:
    """Rename a unit."""
    require(can_manage_organisations(by))
    unit.name, unit.name_en = name, name_en
    unit.save(update_fields=["name", "name_en"])
    record("accounts.unit_changed", by=by.account, target=unit, name=name)


@transaction.atomic
def delete_unit(*, by: Person, unit: Unit) -> None:
    """Delete a unit. Raise ValidationError if it has people or units below it."""
    require(can_manage_organisations(by))
    unit = Unit.objects.get(pk=unit.pk)
    if unit.numchild or unit.memberships.exists():
        raise ValidationError(_("There are still people or units in it. Move them first."))
    record("accounts.unit_deleted", by=by.account, target=unit, name=unit.name)
    unit.delete()


@transaction.atomic
def save_team(*, by: Person, team: Team) -> None:
    """Save a new or changed team."""
    require(can_manage_teams(by))
    _save(by, team)


@transaction.atomic
def save_circle(*, by: Person, circle: Circle) -> None:
    """Save a new or changed circle."""
    require(can_manage_teams(by))
    _save(by, circle)


@transaction.atomic
def add_member(*, by: Person, group: Team | Circle, person: User) -> None:
    """Add somebody to a team or circle. Safe to repeat."""
    require(can_manage_teams(by))
    _row, created = _through(group).get_or_create(user=person)
    if created:
        record("accounts.member_added", by=by.account, target=group, person=person.pk)


@transaction.atomic
def remove_member(*, by: Person, group: Team | Circle, person: User) -> None:
    """Remove somebody from a team or circle. Safe to repeat."""
    require(can_manage_teams(by))
    deleted, _by_model = _through(group).filter(user=person).delete()
    if deleted:
        record("accounts.member_removed", by=by.account, target=group, person=person.pk)


def _through(group: Team | Circle) -> Any:
    rows: models.Manager[TeamMembership] | models.Manager[CircleMembership] = group.memberships
    return rows
