"""Services of the fault tests' own, to be killed: an Elasticsearch and a Redis on loopback."""

import os
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

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

    def freeze(self) -> None:
        """Stop it from answering, with its connections open."""
        root = Path(os.environ.get("ES_ROOT") or "/opt/elasticsearch")
        os.kill(int((root / f"node-{PORT}" / "pid").read_text()), signal.SIGSTOP)

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

    def kill(self) -> None:
        """End it with -9."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(timeout=10)


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
