"""A bounded buffer in each process for rows that requests produce, written to the database by a thread of its own.

No request writes, or waits for a database lock. Entries that do not fit are dropped and counted. The thread starts
with the first entry, so each server process has its own; what is left is written on exit.
"""

import atexit
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

logger = logging.getLogger(__name__)
MOST = 5_000  # entries
TRIES = 5


class Buffer:
    """Entries that wait for the database. `write(entries, dropped)` writes them in one transaction."""

    def __init__(self, write: Callable[[list[Any], int], None], most: int = MOST) -> None:
        self._write, self._most = write, most
        self._reset()
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._entries: deque[Any] = deque()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failed = 0
        self.dropped = 0

    def put(self, entry: Any) -> None:
        """Add an entry. Never waits for the database, never raises."""
        with self._lock:
            if len(self._entries) >= self._most:
                self.dropped += 1
                return
            self._entries.append(entry)
        if self._thread is None and settings.SEARCH_LOG_SECONDS:
            self._start()

    def _start(self) -> None:
        with self._lock:
            if self._thread is not None:
                return
            self._thread = threading.Thread(target=self._run, name="search-log", daemon=True)
        atexit.register(self._finish)
        self._thread.start()

    def _run(self) -> None:
        while seconds := settings.SEARCH_LOG_SECONDS:
            time.sleep(seconds)
            if settings.SEARCH_LOG_SECONDS and (self._entries or self.dropped):
                close_old_connections()
                self.flush()
                connection.close()  # return it to the pool
        self._thread = None

    def _finish(self) -> None:
        self.flush()
        connection.close()

    def flush(self) -> int:
        """Write everything now. Return the number of entries. If the database fails, they are tried again later."""
        with self._writing:
            with self._lock:
                entries, dropped = list(self._entries), self.dropped
                self._entries.clear()
                self.dropped = 0
            if not entries and not dropped:
                return 0
            try:
                self._write(entries, dropped)
                self._failed = 0
            except DatabaseError as error:
                self._put_back(entries, dropped, error)
                return 0
            except Exception:
                logger.exception("search: %s entries of the log were lost", len(entries))
                return 0
            return len(entries)

    def _put_back(self, entries: list[Any], dropped: int, error: DatabaseError) -> None:
        self._failed += 1
        if self._failed >= TRIES:
            logger.error("search: %s entries of the log were lost: %s", len(entries), error)
            self._failed, dropped, entries = 0, dropped + len(entries), []
        with self._lock:
            fitting = entries[: self._most - len(self._entries)]
            self._entries.extendleft(reversed(fitting))
            self.dropped += dropped + len(entries) - len(fitting)

    def clear(self) -> None:
        """Drop all entries. For tests."""
        with self._lock:
            self._entries.clear()
            self.dropped = 0
