"""Background tasks in a thread of the embedded server; production runs `manage.py db_worker` instead."""

import logging
import threading

from django.db import close_old_connections

logger = logging.getLogger(__name__)
PAUSE = 1.0  # seconds between looks at an empty queue


def run(stop: threading.Event) -> None:
    """Work through the queue of tasks until `stop` is set. A failing look is logged and tried again."""
    from django_tasks_db.management.commands.db_worker import Worker
    from django_tasks_db.models import DBTaskResult

    while not stop.wait(PAUSE):
        try:
            if DBTaskResult.objects.ready().exists():
                Worker(
                    queue_names=["*"],
                    interval=0,
                    batch=True,
                    backend_name="default",
                    startup_delay=False,
                    max_tasks=None,
                    worker_id=threading.current_thread().name,
                    excluded_queue_names=[],
                ).run()
        except Exception:  # noqa: BLE001 # the thread must outlive a locked or restarting database
            logger.exception("the task worker failed; it tries again")
        finally:
            close_old_connections()
