"""Background tasks in tests: those of a transaction run as soon as it has committed, in the same thread.

Tests of the worker, and of what waits for it, take the product's own backend by `queue_in_database(settings)`.
"""

from functools import partial
from typing import Any

from django.conf import LazySettings
from django.db import transaction
from django_tasks import TaskResult, TaskResultStatus
from django_tasks.backends.immediate import ImmediateBackend
from django_tasks.base import Task
from django_tasks.utils import get_random_id

QUEUES = ["default", "mail"]


class OnCommitBackend(ImmediateBackend):
    """The product's own writes a row in the transaction; a worker finds it when that has committed."""

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Run it on commit. What is returned never learns how it ended."""
        self.validate_task(task)
        transaction.on_commit(partial(super().enqueue, task, args, kwargs))
        return TaskResult(
            task=task, id=get_random_id(), status=TaskResultStatus.READY, enqueued_at=None, started_at=None,
            last_attempted_at=None, finished_at=None, args=args, kwargs=kwargs, backend=self.alias, errors=[],
            worker_ids=[],
        )  # fmt: skip


def queue_in_database(settings: LazySettings) -> None:
    """Have tasks wait in the database, as in the product."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": QUEUES}}
