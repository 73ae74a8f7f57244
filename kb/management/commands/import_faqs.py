"""Load FAQs from a JSON Lines or CSV file."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import audiences
from kb.importing import Import, Rejected, Summary, read


class Command(BaseCommand):
    help = (
        "Load FAQs from JSON Lines or CSV (id,title,body,lang) as published FAQs. Safe to repeat: (source, id) decides."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", help="where the rows come from; by default the name of the file's folder")
        parser.add_argument("--topic", help='short name or title; by default "Imported"; made when missing')
        parser.add_argument(
            "--audience", help="audience keys, separated by commas (public, staff, team:hr); by default employees"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        source = options["source"] or path.resolve().parent.name
        if not 0 < len(source) <= 80:
            raise CommandError("A source has 1 to 80 characters.")
        summary, begin = Summary(), time.monotonic()
        run = Import(
            by=None,
            source=source,
            topic=options["topic"] or None,
            audience=self.audience(options["audience"]),
            summary=summary,
        )
        try:
            run.run(read(path, summary), lambda s: self.progress(s, options["verbosity"]))
        except Rejected as reason:
            raise CommandError(f"{path}: {reason}") from reason
        for line, why in summary.rejected:
            self.stderr.write(f"{path}:{line}: rejected: {why}")
        seconds = time.monotonic() - begin
        self.stdout.write(
            f"{summary.created} created, {summary.changed} changed, {summary.unchanged} unchanged, "
            f"{len(summary.rejected)} rejected, from {source}, in {seconds:.1f} s"
        )

    def progress(self, summary: Summary, verbosity: int) -> None:
        """Print a line for each batch."""
        if verbosity:
            done = summary.created + summary.changed + summary.unchanged
            self.stderr.write(f"{done} rows loaded, {len(summary.rejected)} rejected …")

    def audience(self, text: str | None) -> frozenset[str] | None:
        """Return the audience keys. Slugs may be given for numbers of organisations, units, teams and circles."""
        if not text:
            return None
        try:
            return audiences.by_name(part.strip() for part in text.split(","))
        except ValueError as error:
            known = "public, employees, staff, organisation:…, unit:…, team:…, circle:…"
            raise CommandError(f"{error}. Choose from {known}.") from error
