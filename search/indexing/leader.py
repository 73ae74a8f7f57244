"""One indexer at a time: a file lock beside the embedded index, an advisory lock on PostgreSQL."""

import fcntl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
from django.conf import settings
from django.db import connection

CHANNEL = "search_dirty"  # of what PostgreSQL tells when a change is committed: a trigger on the outbox


class Leadership:
    """Held by one process or thread at a time, for as long as it lives. `take()` never waits."""

    def __init__(self) -> None:
        self._file: IO[str] | None = None
        self._session: int | None = None

    def take(self) -> bool:
        """Become or stay the leader. False when somebody else is."""
        return self._take_advisory() if connection.vendor == "postgresql" else self._take_file()

    def _take_file(self) -> bool:
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

    def _take_advisory(self) -> bool:
        # The lock lives as long as the session. Each take asks again: a lost connection is a lost lock.
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            session = cursor.fetchone()[0]
            if self._session == session:
                return True
            cursor.execute("select pg_try_advisory_lock(%s)", [_lock_number()])
            held = bool(cursor.fetchone()[0])
            if held:
                cursor.execute(f"listen {CHANNEL}")
        self._session = session if held else None
        return held

    def told(self, wake: threading.Event, seconds: float) -> bool:
        """Wait for a commit of a change, at most so long; whether there was one. This process's own set `wake`."""
        if self._session is None:
            return wake.wait(seconds)
        try:
            return bool(list(connection.connection.notifies(timeout=seconds, stop_after=1)))
        except psycopg.Error:  # the next `take` says so
            return wake.wait(seconds)

    def release(self) -> None:
        """Let somebody else lead."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._session is not None:
            self._session = None
            with connection.cursor() as cursor:
                cursor.execute(f"unlisten {CHANNEL}")
                cursor.execute("select pg_advisory_unlock(%s)", [_lock_number()])


def _lock_number() -> int:
    return zlib.crc32(f"vraagbaak.search.{settings.SEARCH_INDEX_PREFIX}".encode())


@contextmanager
def leading() -> Iterator[bool]:
    """Lead inside the block, if nobody else does; yields whether."""
    leadership = Leadership()
    held = leadership.take()
    try:
        yield held
    finally:
        leadership.release()
