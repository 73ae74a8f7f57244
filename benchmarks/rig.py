"""What benchmarks/search.py stands on: a database with people and rows, both engines, and ways to ask and to time.

Everything has names of its own and is removed when the block ends.
"""

import hashlib
import http.client
import io
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

PATHS = {"results": {"nl": "/nl/zoeken/", "en": "/en/search/"}}


@dataclass
class Times:
    """Seconds of one thing, measured many times."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def at(self, share: float) -> float:
        """The wall time that so many are within, in milliseconds."""
        ordered = sorted(self.wall)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0

    @property
    def mean_cpu(self) -> float:
        """CPU of this process for one, in milliseconds."""
        return 1000 * statistics.fmean(self.cpu) if self.cpu else 0.0


def timed(into: Times, act: Callable[[], Any]) -> Any:
    """Do it and keep how long it took."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = act()
    into.cpu.append(time.process_time() - cpu)
    into.wall.append(time.perf_counter() - wall)
    return result


@contextmanager
def installation() -> Iterator[None]:
    """Names of our own in the environment, Django set up on them, a migrated database; all gone afterwards."""
    name = f"bench_{uuid.uuid4().hex[:10]}"
    with ExitStack() as end:
        var = Path(end.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        own = {"VAR_DIR": str(var), "SEARCH_INDEX_PREFIX": name, "REDIS_PREFIX": name, "BACKGROUND_THREADS": "0"}
        own |= {
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "SECRET_KEY": 2 * hashlib.sha256(name.encode()).hexdigest(),
        }
        own |= {"BASE_URL": "http://127.0.0.1:8000", "DEBUG": "0", "LOG_LEVEL": "WARNING"}
        os.environ.update(own)
        url = os.environ.get("DATABASE_URL", "")
        if url.startswith("postgres"):
            end.enter_context(_postgres(url, name))
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        if os.environ.get("STATIC_ROOT") is None:
            call_command("collectstatic", verbosity=0, interactive=False)
        end.callback(connections.close_all)
        end.callback(_close_pools)
        yield


def _close_pools() -> None:
    from django.db import connection

    if getattr(connection, "pool", None):
        connection.close_pool()


@contextmanager
def _postgres(url: str, name: str) -> Iterator[None]:
    import psycopg

    from tests.database import drop

    server, _slash, _old = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as db:
        db.execute(f'create database "{name}"')
    os.environ["DATABASE_URL"] = f"{server}/{name}"
    try:
        yield
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as db:
            drop(db, name)


@contextmanager
def by_words_alone() -> Iterator[None]:
    """Search by meaning is switched off inside the block."""
    from django.conf import settings

    from search import embeddings

    before, settings.SEARCH_MEANING = settings.SEARCH_MEANING, "off"
    embeddings.provider.cache_clear()
    try:
        yield
    finally:
        settings.SEARCH_MEANING = before
        embeddings.provider.cache_clear()
        warm()


def warm() -> None:
    """Load the model, which a server does in the background."""
    from search import embeddings

    if model := embeddings.provider():
        model.encode(["warm"])


def use(engine: str) -> Any:
    """Make this process's engine the one called so; without an index."""
    from django.conf import settings

    from search import embeddings, engines, vocabulary

    settings.ELASTICSEARCH_URL = os.environ["ELASTICSEARCH_URL"] if engine == "elastic" else ""
    engines.get.cache_clear()
    vocabulary.clear()
    embeddings.stored_table.cache_clear()
    warm()
    return engines.get()


class Wsgi:
    """The product's WSGI application in this process, with every middleware, asked by somebody who is signed in."""

    def __init__(self, cookie: str) -> None:
        from config.wsgi import application

        self.application, self.cookie = application, cookie

    def get(self, path: str, **query: str) -> bytes:
        """The body of a page. Raises AssertionError unless it is 200."""
        seen: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": urlencode(query), "HTTP_COOKIE": self.cookie,
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "HTTP_HOST": "127.0.0.1:8000",
            "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "REMOTE_ADDR": "127.0.0.1",
            "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
            "HTTP_ACCEPT": "text/html", "HTTP_ACCEPT_LANGUAGE": "nl", "HTTP_USER_AGENT": "bench",
        }  # fmt: skip
        answer = self.application(environ, lambda status, headers, info=None: seen.append(status))
        try:
            body = b"".join(answer)
        finally:
            answer.close()
        assert seen[0].startswith("200"), f"{path}: {seen[0]}"
        return body


@dataclass(frozen=True)
class Asked:
    """One request to Elasticsearch, as the product sent it."""

    method: str
    target: str
    body: bytes
    headers: dict[str, str]


@contextmanager
def listening() -> Iterator[list[Asked]]:
    """What the product asks Elasticsearch inside the block."""
    from search.engines.deadline import DeadlineNode

    asked: list[Asked] = []
    real = DeadlineNode.perform_request

    def perform(self: Any, method: str, target: str, body: Any = None, headers: Any = None, **rest: Any) -> Any:
        asked.append(Asked(method, target, body or b"", dict(headers or {})))
        return real(self, method, target, body=body, headers=headers, **rest)

    DeadlineNode.perform_request = perform
    try:
        yield asked
    finally:
        DeadlineNode.perform_request = real


class Bare:
    """Elasticsearch asked over HTTP with nothing around it."""

    def __init__(self) -> None:
        parts = urlsplit(os.environ["ELASTICSEARCH_URL"])
        self.connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)

    def ask(self, asked: Asked) -> bytes:
        """The answer. Raises AssertionError unless it is 200."""
        self.connection.request(asked.method, asked.target, asked.body, asked.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body[:300]
        return body

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self.connection.close()
