"""Leases: a name that one process holds at a time, for as long as it says again and again that it is alive.

A holder that dies or merely stops loses it after `seconds`. It may not know yet when it goes on, so what it does then
carries its **fencing number**, which grows with each new holder: whoever receives the work refuses a lower number than
one it has seen, or the holder asks `holds` first. (Lamport's and Chubby's sequencers; Kleppmann, "How to do
distributed locking", 2016.)

Moments are the database's: the clocks of the processes may differ.
"""

import logging
import threading
import uuid
from collections.abc import Collection
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

from web.models import Lease

logger = logging.getLogger(__name__)
BEATS = 4  # signs of life in the time of a lease
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
# Whoever is stopped in the transaction does not keep others from the lease for longer than it would have lasted.
_PIN = {
    "postgresql": "SELECT set_config('idle_in_transaction_session_timeout', '5s', true) FROM web_lease WHERE name = %s "
    "AND holder = %s AND number = %s FOR UPDATE",
    "sqlite": "SELECT 1 FROM web_lease WHERE name = %s AND holder = %s AND number = %s",
}
_HELD = "SELECT name FROM web_lease WHERE until >= {now} AND name IN ({names})"


def now() -> int:
    """Milliseconds since 1970, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_NOW[connection.vendor]}")
        return int(cursor.fetchone()[0])


def take(name: str, holder: str, seconds: float) -> int:
    """Hold `name` for so long from now: the fencing number, or 0 when somebody else holds it. One statement."""
    rows = _run(_TAKE, [name, holder, int(seconds * 1000)])
    return int(rows[0][0]) if rows else 0


def renew(name: str, holder: str, number: int, seconds: float) -> bool:
    """Go on holding it under the same number; False when somebody else has held it since."""
    with connection.cursor() as cursor:
        cursor.execute(_RENEW.format(now=_NOW[connection.vendor]), [int(seconds * 1000), name, holder, number])
        return bool(cursor.rowcount)


def holds(name: str, holder: str, number: int) -> bool:
    """Whether nobody else has held it since."""
    return Lease.objects.filter(name=name, holder=holder, number=number).exists()


def pin(name: str, holder: str, number: int) -> bool:
    """As `holds`, and nobody else can take it until the transaction ends, which is the caller's."""
    return bool(_run(_PIN[connection.vendor], [name, holder, number]))


def lift(name: str, holder: str, number: int, above: int) -> None:
    """Who holds it takes it anew under a number higher than `above`, which was seen with what a holder wrote: the row
    is older than that (a restored database, a new one)."""
    Lease.objects.filter(name=name, holder=holder, number=number).update(number=max(above, number) + 1)


def held(names: Collection[str]) -> set[str]:
    """Those of the names that somebody holds now."""
    if not names:
        return set()
    return {str(name) for (name,) in _run(_HELD, [*names], names=", ".join(["%s"] * len(names)))}


def release(name: str, holder: str, number: int) -> None:
    """Let go of it: whoever wants it need not wait. The row stays, for the number."""
    Lease.objects.filter(name=name, holder=holder, number=number).update(until=0)


def _run(statement: str, values: list[Any], **parts: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(now=_NOW[connection.vendor], **parts), values)
        return list(cursor.fetchall())


class Heartbeat:
    """Holds a lease, and puts off its end from a thread of its own while the work goes on.

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
        """Hold the lease, or go on holding it. Raises DatabaseError."""
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
        """Whether the lease is held, by the database. Raises DatabaseError."""
        if self.number and not holds(self.name, self.holder, self.number):
            self.lose()
        return bool(self.number)

    def pinned(self) -> bool:
        """As `beats`, and it stays so until the transaction ends, which is the caller's. Raises DatabaseError."""
        if self.number and not pin(self.name, self.holder, self.number):
            self.lose()
        return bool(self.number)

    def lift(self, above: int) -> None:
        """Lose it, and take it next under a number higher than `above`: see `lift`. Raises DatabaseError."""
        lift(self.name, self.holder, self.number, above)
        self.lose()

    def lose(self) -> None:
        """It is somebody else's, or may be: take it anew before going on."""
        self._stop.set()
        self.number = 0

    def stop(self) -> None:
        """Let go of it, so that another need not wait until it ends."""
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
