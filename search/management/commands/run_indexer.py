"""Keep the index up to date."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from search import engines
from search.indexing import indexer


class Command(BaseCommand):
    """`run_indexer`: runs until SIGTERM or SIGINT."""

    help = "Keep the search index up to date until stopped. One indexer leads; others stand by."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write(f"Indexing with the engine: {engines.get().name}")
        indexer.run(stop)
