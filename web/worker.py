"""The worker: runs background tasks, in a thread of the embedded server or as `manage.py run_worker`.

Each queue has threads of its own, so that a slow mail server holds up mail alone. A queue whose server is away rests,
with growing pauses. A worker says by a lease that it lives; the tasks of one that does not are taken up by others.
"""

import logging
import threading
import time
import uuid
from contextlib import suppress
from typing import Any

from django.db import DatabaseError, close_old_connections, connection, transaction
from django_tasks.signals import task_enqueued

from web import tasks
from web.background import keep_looking
from web.backoff import Backoff
from web.leases import Heartbeat
from web.outages import until_answered

logger = logging.getLogger(__name__)
PAUSE = 2.0  # seconds between looks at the queues, unless this process was told of a task
THREADS = {"default": 2, "mail": 4}  # by queue
REST = (2.0, 120.0)  # seconds that a queue rests when what it needs is away: at first, and at most
LEASE = 15.0  # seconds after which a worker that says nothing counts as dead
TIDY = 10.0  # seconds between looks at what the dead left
ENDING = 3.0  # seconds that tasks get to end when the worker is stopped
told = threading.Event()  # this process has put a task into the database


def run(stop: threading.Event, pause: float = PAUSE) -> None:
    """Work until `stop` is set. What fails is logged and tried again, with growing pauses."""
    worker = Worker(stop)
    task_enqueued.connect(_tell, dispatch_uid=__name__)
    keep_looking(worker.look, told=told, stop=stop, pause=pause, failed=worker.failed)
    worker.end()
    connection.close()


def _tell(**_signal: Any) -> None:
    transaction.on_commit(told.set)


def _threads(queue: str) -> int:
    """Return the threads of a queue. On SQLite, which writes one thing at a time, tasks other than mail run one by one:
    Wagtail's index of the CMS looks for a row and then inserts it, so two tasks for one page would collide."""
    return 1 if queue == "default" and connection.vendor == "sqlite" else THREADS[queue]


class Worker:
    """What one process does for all queues."""

    def __init__(self, stop: threading.Event) -> None:
        self.name = uuid.uuid4().hex
        self.heart = Heartbeat(tasks.lease_of(self.name), LEASE)
        self.lanes = {queue: Lane(queue, _threads(queue), self.name, stop) for queue in THREADS}
        self._tidy = self._judge = 0.0  # when it is time, by time.monotonic()

    def look(self) -> None:
        """Have threads work in the queues in which something waits. One query, and now and then some more."""
        if self._tidy <= time.monotonic():
            self._keep_house()
        if self.heart.number:
            open_lanes = [queue for queue, lane in self.lanes.items() if lane.has_room()]
            for queue in tasks.waiting(open_lanes) if open_lanes else ():
                self.lanes[queue].wake()

    def _keep_house(self) -> None:
        if not self.heart.take():
            return
        now = time.monotonic()
        self._tidy = now + TIDY
        if self._judge <= now:
            tasks.take_back(self.name, set().union(*(lane.in_hand.copy() for lane in self.lanes.values())))

    def doubt(self) -> None:
        """The database did not answer: no lease could be held meanwhile, so nobody is dead until all had their time."""
        self._judge = time.monotonic() + LEASE

    def failed(self, _failures: int) -> None:
        """Log that looking failed."""
        self.doubt()
        logger.exception("the task worker failed; it tries again")

    def end(self) -> None:
        """Wait a little for what is running. What takes longer is taken up by another worker once the lease ends."""
        until = time.monotonic() + ENDING
        if all(lane.ended(until) for lane in self.lanes.values()):
            with suppress(DatabaseError):
                self.heart.stop()


class Lane:
    """One queue, and the threads that work through it while something waits."""

    def __init__(self, queue: str, most: int, worker: str, stop: threading.Event) -> None:
        self.queue, self.most, self.worker, self.stop = queue, most, worker, stop
        self.backoff = Backoff(*REST)
        self.threads: list[threading.Thread] = []
        self.in_hand: set[uuid.UUID] = set()

    def has_room(self) -> bool:
        """Whether one more thread could work: after a failure one alone tries whether what was away is back."""
        self.threads = [thread for thread in self.threads if thread.is_alive()]
        return not self.backoff.left() and len(self.threads) < (1 if self.backoff.failures else self.most)

    def wake(self) -> None:
        """Let one more thread work until nothing is ready."""
        thread = threading.Thread(target=self._work, name=f"tasks {self.queue}", daemon=True)
        self.threads.append(thread)
        thread.start()

    def ended(self, until: float) -> bool:
        """Whether all threads have ended by a moment of `time.monotonic()`."""
        for thread in self.threads:
            thread.join(max(until - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in self.threads)

    def _work(self) -> None:
        try:
            while not self.stop.is_set() and not self.backoff.left():
                close_old_connections()
                row = tasks.claim(self.queue, self.worker)
                if row is None:
                    return
                self._run(row)
        except Exception:
            logger.exception("tasks %s: a thread failed; another begins", self.queue)
        finally:
            connection.close()

    def _run(self, row: tasks.Row) -> None:
        self.in_hand.add(row.pk)
        try:
            outcome = tasks.perform(row)
            self._note(outcome)
            self._settle(row, outcome)
        finally:
            self.in_hand.discard(row.pk)

    def _note(self, outcome: tasks.TaskOutcome) -> None:
        if not outcome.away:
            if self.backoff.failures:
                logger.warning("tasks %s: works again", self.queue)
            self.backoff.succeeded()
        elif not self.backoff.left():  # else another thread has just noted the same
            if not self.backoff.failures:
                logger.error("tasks %s: waits, and tries again and again: %s", self.queue, outcome.away)
            self.backoff.failed()

    def _settle(self, row: tasks.Row, outcome: tasks.TaskOutcome) -> None:
        """Note what became of a task. While the database is away it stays in hand."""
        name = f"Task {row.pk} ({row.task_path})"
        if (
            until_answered(lambda: tasks.settle(row, outcome), self.stop, f"{name}: its outcome is not noted yet")
            is False
        ):
            logger.warning("%s was taken by another worker meanwhile", name)
