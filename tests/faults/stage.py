"""The production set-up of the fault tests, everything it stands on, and the people on it.

Two processes of pages, two of sockets, two indexers and a worker behind the shipped nginx; a PostgreSQL, Redis,
Elasticsearch and mail server of its own, with a wire (tests/faults/wire.py) to each, and to each process behind nginx.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from tests.client import Web
from tests.faults.inside import Inside
from tests.faults.nodes import Elastic, Postgres, Redis, elasticsearch, postgres_server, redis_server
from tests.faults.people import browser
from tests.faults.postbox import Postbox
from tests.faults.wire import Wires
from tests.scene import AGENT, OWNER, Scene
from tests.server import ROOT, Site, production

COUNTS = {"web": 2, "sockets": 2, "indexer": 2}
CONNECTIONS = 100  # of PostgreSQL, as it comes


class Stage:
    """All of it."""

    def __init__(
        self, site: Site, elastic: Elastic, redis: Redis, postgres: Postgres, postbox: Postbox, wires: Wires
    ) -> None:
        self.site, self.wires, self.postbox = site, wires, postbox
        self.elastic, self.redis, self.postgres = elastic, redis, postgres
        made = json.loads(site.shell("from tests.faults.inside import make; print(make())").splitlines()[-1])
        self.sessions: dict[str, str] = made["sessions"]
        self.topic: int = made["topic"]
        self.scene = Scene(made["space"])
        past_the_wires = {
            "DATABASE_URL": site.database, "REDIS_URL": redis.url, "ELASTICSEARCH_URL": elastic.url,
        }  # fmt: skip
        self.inside = Inside(site.environment | past_the_wires, ROOT)

    def mend(self) -> None:
        """Have everything running and every wire whole, whatever was done to it."""
        self.wires.mend()
        self.postbox.mode = "take"
        self.postgres.start()
        self.redis.start()
        if not self.elastic.answers():
            self.elastic.run("start")
        self.elastic.writable(True)
        for name in self.site.processes:
            self.site.thaw(name)
        ended = [name for name, process in self.site.processes.items() if process.poll() is not None]
        if ended:
            self.site.kill(*ended)
        if missing := self.site.commands.keys() - self.site.processes.keys():
            self.site.start(*missing)

    def release(self) -> None:
        """Let what is stopped or held go on, so that it can end."""
        self.wires.mend()
        self.postgres.thaw()
        for name in self.site.processes:
            self.site.thaw(name)

    def row(self, query: str, *values: object) -> tuple[Any, ...]:
        """The first row of a query."""
        with self.database() as db:
            return db.execute(query, values).fetchone() or ()

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection past the wires, that commits each statement."""
        with psycopg.connect(self.site.database, autocommit=True, connect_timeout=5) as db:
            yield db

    @contextmanager
    def outbox(self) -> Iterator[Callable[[], int]]:
        """Counts the entries that wait, fast enough to see a drain at work."""
        with self.database() as db:
            yield lambda: db.execute("select count(*) from search_outboxentry").fetchone()[0]

    def people(self, kind: str) -> list[Web]:
        """Browsers of the people of a kind: "asker", "agent"."""
        return [browser(self.site.url, key) for email, key in self.sessions.items() if email.startswith(kind)]

    @cached_property
    def owner(self) -> Web:
        """An employee."""
        return browser(self.site.url, self.sessions[OWNER])

    @cached_property
    def agent(self) -> Web:
        """An agent of HR."""
        return browser(self.site.url, self.sessions[AGENT])


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """The set-up; ends with the block, with everything it stands on."""
    with ExitStack() as stack:
        elastic = stack.enter_context(elasticsearch())
        redis = stack.enter_context(redis_server())
        postgres = stack.enter_context(postgres_server(max_connections=CONNECTIONS))
        postbox = stack.enter_context(Postbox())
        wires = stack.enter_context(Wires())
        services = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "ELASTICSEARCH_URL": elastic.url}
        site = stack.enter_context(production(folder, counts=COUNTS, wire=wires.lay, EMAIL_URL=postbox.url, **services))
        made = Stage(site, elastic, redis, postgres, postbox, wires)
        stack.callback(made.inside.close)
        stack.callback(made.release)
        yield made
