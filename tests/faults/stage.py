"""The production set-up of the fault tests with the people on it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

import psycopg

from tests.client import Web
from tests.faults.nodes import Elastic, Redis
from tests.scene import AGENT, OWNER, Scene, prepare
from tests.server import Site


class Stage:
    """A site, what it stands on, and people at their browsers."""

    def __init__(self, site: Site, elastic: Elastic, redis: Redis) -> None:
        self.site, self.elastic, self.redis = site, elastic, redis

    @cached_property
    def scene(self) -> Scene:
        """People and a space."""
        return prepare(self.site)

    def mend(self) -> None:
        """Start whatever does not run."""
        self.redis.start()
        self.elastic.run("start")
        for name in self.site.commands.keys() - self.site.processes.keys():
            self.site.start(name)

    @contextmanager
    def outbox(self) -> Iterator[Callable[[], int]]:
        """Counts the entries that wait, fast enough to see a drain at work."""
        with psycopg.connect(self.site.environment["DATABASE_URL"], autocommit=True) as db:
            yield lambda: db.execute("select count(*) from search_dirty").fetchone()[0]  # type: ignore[index]  # a count

    def visitor(self) -> Web:
        """An anonymous customer."""
        assert self.scene
        return Web(self.site.url)

    @cached_property
    def owner(self) -> Web:
        """An employee."""
        return self._signed_in(OWNER)

    @cached_property
    def agent(self) -> Web:
        """An agent of HR."""
        return self._signed_in(AGENT)

    def _signed_in(self, email: str) -> Web:
        web = self.visitor()
        web.sign_in(email)
        return web
