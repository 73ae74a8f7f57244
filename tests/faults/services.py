"""Faults of what the product stands on, and of the lines to it: each lasts a while, and ends by itself."""

import signal
import time
from collections.abc import Callable

import psycopg

from tests.faults.trial import Act


def line(part: str, mode: str, latency: float = 0.5) -> Callable[[Act], None]:
    """The wires to a part are in a mode of tests/faults/wire.py."""

    def fault(act: Act) -> None:
        wires = act.stage.wires.named(part)
        for wire in wires:
            wire.latency, wire.mode = latency, mode
            if mode == "cut":
                wire.cut()
        act.hold()
        for wire in wires:
            wire.mode = "pass"

    return fault


def postgres_restarted(act: Act) -> None:
    """PostgreSQL is restarted."""
    act.stage.postgres.stop(signal.SIGINT)
    act.hold()
    act.stage.postgres.start()


def postgres_killed(act: Act) -> None:
    """PostgreSQL and everything it serves die with -9."""
    act.stage.postgres.kill()
    act.hold()
    act.stage.postgres.start()


def connections_used_up(act: Act) -> None:
    """Somebody else has every connection of PostgreSQL that is free, and takes each that becomes free."""
    held: list[psycopg.Connection[object]] = []
    end = time.monotonic() + act.seconds
    try:
        while time.monotonic() < end:
            try:
                held.append(psycopg.connect(act.stage.site.database, connect_timeout=2))
            except psycopg.OperationalError:
                time.sleep(0.05)
    finally:
        for connection in held:
            connection.close()


def redis_killed(act: Act) -> None:
    """Redis dies, and comes back with nothing."""
    act.stage.redis.kill()
    act.hold()
    act.stage.redis.start()


def pubsub_cut(act: Act) -> None:
    """The connections by which processes hear of each other's messages are closed, again and again."""
    end = time.monotonic() + act.seconds
    while time.monotonic() < end:
        act.stage.redis.ask("CLIENT", "KILL", "TYPE", "pubsub")
        time.sleep(0.7)


def elastic_killed(act: Act) -> None:
    """Elasticsearch dies, and comes back."""
    act.stage.elastic.run("kill")
    act.hold()
    act.stage.elastic.run("start")


def elastic_read_only(act: Act) -> None:
    """Elasticsearch refuses writes, as when its disk is nearly full."""
    act.stage.elastic.writable(False)
    act.hold()
    act.stage.elastic.writable(True)
