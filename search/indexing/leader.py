"""Leader election: one indexer at a time may write the index.

Elasticsearch accepts any write, however late. So its leader holds a lease (web.leases), which a process that dies or
is stopped loses. Each write has an external version that begins with the lease's fencing number, and the index refuses
lower versions, such as those of a former leader.

The embedded index is a folder. Its leader locks a file in it, which the operating system unlocks when the process
dies. A stopped process keeps that lock, and tantivy's own lock on the folder, so no other process can write, no write
can come late, and no number is needed. A stopped process has to be killed.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psycopg
from django.conf import settings
from django.db import connection, transaction

from search import engines
from search.engines import VersionConflict
from web.leases import Heartbeat

LEASE = 12.0  # seconds after which another indexer leads when the leader is stopped
_COUNTER_BITS = 40  # of a version: they number the writes under one lease
CHANNEL = "search_dirty"  # notified by a trigger on the outbox when a change is committed


class LostLeadership(Exception):
    """Another indexer leads now. Nothing may be written any more."""


class LeaderLock:
    """The right to write an index. This base class is for an index with only one writer (tests, benchmarks)."""

    def acquire(self) -> bool:
        """Become or stay the leader without waiting. Return False if another process leads."""
        return True

    def check(self) -> None:
        """Raise LostLeadership unless this process still leads. At most one cheap statement."""

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """Open a transaction during which no other process can become leader. Raises LostLeadership."""
        with transaction.atomic():
            yield

    def version(self) -> int:
        """Return a version for what is read from now on, higher than all before it. 0 if none is needed."""
        return 0

    def advance_past(self, version: int) -> None:
        """Continue above this version, which the index has and which is higher than ours."""

    def release(self) -> None:
        """Stop leading."""


ONLY_WRITER = LeaderLock()


class FileLeaderLock(LeaderLock):
    """The lock of the embedded index: a locked file."""

    def __init__(self) -> None:
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        if self._file is not None:
            return True
        folder = Path(settings.SEARCH_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "leader.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class LeaseLeaderLock(LeaderLock):
    """The lock of an index on a server: a lease."""

    def __init__(self) -> None:
        self._heart = Heartbeat(f"indexer:{settings.SEARCH_INDEX_PREFIX}", LEASE)
        self._count = 0

    def acquire(self) -> bool:
        return self._heart.take()

    def check(self) -> None:
        if not self._heart.beats():
            raise LostLeadership("another indexer leads")

    @contextmanager
    def fenced(self) -> Iterator[None]:
        with transaction.atomic():
            if not self._heart.pinned():
                raise LostLeadership("another indexer leads")
            yield

    def version(self) -> int:
        self._count += 1
        return self._heart.number << _COUNTER_BITS | self._count

    def advance_past(self, version: int) -> None:
        if self._heart.beats():  # nobody else leads, so the database is older than the index: it was restored
            self._heart.lift(version >> _COUNTER_BITS)

    def release(self) -> None:
        self._heart.stop()


def leader_lock() -> LeaderLock:
    """Return the lock of this site's index, not acquired yet."""
    return FileLeaderLock() if engines.get().name == "embedded" else LeaseLeaderLock()


@contextmanager
def leading() -> Iterator[LeaderLock | None]:
    """Yield the acquired lock; None if another process leads."""
    mine = leader_lock()
    try:
        yield mine if mine.acquire() else None
    except VersionConflict as error:
        mine.advance_past(error.version)
        raise
    finally:
        mine.release()


class ChangeListener:
    """Waits for committed changes: those of this process by `wake`, those of others by LISTEN on PostgreSQL."""

    def __init__(self) -> None:
        self.wake = threading.Event()
        self._session: Any = None  # the connection that listens

    def notice(self, **_signal: Any) -> None:
        """Receive `outbox_committed`."""
        self.wake.set()

    def listen(self) -> None:
        """Listen on the present connection of this thread."""
        if connection.vendor == "postgresql" and (self._session is None or connection.connection is not self._session):
            with connection.cursor() as cursor:
                cursor.execute(f"listen {CHANNEL}")
            self._session = connection.connection

    def wait(self, seconds: float) -> bool:
        """Wait for a change for at most `seconds`. Return True if there was one."""
        if self._session is None or connection.connection is not self._session:
            return self.wake.wait(seconds)
        try:
            return bool(list(connection.connection.notifies(timeout=seconds, stop_after=1)))
        except psycopg.Error:  # the next query of the database raises it
            return self.wake.wait(seconds)

    def close(self) -> None:
        """Stop listening, since the connection goes back to the pool."""
        listened, self._session = self._session, None
        if listened is not None and connection.connection is listened:
            with suppress(psycopg.Error), connection.connection.cursor() as cursor:
                cursor.execute(f"unlisten {CHANNEL}")
