"""Load the demo: people, knowledge, questions, conversations."""

import os
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

PARTS = ["kb.demo", "community.demo", "chat.demo", "discovery.demo"]


class Command(BaseCommand):
    """Load the part of `demo/` of each package. Safe to repeat: existing rows are not changed."""

    help = "Load the demo's people, knowledge, questions and conversations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--password", default=os.environ.get("DEMO_PASSWORD", ""), help="of all demo people")

    def handle(self, *, password: str, **options: Any) -> None:
        from accounts import demo as people

        if not password:
            raise CommandError("Give the demo people a password: --password, or DEMO_PASSWORD.")
        root = settings.BASE_DIR / "demo"
        with transaction.atomic():
            people.load(root, password)
            for name in PARTS:
                self.stderr.write(f"Demo: {name.partition('.')[0]} …")
                import_module(name).load(root)
