"""Django's PostgreSQL backend, without waits that have no end.

- While the server does not answer, a process asks for a connection once a second and refuses everybody else at once,
  so that its threads are free (web/breaker.py).
- A connection is checked when it is taken from the pool. The first one that turns out to be lost takes all others of
  the pool with it: the server has restarted.
- A server that is merely stopped keeps its connections open and acknowledges what is sent, so no timeout of its own
  and none of TCP ends a wait. The client ends it after `patience` seconds, and closes the connection.
"""

import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import _WaitTimeout
from psycopg_pool import ConnectionPool, PoolTimeout

from web.breaker import Breaker, Refused

WAIT_SECONDS = 3.0  # for a connection
CHECK_SECONDS = 3.0  # for its sign of life when it comes from the pool


def _unreachable(error: BaseException) -> bool:
    """Whether no connection could be had, other than because all of them are in use."""
    return isinstance(error, psycopg.OperationalError) and not isinstance(error, PoolTimeout)


breaker = Breaker("PostgreSQL", _unreachable, failures=1, longest=1.0)


class Connection(psycopg.Connection[Any]):
    """Waits for each answer of the server at most `patience` seconds; None: without end."""

    patience: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Raises OperationalError when there is no answer in time, with the connection closed: what would still come
        could not be told from the answer to the next statement."""
        if timeout is not None or self.patience is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience)
        except _WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer within {self.patience:.0f} s") from None


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend. Its option `patience` is that of connections."""

    @property
    def pool(self) -> Any:
        """The pool of this process, or None. It opens with the first connection that is asked of it."""
        pool = super().pool
        if pool is not None:
            pool.connection_class = Connection
        return pool

    def get_connection_params(self) -> dict[str, Any]:
        """Those of the driver."""
        params: dict[str, Any] = super().get_connection_params()
        params.pop("patience", None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that is alive. Raises OperationalError at once while the server does not answer."""
        try:
            with breaker.attempt():
                return self._from_pool(conn_params) if self.pool else self._opened(conn_params)
        except Refused as refused:
            raise psycopg.OperationalError(str(refused)) from None

    def _opened(self, params: dict[str, Any]) -> Connection:
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return Connection.connect(**params)

    def _from_pool(self, params: dict[str, Any]) -> Connection:
        before, lost = _failed(self.pool), False
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                connection: Connection = super().get_new_connection(params)
            except PoolTimeout as error:  # each second, so that the pool tries again to connect
                if time.monotonic() < until:
                    continue
                if lost or _failed(self.pool) > before:
                    raise psycopg.OperationalError("the server does not answer") from error
                raise
            if self._alive(connection):
                return connection
            lost = True
            self.pool.putconn(connection)
            self.pool.drain()
            if time.monotonic() > until:
                raise psycopg.OperationalError("the server does not answer")

    def _alive(self, connection: Connection) -> bool:
        connection.patience = CHECK_SECONDS
        try:
            ConnectionPool.check_connection(connection)
        except psycopg.OperationalError:
            return False
        connection.patience = self._patience
        return True

    def _configure_connection(self, connection: Connection) -> bool:
        connection.patience = self._patience
        return bool(super()._configure_connection(connection))  # type: ignore[misc]  # newer than the stubs

    @property
    def _patience(self) -> float | None:
        patience: float | None = self.settings_dict["OPTIONS"].get("patience")
        return patience


def _failed(pool: ConnectionPool[Any]) -> int:
    """How often the pool could not connect."""
    return pool.get_stats().get("connections_errors", 0)
