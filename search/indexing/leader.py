"""Who may write the index: one indexer at a time.

Elasticsearch takes what anybody sends, however late. So its leader holds a lease (web.leases): who dies or is merely
stopped loses it, and each write carries a version that begins with the lease's number, below which the index takes
nothing from whoever led before.

The embedded index is a folder: its leader locks a file in it, and the system unlocks it when the process dies. Who is
stopped keeps that lock, and tantivy's own lock on the folder: nobody else could write, so nothing can come too late,
and no number is needed. One process writes; when it does not go on, it is to be killed.
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

LEASE = 12.0  # seconds after which somebody else leads when the leader is stopped
_COUNTER_BITS = 40  # of a version: what is written under one lease is numbered in these
CHANNEL = "search_dirty"  # of what PostgreSQL tells when a change is committed: a trigger on the outbox


class LostLeadership(Exception):
    """Somebody else leads now: nothing may be written any more."""


class LeaderLock:
    """The right to write an index; as it is here, of one that nobody else writes (a test's, a benchmark's)."""

    def acquire(self) -> bool:
        """Become or stay the leader, without waiting. False when somebody else is."""
        return True

    def check(self) -> None:
        """Go on only while leading: otherwise LostLead. At most one cheap statement."""

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """A transaction during which nobody else begins to lead. Raises LostLead."""
        with transaction.atomic():
            yield

    def version(self) -> int:
        """For what is read from now on: higher than all before, and than all of earlier leaders. 0: none is needed."""
        return 0

    def advance_past(self, version: int) -> None:
        """The index has something of this version, higher than ours."""

    def release(self) -> None:
        """Let somebody else lead."""


ONLY_WRITER = LeaderLock()


class FileLeaderLock(LeaderLock):
    """Of the embedded index."""

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
    """Of an index on a server."""

    def __init__(self) -> None:
        self._heart = Heartbeat(f"indexer:{settings.SEARCH_INDEX_PREFIX}", LEASE)
        self._count = 0

    def acquire(self) -> bool:
        return self._heart.take()

    def check(self) -> None:
        if not self._heart.beats():
            raise LostLeadership("another one does")

    @contextmanager
    def fenced(self) -> Iterator[None]:
        with transaction.atomic():
            if not self._heart.pinned():
                raise LostLeadership("another one does")
            yield

    def version(self) -> int:
        self._count += 1
        return self._heart.number << _COUNTER_BITS | self._count

    def advance_past(self, version: int) -> None:
        if self._heart.beats():  # nobody else leads: the database is older than the index, restored perhaps
            self._heart.lift(version >> _COUNTER_BITS)

    def release(self) -> None:
        self._heart.stop()


def leader_lock() -> LeaderLock:
    """What the leader of this site's index has to hold; not taken yet."""
    return FileLeaderLock() if engines.get().name == "embedded" else LeaseLeaderLock()


@contextmanager
def leading() -> Iterator[LeaderLock | None]:
    """Lead inside the block; None when somebody else does."""
    mine = leader_lock()
    try:
        yield mine if mine.acquire() else None
    except VersionConflict as error:
        mine.advance_past(error.version)
        raise
    finally:
        mine.release()


class ChangeListener:
    """Hears of changes that are committed: this process's own set `wake`, of all others PostgreSQL tells."""

    def __init__(self) -> None:
        self.wake = threading.Event()
        self._session: Any = None  # that listens

    def notice(self, **_signal: Any) -> None:
        """Receive `outbox_committed`."""
        self.wake.set()

    def listen(self) -> None:
        """Be told from now on, on the connection that this thread has now."""
        if connection.vendor == "postgresql" and (self._session is None or connection.connection is not self._session):
            with connection.cursor() as cursor:
                cursor.execute(f"listen {CHANNEL}")
            self._session = connection.connection

    def wait(self, seconds: float) -> bool:
        """Wait for a change, at most so long; whether there was one."""
        if self._session is None or connection.connection is not self._session:
            return self.wake.wait(seconds)
        try:
            return bool(list(connection.connection.notifies(timeout=seconds, stop_after=1)))
        except psycopg.Error:  # whoever asks the database next finds out
            return self.wake.wait(seconds)

    def close(self) -> None:
        """Hear nothing more: the connection goes back to the pool."""
        listened, self._session = self._session, None
        if listened is not None and connection.connection is listened:
            with suppress(psycopg.Error), connection.connection.cursor() as cursor:
                cursor.execute(f"unlisten {CHANNEL}")
