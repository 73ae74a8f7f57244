"""The product as real processes, for journeys and fault tests: a database, index and files of its own.

    with embedded(tmp_path, "demo") as site:      # one process, SQLite, tantivy, threads
        page.goto(site.url)
        site.sessions["anouk.verbeek@debrug.example"]    # the session cookie of a person
        site.kill()                       # -9, nothing said
        site.start()                      # the same data
        site.manage("check_index")

`production(tmp_path)` is the same on PostgreSQL, Redis and Elasticsearch, with the commands of compose.yaml. What it
holds when it starts (nothing, the `people` of the tests, the `demo`) is made once and copied: tests/installed.py.
Everything listens on loopback and ends with the block. tests/client.py speaks to it as a person would.
"""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.database import drop
from tests.installed import KEEP, SECRET_KEY, postgres, sqlite, static_files

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30, pause: float = 0.1) -> object:
    """Poll until `condition()` is true, and return what it gave. Raises AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        if found := condition():
            return found
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(pause)


class Site:
    """The processes of one installation and how to reach them."""

    def __init__(
        self, var: Path, environment: dict[str, str], commands: dict[str, str], port: int, others: tuple[int, ...] = ()
    ) -> None:
        self.sessions: dict[str, str] = {}  # by address, of what it held when it started
        self.var, self.commands, self.port, self.others = var, commands, port, others
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {name: os.environ[name] for name in KEEP if name in os.environ} | {
            "SECRET_KEY": SECRET_KEY,
            "BASE_URL": self.url,
            "VAR_DIR": str(var),
            "STATIC_ROOT": str(static_files()),
            "PYTHONWARNINGS": "default",
            **environment,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start the named processes (default: all) and wait until pages are served and sockets are listened for."""
        for name in names or self.commands:
            command = shlex.split(self.commands[name])
            with (self.var / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    [str(Path(sys.executable).parent / command[0]), *command[1:]],
                    cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                )  # fmt: skip
        wait_until(self.healthy, f"the server; its logs: {self.logs()}", 300)

    def healthy(self) -> bool:
        """Whether pages are served and sockets are listened for. Raises AssertionError when a process has ended."""
        ended = {name for name, process in self.processes.items() if process.poll() is not None}
        assert not ended, f"{ended} ended; the logs: {self.logs()}"
        try:
            for port in self.others:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
            with urllib.request.urlopen(f"{self.url}/health/", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self, *names: str) -> None:
        """End the named processes (default: all) with -9."""
        self._end(signal.SIGKILL, names)

    def stop(self, *names: str) -> None:
        """Ask the named processes (default: all) to end."""
        self._end(signal.SIGTERM, names)

    def _end(self, how: signal.Signals, names: tuple[str, ...]) -> None:
        ending = [self.processes.pop(name) for name in names or list(self.processes)]
        for process in ending:
            process.send_signal(how)
        for process in ending:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=15)

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run manage.py in this installation."""
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert not check or result.returncode == 0, result.stdout + result.stderr
        return result

    def shell(self, code: str) -> str:
        """What Python code prints in this installation, with every model imported by Django's shell."""
        return self.manage("shell", "--verbosity", "0", "--command", code).stdout.strip()

    def logs(self) -> str:
        """Where to look when something went wrong."""
        return ", ".join(str(self.var / f"{name}.log") for name in self.commands)


@contextmanager
def embedded(var: Path, content: str = "", **environment: str) -> Iterator[Site]:
    """The embedded set-up: one process, started as `make run` starts it."""
    sessions = sqlite(var, content)
    port = free_port()
    serve = (
        f"uvicorn config.asgi:application --host 127.0.0.1 --port {port} "
        "--ws websockets-sansio --ws-max-size 65536 --log-level warning"
    )
    site = Site(var, environment, {"server": serve}, port)
    site.sessions = sessions
    try:
        site.start()
        yield site
    finally:
        site.stop()


def compose_commands(ports: dict[str, int]) -> dict[str, str]:
    """The commands of compose.yaml's own services, listening on loopback on these ports."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    commands = {name: services[name]["command"] for name in ("web", "sockets", "indexer", "worker")}
    for name, inside in (("web", "8000"), ("sockets", "8001")):
        commands[name] = commands[name].replace("0.0.0.0", "127.0.0.1").replace(inside, str(ports[name]))  # noqa: S104
    return commands


@contextmanager
def production(var: Path, content: str = "", **environment: str) -> Iterator[Site]:
    """The production set-up on the services of the environment, behind nginx: the commands of compose.yaml."""
    import psycopg

    name = f"server_{uuid.uuid4().hex[:12]}"
    server, _slash, _database = environment.pop("DATABASE_URL", os.environ.get("DATABASE_URL", "")).rpartition("/")
    ports = {part: free_port() for part in ("nginx", "web", "sockets")}
    commands = compose_commands(ports) | {"nginx": _nginx(var, ports)}
    site = Site(
        var,
        {
            "DATABASE_URL": f"{server}/{name}",
            "REDIS_URL": _redis_url(),
            "REDIS_PREFIX": name,
            "ELASTICSEARCH_URL": os.environ["ELASTICSEARCH_URL"],
            "SEARCH_INDEX_PREFIX": name,
            "BEHIND_PROXY": "1",
            **environment,
        },
        commands,
        ports["nginx"],
        (ports["sockets"],),
    )
    with psycopg.connect(f"{server}/postgres", autocommit=True) as db:
        site.sessions = postgres(db, server, name, content)
        try:
            site.start()
            yield site
        finally:
            site.stop()
            drop(db, name)
            _drop_indexes(site.environment["ELASTICSEARCH_URL"], name)


def _redis_url() -> str:
    """Not the database of the tests beside this one: each of them empties its cache when it ends."""
    server, _slash, number = os.environ["REDIS_URL"].rpartition("/")
    return f"{server}/{int(number or 0) + 1}"


def _nginx(var: Path, ports: dict[str, int], **more: tuple[int, ...]) -> str:
    """Write a configuration around deploy/nginx.conf; the command that serves it, relative to nginx's folder. `more`:
    ports of further processes (`sockets=(8101, 8102)`)."""
    conf = (ROOT / "deploy" / "nginx.conf").read_text().replace("root /etc/nginx;", f"root {ROOT}/deploy;")
    for name, inside in (("web", "web:8000"), ("sockets", "sockets:8001")):
        found = re.search(f"server {inside}(.*?;)", conf)
        assert found, f"no upstream {inside}"
        each = (ports[name], *more.get(name, ()))
        conf = conf.replace(found[0], " ".join(f"server 127.0.0.1:{port}{found[1]}" for port in each))
    conf = conf.replace("listen 80;", f"listen 127.0.0.1:{ports['nginx']};")
    temp = "\n".join(f"{kind}_temp_path {var}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (var / "nginx.conf").write_text(
        f"daemon off; pid {var}/nginx.pid; error_log {var}/nginx-error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temp}\n{conf}\n}}\n"
    )
    return f"{shutil.which('nginx') or '/usr/sbin/nginx'} -c {var}/nginx.conf -p {var}"


def _drop_indexes(url: str, prefix: str) -> None:
    try:
        with urllib.request.urlopen(f"{url}/_cat/indices/{prefix}*?h=index", timeout=10) as answer:
            names = answer.read().decode().split()
        for name in names:
            urllib.request.urlopen(urllib.request.Request(f"{url}/{name}", method="DELETE"), timeout=10).close()
    except (urllib.error.URLError, OSError):
        return  # a fault test may have ended that node
