"""Rebuild the index."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search import engines
from search.engines import EngineError
from search.indexing import indexer
from search.indexing.leader import LeaderLock, leading
from search.models import Rebuild

POLL = 0.5  # seconds


class Command(BaseCommand):
    """`rebuild_index`: by the leader if there is one, otherwise by this process."""

    help = "Build a search index beside the live one, then switch. Search continues meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        request = Rebuild.objects.create()
        while True:
            with leading() as lock:
                if lock:
                    self._here(request, lock)
            request.refresh_from_db()
            if request.state in (Rebuild.State.DONE, Rebuild.State.FAILED):
                break
            time.sleep(POLL)
        if request.state == Rebuild.State.FAILED:
            raise CommandError(f"The rebuild failed: {request.error}")
        request = Rebuild.objects.filter(state=Rebuild.State.DONE).order_by("-changed").first() or request
        self.stdout.write(f"Rebuilt: {request.documents} documents.")

    def _here(self, request: Rebuild, lock: LeaderLock) -> None:
        request.refresh_from_db()
        if request.state in (Rebuild.State.DONE, Rebuild.State.FAILED):
            return
        engine = engines.get()
        try:
            indexer.run_round(engine, lock=lock)
        except EngineError as error:
            raise CommandError(f"The engine cannot be written to: {error}") from error
        finally:
            engine.close()
