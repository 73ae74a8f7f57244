"""Give somebody a role from the command line, for the first administrator and for emergencies."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.audit import record
from accounts.models import RoleGrant, User
from accounts.roles import GRANTED, Role
from accounts.sync import sync_members


class Command(BaseCommand):
    """Grant a role, or revoke it with --remove."""

    help = "Give a person a role, or take it away with --remove."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="address of the person")
        parser.add_argument("role", choices=[role.value for role in GRANTED])
        parser.add_argument("--remove", action="store_true", help="take the role away")

    @transaction.atomic
    def handle(self, *, email: str, role: str, remove: bool, **options: Any) -> None:
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(f"Nobody has the address {email}.")
        if remove:
            RoleGrant.objects.filter(user=person, role=role).delete()
        else:
            RoleGrant.objects.get_or_create(user=person, role=role)
        sync_members(Role(role))
        roles = sorted(person.role_grants.values_list("role", flat=True))
        record("accounts.roles_changed", by=None, target=person, roles=roles, from_the="command line")
        self.stdout.write(f"{person.email}: {', '.join(roles) or 'no roles'}")
