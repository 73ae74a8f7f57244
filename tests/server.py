"""The product as real processes, for journeys and fault tests: a database, index and files of its own.

    with embedded(tmp_path, "demo") as site:      # one process, SQLite, tantivy, threads
        page.goto(site.url)
        site.sessions["anouk.verbeek@debrug.example"]    # the session cookie of a person
        site.kill()                       # -9, nothing said
        site.start()                      # the same data
        site.manage("check_index")

`production(tmp_path)` is the same on PostgreSQL, Redis and Elasticsearch, with the commands of compose.yaml; with
`sockets=2` two of them run, `sockets1` and `sockets2`, behind the same nginx. What it
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
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import yaml
from psycopg import OperationalError

from tests.database import drop
from tests.installed import KEEP, SECRET_KEY, postgres, sqlite, static_files

ROOT = Path(__file__).resolve().parent.parent
INSIDE = {"web": "web:8000", "sockets": "sockets:8001"}  # what deploy/nginx.conf passes on to
Wire = Callable[[str, int], int]


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
        self.database = environment.get("DATABASE_URL", "")  # as tests reach it, past any wire
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
        self.launch(*names)
        wait_until(self.healthy, f"the server; its logs: {self.logs()}", 300)

    def launch(self, *names: str, **environment: str) -> None:
        """Start the named processes (default: all), with what is special in their environment, and wait for nothing."""
        for name in names or self.commands:
            command = shlex.split(self.commands[name])
            with (self.var / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    [str(Path(sys.executable).parent / command[0]), *command[1:]],
                    cwd=ROOT, env=self.environment | {"PGAPPNAME": name} | environment, stdout=log, stderr=log,
                )  # fmt: skip

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

    def freeze(self, name: str) -> None:
        """Stop a process from doing anything; what it has open stays open."""
        for pid in _family(self.processes[name]):
            os.kill(pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let it go on as if nothing had happened."""
        for pid in _family(self.processes[name]):
            os.kill(pid, signal.SIGCONT)

    def _end(self, how: signal.Signals, names: tuple[str, ...]) -> None:
        ending = [self.processes.pop(name) for name in names or list(self.processes)]
        for process in ending:
            # What dies at once takes its workers with it, as a machine does; asked politely, it ends them itself.
            for pid in _family(process) if how == signal.SIGKILL else [process.pid]:
                with suppress(ProcessLookupError):
                    os.kill(pid, how)
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


def _family(process: subprocess.Popen[bytes]) -> list[int]:
    """The process and those it started."""
    pid = process.pid
    try:
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    except OSError:
        return []


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


def compose_commands(ports: dict[str, int], counts: dict[str, int]) -> dict[str, str]:
    """The commands of compose.yaml's own services, listening on loopback on these ports: `web`, or `web1`, `web2` when
    there are to be two of it."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    commands = {}
    for part in ("web", "sockets", "indexer", "worker"):
        for name in names_of(part, counts):
            command = services[part]["command"]
            if name in ports:
                inside = INSIDE[part].partition(":")[2]
                command = command.replace("0.0.0.0", "127.0.0.1").replace(inside, str(ports[name]))  # noqa: S104
            commands[name] = command
    return commands


def names_of(part: str, counts: dict[str, int]) -> list[str]:
    """What the processes of a part are called."""
    count = counts.get(part, 1)
    return [part] if count == 1 else [f"{part}{number}" for number in range(1, count + 1)]


@contextmanager
def production(
    var: Path, content: str = "", counts: dict[str, int] | None = None, wire: Wire = lambda part, port: port,
    **environment: str,
) -> Iterator[Site]:  # fmt: skip
    """The production set-up on the services of the environment, behind nginx: the commands of compose.yaml.

    `counts` says how many of a part run ({"sockets": 2}). `wire(part, port)` is told the port of each part that others
    connect to, and gives the one that they shall use instead.
    """
    name = f"server_{uuid.uuid4().hex[:12]}"
    server, _slash, _database = environment.pop("DATABASE_URL", os.environ.get("DATABASE_URL", "")).rpartition("/")
    counts = counts or {}
    ports = {each: free_port() for part in INSIDE for each in names_of(part, counts)}
    front = free_port()
    behind = {part: tuple(wire(each, ports[each]) for each in names_of(part, counts)) for part in INSIDE}
    first = {part: reached[0] for part, reached in behind.items()} | {"nginx": front}
    nginx = _nginx(var, first, **{part: reached[1:] for part, reached in behind.items()})
    commands = compose_commands(ports, counts) | {"nginx": nginx}
    services = {
        "REDIS_URL": _redis_url(),
        "ELASTICSEARCH_URL": os.environ.get("ELASTICSEARCH_URL", ""),
        "DATABASE_URL": f"{server}/{name}",
        **environment,
    }
    for variable in ("REDIS_URL", "ELASTICSEARCH_URL", "DATABASE_URL"):
        services[variable] = _through(wire, variable.removesuffix("_URL").lower(), services[variable])
    given = {"REDIS_PREFIX": name, "SEARCH_INDEX_PREFIX": name, "BEHIND_PROXY": "1"} | services
    site = Site(var, given, commands, front, tuple(port for each, port in ports.items() if each.startswith("sockets")))
    site.database = f"{server}/{name}"
    with _admin(server) as db:
        site.sessions = postgres(db, server, name, content)
    try:
        site.start()
        yield site
    finally:
        site.stop()
        with suppress(OperationalError), _admin(server) as db:  # a fault test may have ended that server
            drop(db, name)
        _drop_indexes(site.environment["ELASTICSEARCH_URL"], name)


def _admin(server: str) -> psycopg.Connection[Any]:
    return psycopg.connect(f"{server}/postgres", autocommit=True)


def _through(wire: Wire, part: str, url: str) -> str:
    """The address by which the product reaches a service."""
    parts = urlsplit(url)
    return url if parts.port is None else url.replace(f":{parts.port}", f":{wire(part, parts.port)}", 1)


def _redis_url() -> str:
    """Not the database of the tests beside this one: each of them empties its cache when it ends."""
    server, _slash, number = os.environ["REDIS_URL"].rpartition("/")
    return f"{server}/{int(number or 0) + 1}"


def _nginx(var: Path, ports: dict[str, int], **more: tuple[int, ...]) -> str:
    """Write a configuration around deploy/nginx.conf; the command that serves it, relative to nginx's folder. `more`:
    ports of further processes (`sockets=(8101, 8102)`)."""
    conf = (ROOT / "deploy" / "nginx.conf").read_text().replace("root /etc/nginx;", f"root {ROOT}/deploy;")
    for name, inside in INSIDE.items():
        found = re.search(f"server {inside}(.*?;)", conf)
        assert found, f"no upstream {inside}"
        each = (ports[name], *more.get(name, ()))
        conf = conf.replace(found[0], " ".join(f"server 127.0.0.1:{port}{found[1]}" for port in each))
    conf = conf.replace("listen 80;", f"listen 127.0.0.1:{ports['nginx']};")
    temp = "\n".join(f"{kind}_temp_path {var}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    # Its workers read the page of ours from the checkout, which may be for its owner alone.
    user = "" if os.geteuid() else "user root; "
    (var / "nginx.conf").write_text(
        f"{user}daemon off; pid {var}/nginx.pid; error_log {var}/nginx-error.log;\nevents {{}}\n"
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
