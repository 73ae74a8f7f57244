"""One indexer at a time: a file lock beside the embedded index, an advisory lock on PostgreSQL."""

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection


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
        self._session = session if held else None
        return held

    def release(self) -> None:
        """Let somebody else lead."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._session is not None:
            self._session = None
            with connection.cursor() as cursor:
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
