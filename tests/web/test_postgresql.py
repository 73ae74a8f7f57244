"""Connections to a PostgreSQL that stops, is killed, hangs or is full, in one process with threads."""

import importlib
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from unittest import mock

import pytest
from django.db import OperationalError, connection, connections

from config import settings
from tests.faults.nodes import Postgres, postgres_server
from tests.server import wait_until
from web.postgresql import base

pytestmark = pytest.mark.faults
SERVED = 3.0  # seconds after it accepts connections


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server for these tests, nearly full with three connections."""
    with postgres_server(max_connections=11) as node:
        yield node


@pytest.fixture
def database(server: Postgres, monkeypatch: pytest.MonkeyPatch, django_db_blocker: pytest.Item) -> Iterator[None]:
    """Django's connections to it, with the product's own settings."""
    monkeypatch.setenv("DATABASE_URL", server.url)
    monkeypatch.setattr(base, "breaker", base.Breaker("PostgreSQL", base._unreachable, failures=1, longest=1.0))
    logger = logging.getLogger("psycopg.pool")
    before = connections.settings, logger.level
    with django_db_blocker.unblock():
        server.start()
        with mock.patch.dict("os.environ", REDIS_URL="", ELASTICSEARCH_URL=""):
            databases = importlib.reload(settings).DATABASES
        logger.setLevel("ERROR")
        old = connections["default"]
        connections.settings = connections.configure_settings(databases)
        del connections["default"]
        try:
            yield
        finally:
            server.thaw()
            connection.close()
            connection.close_pool()
            connections.settings = before[0]
            logger.setLevel(before[1])
            connections["default"] = old
    monkeypatch.undo()
    importlib.reload(settings)


def ask(sql: str = "select 1") -> str:
    """Return "ok" or the error of one request, with a connection of its own for a while."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return "ok"
    except OperationalError as error:
        return str(error)
    finally:
        connection.close()


def together(threads: int, sql: str = "select pg_sleep(0.02)") -> list[str]:
    """Return the results of so many concurrent requests."""
    said: list[str] = []
    working = [threading.Thread(target=lambda: said.append(ask(sql))) for _ in range(threads)]
    for thread in working:
        thread.start()
    for thread in working:
        thread.join()
    return said


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


@pytest.mark.parametrize("how", ["fast", "immediate", "kill"])
def test_no_connection_from_before_a_restart_is_used(database: None, server: Postgres, how: str) -> None:
    assert together(6) == ["ok"] * 6
    if how == "kill":
        server.kill()
    else:
        server.stop(signal.SIGINT if how == "fast" else signal.SIGQUIT)
    server.start()
    assert together(6) == ["ok"] * 6


def test_while_it_is_away_nobody_waits_and_soon_after_all_are_served(database: None, server: Postgres) -> None:
    assert together(4) == ["ok"] * 4
    server.stop(signal.SIGQUIT)
    try:
        assert seconds(lambda: together(4)) < base.WAIT_SECONDS + 1.5
        refused = [seconds(ask) for _ in range(20)]
        assert sorted(refused)[10] < 0.1
    finally:
        server.start()
    assert seconds(lambda: wait_until(lambda: ask() == "ok", "a connection", 10, pause=0.05)) < SERVED
    assert together(4) == ["ok"] * 4


def test_nobody_waits_for_a_server_that_hangs(
    database: None, server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask() == "ok"
    monkeypatch.setattr(base, "CHECK_SECONDS", 0.3)
    monkeypatch.setattr(base, "WAIT_SECONDS", 0.3)
    connection.ensure_connection()
    connection.connection.patience = 0.5
    server.freeze()
    try:
        assert seconds(lambda: ask()) < 1.5
        assert seconds(lambda: together(4)) < 3
    finally:
        server.thaw()
    assert seconds(lambda: wait_until(lambda: ask() == "ok", "a connection", 10, pause=0.05)) < SERVED


def test_an_answer_is_waited_for_longer_than_the_server_lets_a_statement_run(database: None) -> None:
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("show statement_timeout")
        assert cursor.fetchone() == ("15s",)
    assert connection.connection.patience == 18
    with pytest.raises(OperationalError, match="statement timeout"), connection.cursor() as cursor:
        cursor.execute("set statement_timeout = 50; select pg_sleep(5)")


def test_connections_used_up_are_an_outage_that_passes(database: None, server: Postgres) -> None:
    import psycopg

    connection.close_pool()
    held = []
    try:
        while len(held) < 20:
            held.append(psycopg.connect(server.url))
    except psycopg.OperationalError as error:
        assert "too many" in str(error) or "slots" in str(error)  # noqa: PT017
    assert ask() != "ok"
    for each in held:
        each.close()
    assert seconds(lambda: wait_until(lambda: ask() == "ok", "a connection", 10, pause=0.05)) < SERVED
