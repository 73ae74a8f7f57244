"""Compare database and index."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search import engines
from search.engines import EngineError
from search.indexing import check, indexer
from search.indexing.leader import leading
from search.models import OutboxEntry

PATIENCE = 60  # seconds for the leader to drain the outbox


class Command(BaseCommand):
    """`check_index [--repair]`: exit status 1 when they differ."""

    help = "Compare database and index in both directions, by key and content. Exit status 1 when they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="index every difference again, and compare again")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._settle()
            differences = engines.get().differences()
            found = check.compare() if not differences else check.Differences()
            if found and options["repair"]:
                self._report(found)
                check.repair(found)
                self._settle()
                found = check.compare()
        except EngineError as error:
            raise CommandError(f"The engine cannot answer: {error}") from error
        for difference in differences:
            self.stdout.write(f"The index: {difference}.")
        if differences:
            self.stdout.write("Run `manage.py rebuild_index`; a starting `run_indexer` does it by itself.")
            sys.exit(1)
        self._report(found)
        if found:
            sys.exit(1)

    def _settle(self) -> None:
        """Wait until the leader has drained the outbox, or drain it here when there is no leader."""
        deadline = time.monotonic() + PATIENCE
        while OutboxEntry.objects.filter(failed=False).exists() and time.monotonic() < deadline:
            with leading() as lock:
                if lock:
                    engine = engines.get()
                    if engine.state() != "ready":
                        indexer.rebuild(engine, lock=lock)
                    indexer.drain(engine, lock=lock)
                    engine.close()
                    return
            time.sleep(0.2)

    def _report(self, found: check.Differences) -> None:
        for name in ("missing", "stale", "surplus", "failed"):
            keys = getattr(found, name)
            if keys:
                more = f" and {len(keys) - 20} more" if len(keys) > 20 else ""
                self.stdout.write(f"{name}: {len(keys)}: {', '.join(keys[:20])}{more}")
        self.stdout.write(f"{found.documents} documents; {'differences' if found else 'database and index agree'}.")
