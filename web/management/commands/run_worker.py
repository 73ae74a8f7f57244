"""Run background tasks and jobs."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from web import job_runner, worker


class Command(BaseCommand):
    """`run_worker`: until SIGTERM or SIGINT."""

    help = "Run background tasks, mail among them, and periodic jobs until stopped. Any number of workers may run."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        jobs = threading.Thread(target=job_runner.run, args=(stop,), name="jobs")
        jobs.start()
        worker.run(stop, pause=1.0)
        jobs.join()
