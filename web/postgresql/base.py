"""Django's PostgreSQL backend, without waits that have no end.

- While the server does not answer, a process asks for a connection once a second and refuses everybody else at once, so
  that its threads are free (web/breaker.py).
- A connection is checked when it is taken from the pool. The first one that is lost removes all others from the pool:
  the server has restarted.
- A server that is stopped (SIGSTOP) keeps its connections open and acknowledges what is sent, so neither its own
  timeouts nor those of TCP end a wait. The client ends it after `patience` seconds, and closes the connection.
"""

import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import _WaitTimeout
from psycopg_pool import ConnectionPool, PoolTimeout

from web.breaker import Breaker, BreakerOpen

WAIT_SECONDS = 3.0  # for a connection
CHECK_SECONDS = 3.0  # for the check of a connection from the pool


def _unreachable(error: BaseException) -> bool:
    """Return True if there was no connection for another reason than that all of them are in use."""
    return isinstance(error, psycopg.OperationalError) and not isinstance(error, PoolTimeout)


breaker = Breaker("PostgreSQL", _unreachable, failures=1, longest=1.0)


class Connection(psycopg.Connection[Any]):
    """Waits at most `patience` seconds for each answer of the server; None: without end."""

    patience: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait. Raise OperationalError if there is no answer in time, with the connection closed.

        A late answer could not be told from the answer to the next statement.
        """
        if timeout is not None or self.patience is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience)
        except _WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer within {self.patience:.0f} s") from None


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend. Its option `patience` is passed on to connections."""

    @property
    def pool(self) -> Any:
        """Return the pool of this process, or None. It opens with the first connection."""
        pool = super().pool
        if pool is not None:
            pool.connection_class = Connection
        return pool

    def get_connection_params(self) -> dict[str, Any]:
        """Return the parameters of the driver."""
        params: dict[str, Any] = super().get_connection_params()
        params.pop("patience", None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a live connection. Raise OperationalError at once while the server does not answer."""
        try:
            with breaker.attempt():
                return self._from_pool(conn_params) if self.pool else self._opened(conn_params)
        except BreakerOpen as refused:
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
            except PoolTimeout as error:  # ask again each second, so that the pool tries to connect again
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
    """Return how often the pool failed to connect."""
    return pool.get_stats().get("connections_errors", 0)
