"""Runs the jobs that packages declare: in a thread of the embedded server, or in `manage.py run_worker`.

One runner leads, by a lease; the others stand by. Quick jobs run one after the other, and so do the slow ones, beside
them. A job that fails is tried again after growing pauses. One that is stuck holds up nobody: the others go on. What a
runner that died had begun is run again by the next leader.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django.db import DatabaseError, connection, transaction

from web import job_states
from web.background import keep_looking
from web.jobs import Job
from web.leases import Heartbeat
from web.outages import until_answered

logger = logging.getLogger(__name__)
PAUSE = 1.0  # seconds between looks at what is due, unless this process asked for a job
STANDBY = 3.0  # seconds between tries to lead
LEASE = 15.0  # seconds after which a leader that says nothing counts as dead
ENDING = 3.0  # seconds that jobs get to end when the runner is stopped
Settle = Callable[[], bool]


def run(stop: threading.Event) -> None:
    """Lead when nobody else does, and run what is due until `stop` is set. Survives any failure of the database."""
    runner = Runner(stop)
    keep_looking(runner.look, told=job_states.told, stop=stop, pause=PAUSE, failed=_failed)
    runner.end()
    connection.close()


def _failed(failures: int) -> None:
    if not failures:
        logger.exception("jobs: the runner failed; it tries again")


class Run:
    """A job that is being run by a thread of this process."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.begun = time.monotonic()
        self.thread: threading.Thread | None = None
        self.said = False

    def stuck(self) -> bool:
        """True if it takes longer than the job may take. Logged once."""
        over = time.monotonic() - self.begun > self.job.limit
        if over and not self.said:
            self.said = True
            logger.error("The job %s has run for more than %.0f s", self.job.name, self.job.limit)
        return over


class Runner:
    """What one process does for all jobs."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.heart = Heartbeat(job_states.LEASE, LEASE)
        self.jobs = job_states.declared()
        self.runs: dict[str, Run] = {}
        self._prepared = 0  # the fencing number under which the rows were made ready
        self._standby = 0.0  # until when another one is left to lead, by time.monotonic()
        self._doubt = threading.Event()  # a row may say that something runs which does not

    def look(self) -> None:
        """Begin what is due: one quick job and one slow job at a time, and more beside those that are stuck. One
        query while nothing is due."""
        if not self._leads():
            return
        if self._doubt.is_set():
            self._give_up_what_is_lost()
        busy = {run.job.quick for run in list(self.runs.values()) if not run.stuck()}
        for name in job_states.due():
            job = self.jobs.get(name)
            if job and job.quick not in busy and name not in self.runs and self._begin(job):
                busy.add(job.quick)

    def _leads(self) -> bool:
        if not self.heart.number:
            if time.monotonic() < self._standby:
                return False
            if not self.heart.take():
                self._standby = time.monotonic() + STANDBY
                return False
        if self._prepared != self.heart.number:
            number = self.heart.number
            job_states.prepare(self.jobs, number)
            self._prepared = number
        return True

    def _begin(self, job: Job) -> bool:
        try:
            with transaction.atomic():
                if not self.heart.pinned() or not job_states.begin(job, self.heart.number):
                    return False
        except DatabaseError:  # it may have been committed all the same
            self._doubt.set()
            raise
        run = Run(job)
        run.thread = threading.Thread(
            target=self._work, args=(run, self.heart.number), name=f"job {job.name}", daemon=True
        )
        self.runs[job.name] = run
        try:
            run.thread.start()
        except RuntimeError:  # no more threads
            del self.runs[job.name]
            self._doubt.set()
            raise
        return True

    def _give_up_what_is_lost(self) -> None:
        self._doubt.clear()
        try:
            job_states.give_up(self.jobs, self.heart.number, list(self.runs))
        except DatabaseError:
            self._doubt.set()
            raise

    def _work(self, run: Run, number: int) -> None:
        noted = True
        try:
            settle = perform(run.job, number)
            # While the database is away it counts as running.
            said = f"The job {run.job.name}: what became of it is not noted yet"
            if until_answered(settle, self.stop, said) is False:
                logger.warning("The job %s was taken over by another process meanwhile", run.job.name)
        except Exception:
            logger.exception("The job %s: what became of it is not noted", run.job.name)
            noted = False
        finally:
            del self.runs[run.job.name]
            if not noted:
                self._doubt.set()
            connection.close()
            job_states.told.set()  # another one may wait for its turn

    def end(self) -> None:
        """Wait a little for what is running. What takes longer is run again by another leader once the lease ends."""
        until = time.monotonic() + ENDING
        runs = list(self.runs.values())
        for run in runs:
            if run.thread:
                run.thread.join(max(until - time.monotonic(), 0))
        if not any(run.thread and run.thread.is_alive() for run in runs):
            with suppress(DatabaseError):
                self.heart.stop()


def perform(job: Job, number: int) -> Settle:
    """Run a job that was begun; return what notes the outcome. Raises nothing; failures are logged here."""
    begun = time.monotonic()
    try:
        result = job.run()
    except BaseException as error:
        logger.exception("The job %s failed", job.name)
        why = f"{type(error).__name__}: {error}"
        return partial(job_states.failed, job, number, why, time.monotonic() - begun)
    return partial(job_states.succeeded, job, number, time.monotonic() - begun, result)
