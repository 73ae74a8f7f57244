"""Background tasks as rows (django-tasks-db): who has taken which, and what becomes of it.

Each step is one UPDATE of a row that still is as it was read (`started_at` differs with each claim), so two workers do
each other no harm, and who was away for long cannot write over what another did meanwhile. `worker_ids` are those who
took the task since it was last put back on purpose: all but the last left it unfinished.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from traceback import format_exception
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django_tasks.base import TaskContext, TaskResultStatus
from django_tasks.utils import normalize_json
from django_tasks_db.models import DBTaskResult, get_date_max

from web import leases
from web.backoff import pause
from web.models import Lease
from web.outages import UNANSWERED
from web.params import storable

logger = logging.getLogger(__name__)
Row = DBTaskResult[Any, Any]
READY, RUNNING = TaskResultStatus.READY, TaskResultStatus.RUNNING
SUCCESSFUL, FAILED = TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED
UNFINISHED = 5  # times in a row that a task is left unfinished before it is given up
KEEP = timedelta(days=3)  # what has ended: texts of mails, with their links, are among it
HEARD = timedelta(minutes=1)  # by then a claim was answered, or never will be
_LEASE = "worker:"


class TryAgain(Exception):
    """Raised by a task that is to run again: after so many `seconds`, with these arguments instead of its own.

    `rest`: what it needs is away for everybody, so the other tasks of its queue wait too.
    """

    def __init__(self, why: str, *, seconds: float = 0, args: Sequence[Any] | None = None, rest: bool = False) -> None:
        super().__init__(why)
        self.seconds, self.rest = seconds, rest
        self.arguments = None if args is None else normalize_json({"args": args, "kwargs": {}})


@dataclass(frozen=True)
class TaskOutcome:
    """What a task that ran becomes."""

    values: dict[str, Any]
    away: str = ""  # why the other tasks of its queue had better wait


def lease_of(worker: str) -> str:
    """The name of the lease that a worker holds while it lives."""
    return _LEASE + worker


def waiting(queues: Collection[str]) -> set[str]:
    """Those of the queues in which a task is ready. One query."""
    return set(_ready().filter(queue_name__in=queues).order_by().values_list("queue_name", flat=True).distinct())


def counts() -> dict[str, int]:
    """How many tasks are `waiting` or run, and how many `failed` and are still kept. One query."""
    return DBTaskResult.objects.order_by().aggregate(
        waiting=Count("pk", filter=Q(status__in=(READY, RUNNING))), failed=Count("pk", filter=Q(status=FAILED))
    )


def claim(queue: str, worker: str) -> Row | None:
    """Take the first task of a queue that is ready; None when there is none."""
    while (row := _ready().filter(queue_name=queue).first()) is not None:
        if _change(row, status=RUNNING, started_at=timezone.now(), worker_ids=[*row.worker_ids, worker]):
            return row
    return None


def perform(row: Row) -> TaskOutcome:
    """Run a task that was claimed. Raises nothing; what fails for good is logged here."""
    try:
        _call(row)
    except TryAgain as again:
        logger.info("Task %s (%s) runs again in %.0f s: %s", row.pk, row.task_path, again.seconds, again)
        return TaskOutcome(_again(row, again), str(again) if again.rest else "")
    except UNANSWERED as error:  # the database was away, or a lock was held for too long
        logger.warning("Task %s (%s) met a fault of the database: %s", row.pk, row.task_path, error)
        return TaskOutcome(_unfinished(row, error, pause(len(row.worker_ids), 1, 60)))
    except BaseException as error:
        logger.exception("Task %s (%s) failed", row.pk, row.task_path)
        return TaskOutcome(_ended(FAILED, error))
    return TaskOutcome(_ended(SUCCESSFUL))


def settle(row: Row, outcome: TaskOutcome) -> bool:
    """Write down what became of it; False when it is another worker's by now."""
    return _change(row, **outcome.values)


def take_back(me: str, in_hand: Collection[UUID] = ()) -> int:
    """Make tasks ready again whose worker is gone: it was killed, or has said nothing for longer than its lease.

    How many. What was left unfinished too often is given up. Any worker may do this at any time. `me` lives, and runs
    what is `in_hand`: what else it claimed a while ago is what it never heard of, since the connection broke.
    """
    running = list(DBTaskResult.objects.filter(status=RUNNING))
    others = {row.worker_ids[-1] for row in running if row.worker_ids} - {me}
    held = leases.held({lease_of(worker) for worker in others})
    alive = {worker for worker in others if lease_of(worker) in held}
    mine = {row.pk for row in running if row.worker_ids[-1:] == [me] and (row.pk in in_hand or _is_fresh(row))}
    return sum(_take_back(row) for row in running if row.pk not in mine and alive.isdisjoint(row.worker_ids[-1:]))


def _is_fresh(row: Row) -> bool:
    """Whether the one who claimed it may not have heard yet; by the clock of that process, which asks."""
    return row.started_at is None or timezone.now() - row.started_at < HEARD


def _take_back(row: Row) -> bool:
    values = _unfinished(row, RuntimeError("its worker ended while it ran"))
    if not _change(row, **values):
        return False
    if values["status"] == READY:
        logger.warning("Task %s (%s) runs again: its worker is gone", row.pk, row.task_path)
    return True


def prune() -> int:
    """Delete what ended some days ago, and the leases of workers that are no more; how many tasks."""
    Lease.objects.filter(name__startswith=_LEASE, until__lt=leases.now() - 86_400_000).delete()
    ended = DBTaskResult.objects.filter(status__in=(SUCCESSFUL, FAILED), finished_at__lt=timezone.now() - KEEP)
    return ended.delete()[0]


def _ready() -> QuerySet[Row]:
    """By the database's clock."""
    return DBTaskResult.objects.filter(Q(run_after=get_date_max()) | Q(run_after__lte=Now()), status=READY)


def _change(row: Row, **values: Any) -> bool:
    """Change a row, and the object, if it is still as it was read. One statement."""
    same = DBTaskResult.objects.filter(pk=row.pk, status=row.status, started_at=row.started_at)
    if not same.update(**values):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    return True


def _call(row: Row) -> None:
    task = row.task
    result: Any = row.task_result
    first = [TaskContext(task_result=result)] if task.takes_context else []
    task.call(*first, *row.args_kwargs["args"], **row.args_kwargs["kwargs"])


def _again(row: Row, again: TryAgain) -> dict[str, Any]:
    values: dict[str, Any] = {"status": READY, "worker_ids": []}
    if again.seconds:
        values["run_after"] = Now() + timedelta(seconds=again.seconds)
    if again.arguments is not None:
        values["args_kwargs"] = again.arguments
    return values


def _unfinished(row: Row, error: Exception, seconds: float = 0) -> dict[str, Any]:
    if len(row.worker_ids) < UNFINISHED:
        # At once: without a moment, which on SQLite is not over yet within the same millisecond.
        return {"status": READY, "run_after": Now() + timedelta(seconds=seconds) if seconds else get_date_max()}
    logger.error("Task %s (%s) failed: left unfinished %d times: %s", row.pk, row.task_path, UNFINISHED, error)
    return _ended(FAILED, error)


def _ended(status: TaskResultStatus, error: BaseException | None = None) -> dict[str, Any]:
    """What a task returned is not kept: nobody asks."""
    return {
        "status": status,
        "finished_at": timezone.now(),
        "exception_class_path": f"{type(error).__module__}.{type(error).__qualname__}" if error else "",
        "traceback": storable("".join(format_exception(error))) if error else "",
    }
