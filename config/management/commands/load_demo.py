"""Load the demo: people, knowledge, questions, conversations."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from web.packages import packages


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
            for package in packages():
                if package.demo:
                    self.stderr.write(f"Demo: {package.name} …")
                    package.demo(root)
