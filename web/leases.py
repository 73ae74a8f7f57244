"""Leases: a name that one process holds at a time, and renews while it works.

A holder that dies or stops renewing loses the lease after `seconds`. It may not know that when it continues. So its
work carries a **fencing number**, which is higher for each new holder: whoever receives the work refuses a lower number
than it has seen, or the holder checks `holds` first. (Lamport's and Chubby's sequencers; Kleppmann, "How to do
distributed locking", 2016.)

All times are from the database's clock, because the clocks of the processes may differ.
"""

import logging
import threading
import uuid
from collections.abc import Collection
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

from web.models import Lease

logger = logging.getLogger(__name__)
BEATS = 4  # renewals within the duration of a lease
_NOW = {
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS integer)",
}
_TAKE = """
INSERT INTO web_lease AS mine (name, holder, number, until) VALUES (%s, %s, 1, {now} + %s)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
    number = CASE WHEN mine.holder = excluded.holder THEN mine.number ELSE mine.number + 1 END
WHERE mine.holder = excluded.holder OR mine.until < {now}
RETURNING number
"""
_RENEW = "UPDATE web_lease SET until = {now} + %s WHERE name = %s AND holder = %s AND number = %s"
# A process that is stopped inside the transaction must not block the lease for longer than it would have lasted.
_PIN = {
    "postgresql": "SELECT set_config('idle_in_transaction_session_timeout', '5s', true) FROM web_lease WHERE name = %s "
    "AND holder = %s AND number = %s FOR UPDATE",
    "sqlite": "SELECT 1 FROM web_lease WHERE name = %s AND holder = %s AND number = %s",
}
_HELD = "SELECT name FROM web_lease WHERE until >= {now} AND name IN ({names})"


def now() -> int:
    """Return the milliseconds since 1970 by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_NOW[connection.vendor]}")
        return int(cursor.fetchone()[0])


def take(name: str, holder: str, seconds: float) -> int:
    """Take the lease `name` for so many seconds.

    Return the fencing number, or 0 if somebody else holds it. One statement.
    """
    rows = _run(_TAKE, [name, holder, int(seconds * 1000)])
    return int(rows[0][0]) if rows else 0


def renew(name: str, holder: str, number: int, seconds: float) -> bool:
    """Renew the lease with the same number. Return False if somebody else has held it since."""
    with connection.cursor() as cursor:
        cursor.execute(_RENEW.format(now=_NOW[connection.vendor]), [int(seconds * 1000), name, holder, number])
        return bool(cursor.rowcount)


def holds(name: str, holder: str, number: int) -> bool:
    """Return True if nobody else has held it since."""
    return Lease.objects.filter(name=name, holder=holder, number=number).exists()


def pin(name: str, holder: str, number: int) -> bool:
    """As `holds`, and lock the lease until the end of the transaction, which is the caller's."""
    return bool(_run(_PIN[connection.vendor], [name, holder, number]))


def lift(name: str, holder: str, number: int, above: int) -> None:
    """Give the holder's lease a number higher than `above`.

    For a lease row that is older than the data written under it (a restored or new database).
    """
    Lease.objects.filter(name=name, holder=holder, number=number).update(number=max(above, number) + 1)


def held(names: Collection[str]) -> set[str]:
    """Return those of the names that are held now."""
    if not names:
        return set()
    return {str(name) for (name,) in _run(_HELD, [*names], names=", ".join(["%s"] * len(names)))}


def release(name: str, holder: str, number: int) -> None:
    """Release the lease, so that others need not wait. The row stays, because it has the number."""
    Lease.objects.filter(name=name, holder=holder, number=number).update(until=0)


def _run(statement: str, values: list[Any], **parts: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(now=_NOW[connection.vendor], **parts), values)
        return list(cursor.fetchall())


class Heartbeat:
    """Holds a lease, and renews it from a thread of its own while the work runs.

    heart = Heartbeat("indexer", seconds=12)
    if heart.take():        # at most one process
        …                   # heart.number goes with what is written
        heart.beats()       # False once the lease may be somebody else's: stop working
    heart.stop()
    """

    def __init__(self, name: str, seconds: float, holder: str = "") -> None:
        self.name, self.seconds, self.holder = name, seconds, holder or uuid.uuid4().hex
        self.number = 0  # 0: not held
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self) -> bool:
        """Take the lease or keep it. Raise DatabaseError."""
        if self.number:
            return self.beats()
        self.number = take(self.name, self.holder, self.seconds)
        if self.number:
            self._stop = threading.Event()
            self._thread = threading.Thread(
                target=self._beat, args=(self.number, self._stop), name=f"lease {self.name}", daemon=True
            )
            self._thread.start()
        return bool(self.number)

    def beats(self) -> bool:
        """Return True if the lease is still held, according to the database. Raise DatabaseError."""
        if self.number and not holds(self.name, self.holder, self.number):
            self.lose()
        return bool(self.number)

    def pinned(self) -> bool:
        """As `beats`, and lock the lease until the end of the transaction, which is the caller's.

        Raise DatabaseError.
        """
        if self.number and not pin(self.name, self.holder, self.number):
            self.lose()
        return bool(self.number)

    def lift(self, above: int) -> None:
        """Lose the lease; the next `take` gets a number higher than `above`: see `lift`. Raise DatabaseError."""
        lift(self.name, self.holder, self.number, above)
        self.lose()

    def lose(self) -> None:
        """Stop renewing: somebody else has the lease, or may have it."""
        self._stop.set()
        self.number = 0

    def stop(self) -> None:
        """Release the lease, so that others need not wait until it ends."""
        number, thread = self.number, self._thread
        self.lose()
        if thread is not None:
            thread.join(timeout=5)
            self._thread = None
        if number:
            release(self.name, self.holder, number)

    def _beat(self, number: int, stop: threading.Event) -> None:
        while not stop.wait(self.seconds / BEATS):
            try:
                if not renew(self.name, self.holder, number, self.seconds):
                    logger.warning("The lease %s is somebody else's now", self.name)
                    break
            except DatabaseError as error:  # the next beat may come in time
                logger.warning("The lease %s was not renewed: %s", self.name, error)
            finally:
                close_old_connections()
        connection.close()
