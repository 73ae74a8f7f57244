"""Services of the fault tests' own, to be killed: an Elasticsearch, a Redis and a PostgreSQL on loopback."""

import os
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.installed import BINARIES, as_postgres, cluster, hand_over
from tests.server import ROOT, free_port, wait_until

# Where the script is that runs Elasticsearch: beside the checkout.
TOOLS = Path(os.environ.get("SHARED_TOOLS") or ROOT.parent / "shared" / "tools")
PORT = int(os.environ.get("FAULTS_ELASTICSEARCH_PORT") or 9210)


class Elastic:
    """A node of its own, by `shared/tools/elasticsearch`."""

    url = f"http://127.0.0.1:{PORT}"

    def run(self, command: str) -> None:
        """start, kill or wipe."""
        environment = {"ES_JAVA_OPTS": "-Xms256m -Xmx256m"} | dict(os.environ)
        subprocess.run(
            [TOOLS / "elasticsearch", command, str(PORT)],
            env=environment, check=True, stdout=subprocess.DEVNULL, timeout=240,
        )  # fmt: skip

    def writable(self, yes: bool) -> None:
        """Refuse writes to every index, as a node does whose disk is nearly full; or take them again."""
        body = b'{"index.blocks.read_only_allow_delete": %s}' % (b"null" if yes else b"true")
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/_all/_settings", body, headers, method="PUT")

        def done() -> bool:
            try:
                urllib.request.urlopen(request, timeout=10).close()
            except urllib.error.HTTPError as error:
                if error.code != 404:
                    raise
                return False  # an index went away meanwhile: a rebuild ended
            return True

        wait_until(done, "the setting")

    def answers(self) -> bool:
        """Whether it does."""
        try:
            urllib.request.urlopen(self.url, timeout=2).close()
        except (urllib.error.URLError, OSError):
            return False
        return True


class Redis:
    """A server of its own, that keeps nothing on disk."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        import redis

        if self._process is not None:
            return
        self._process = subprocess.Popen(
            [shutil.which("redis-server") or "redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
            + ["--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )

        def answers() -> bool:
            with redis.Redis(port=self.port) as connection, suppress(redis.RedisError):
                return bool(connection.ping())
            return False

        wait_until(answers, "Redis")

    def ask(self, *command: str) -> object:
        """A command: `ask("FLUSHALL")`."""
        import redis

        with redis.Redis(port=self.port) as connection:
            return connection.execute_command(*command)

    def kill(self) -> None:
        """End it with -9."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(timeout=10)


class Postgres:
    """A server of its own on a copy of a migrated cluster; `url` is one of its databases, empty.

    It runs as the user `postgres` where the tests run as root, which PostgreSQL refuses.
    """

    def __init__(self, folder: Path, **options: object) -> None:
        self.port = free_port()
        self.server = f"postgres://vraagbaak@127.0.0.1:{self.port}"
        self.url = f"{self.server}/vraagbaak"
        self._data = folder / "data"
        self._options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",  # what a killed process wrote is kept all the same
            **options,
        }
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or let it go on, and wait until it accepts connections: after `kill` it repairs itself first."""
        if self._process is None:
            self.launch()
        self.thaw()
        wait_until(self.answers, f"PostgreSQL; its log: {self._log}", 60)

    def launch(self) -> None:
        """Start it and wait for nothing."""
        options = [word for name, value in self._options.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [BINARIES / "postgres", "-D", self._data, *options], stdout=log, stderr=log, cwd="/", **as_postgres()
            )

    def answers(self) -> bool:
        """Whether it accepts connections and answers."""
        import psycopg

        try:
            with psycopg.connect(f"{self.server}/postgres", connect_timeout=2, autocommit=True) as db:
                return db.execute("select 1").fetchone() == (1,)
        except psycopg.Error:
            return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT ends what runs and writes everything ("fast"), SIGQUIT does neither ("immediate")."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(timeout=30)

    def kill(self) -> None:
        """End it and what it serves with -9."""
        pids = self._pids()
        process, self._process = self._process, None
        _signal(pids, signal.SIGKILL)
        if process is not None:
            process.wait(timeout=10)
            wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), "PostgreSQL to be gone")

    def freeze(self) -> None:
        """Stop it from answering, with its connections open; `start` lets it go on."""
        _signal(self._pids(), signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on after `freeze`."""
        _signal(self._pids(), signal.SIGCONT)

    def _pids(self) -> list[int]:
        """Of the server, and of its processes for connections and work of its own."""
        if self._process is None:
            return []
        pid = self._process.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def _signal(pids: list[int], which: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, which)


@contextmanager
def postgres_server(**options: object) -> Iterator[Postgres]:
    """A PostgreSQL that ends with the block, with its data. `options` as in postgresql.conf: `max_connections=20`."""
    if not BINARIES.exists():
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail("no PostgreSQL in /usr/lib/postgresql")
        pytest.skip("no PostgreSQL in /usr/lib/postgresql")
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        folder = Path(name)
        shutil.copytree(cluster(free_port()), folder / "data", symlinks=True)
        hand_over(folder)
        server = Postgres(folder, **options)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@contextmanager
def redis_server() -> Iterator[Redis]:
    """A Redis that ends with the block."""
    server = Redis()
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def elasticsearch() -> Iterator[Elastic]:
    """A node that ends with the block, with its data."""
    if not (TOOLS / "elasticsearch").exists():
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail(f"no {TOOLS}/elasticsearch; set SHARED_TOOLS")
        pytest.skip(f"no {TOOLS}/elasticsearch; set SHARED_TOOLS")
    node = Elastic()
    node.run("wipe")  # of a run that was cut off
    node.run("start")
    try:
        yield node
    finally:
        node.run("kill")
        node.run("wipe")
