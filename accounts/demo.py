"""Load the people of the demo from demo/people.yaml (format: demo/README.md)."""

from pathlib import Path
from typing import Any

import yaml
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from accounts.models import (
    Circle,
    CircleMembership,
    Membership,
    Organisation,
    RoleGrant,
    Team,
    TeamMembership,
    Unit,
    User,
)
from accounts.roles import GRANTED
from accounts.sync import sync_members


@transaction.atomic
def load(root: Path, password: str) -> None:
    """Create the missing organisations, units, teams, circles and people. Existing ones are not changed.

    All demo people sign in with `password`, even if an earlier load used another one.
    """
    data = _read(root)
    for row in data["organisations"]:
        organisation, _created = Organisation.objects.get_or_create(
            slug=row["slug"], defaults={"kind": row["kind"], **_names(row)}
        )
        _load_units(organisation, None, row["units"])
    ssc = Organisation.objects.get(slug=next(o["slug"] for o in data["organisations"] if o["kind"] == "ssc"))
    for row in data["teams"]:
        _load_team(row, ssc)
    people = _load_people(data["people"], password)
    for row in data["circles"]:
        circle, _created = Circle.objects.get_or_create(slug=row["slug"], defaults=_names(row))
        for slug in row["members"]:
            CircleMembership.objects.get_or_create(circle=circle, user=people[slug])
    for role in GRANTED:
        sync_members(role)


def showcase(root: Path) -> list[tuple[str, str]]:
    """Return the people to try the demo as: address, and a line in Dutch on what they can see."""
    return [(row["email"], row["showcase"]["nl"]) for row in _read(root)["people"] if "showcase" in row]


def people_by_slug(root: Path) -> dict[str, User]:
    """Return the demo's people by the slug that other demo files use."""
    emails = {row["slug"]: row["email"] for row in _read(root)["people"]}
    users = {user.email: user for user in User.objects.filter(email__in=emails.values())}
    return {slug: users[email] for slug, email in emails.items() if email in users}


def _read(root: Path) -> dict[str, Any]:
    return yaml.safe_load((root / "people.yaml").read_text())


def _names(row: dict[str, Any]) -> dict[str, str]:
    return {"name": row["name"]["nl"], "name_en": row["name"]["en"]}


def _load_units(organisation: Organisation, parent: Unit | None, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        unit = Unit.objects.filter(slug=row["slug"]).first()
        if unit is None:
            values = {"organisation": organisation, "slug": row["slug"], **_names(row)}
            # Read the parent again: treebeard counts children on the instance.
            unit = Unit.objects.get(pk=parent.pk).add_child(**values) if parent else Unit.add_root(**values)
        _load_units(organisation, unit, row.get("units", []))


def _load_team(row: dict[str, Any], ssc: Organisation) -> None:
    Team.objects.get_or_create(
        slug=row["slug"],
        defaults={
            "organisation": ssc,
            "parent": Team.objects.get(slug=row["parent"]) if row.get("parent") else None,
            "description": row["description"]["nl"],
            "description_en": row["description"]["en"],
            "time_zone": row["time_zone"],
            "country": "CW" if row["time_zone"] == "America/Curacao" else "NL",
            "languages": ",".join(row["languages"]),
            "takes_chats": row["desk"],
            **_names(row),
        },
    )


def _load_people(rows: list[dict[str, Any]], password: str) -> dict[str, User]:
    existing = {user.email: user for user in User.objects.filter(email__in=[row["email"] for row in rows])}
    # One hash for all: hashing and checking a password are slow on purpose.
    known = {user.password for user in existing.values()}
    hashed = next((hashed for hashed in known if check_password(password, hashed)), "") or make_password(password)
    people = {}
    for row in rows:
        person = existing.get(row["email"])
        if person is None:
            person = _make_person(row, hashed)
        elif person.password != hashed:
            person.password = hashed
            person.save(update_fields=["password"])
        people[row["slug"]] = person
    return people


def _make_person(row: dict[str, Any], hashed: str) -> User:
    person = User.objects.create(
        email=row["email"],
        password=hashed,
        name=row["name"],
        language=row["language"],
        time_zone=row["time_zone"],
        job_title=row["job_title"][row["language"]],
    )
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    Membership.objects.create(
        user=person,
        organisation=Organisation.objects.get(slug=row["organisation"]),
        unit=Unit.objects.get(slug=row["unit"]) if row["unit"] else None,
    )
    for slug in row["teams"]:
        TeamMembership.objects.create(user=person, team=Team.objects.get(slug=slug))
    for role in row["roles"]:
        if role in GRANTED:  # customer and employee follow from memberships
            RoleGrant.objects.create(user=person, role=role)
    return person
