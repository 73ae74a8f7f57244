"""What an installation of tests/server.py holds before it starts: made once, and copied for each.

Databases are migrated once for each fingerprint, and filled with CONTENT once a day, with a session for everybody in
it; style sheets and scripts are collected once. All workers wait for the one that makes it.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.database import drop, fingerprint, lock, postgres_template, sqlite_template

ROOT = Path(__file__).resolve().parent.parent
CACHE = settings.TEMPLATE_DIR / "server"
KEEP = ("PATH", "HOME", "LANG")
BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/lib/postgresql/none"))
SECRET_KEY = "tests only, and long enough for everything that is signed with it"
# What an installation holds before it starts, by what is run in it once. The password of everybody is "test".
CONTENT = {
    "demo": "from django.core.management import call_command; call_command('load_demo', password='test')",
    "people": "from tests.people import make_people, confirm_addresses; make_people(); confirm_addresses()",
}
SESSIONS = """
import json
from django.conf import settings
from django.test import Client
from accounts.models import User
sessions = {}
for user in User.objects.filter(is_active=True):
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    sessions[user.email] = client.session.session_key
print(json.dumps(sessions))
"""


@contextmanager
def _once(name: str) -> Iterator[Path]:
    """A path to make once for all workers: it exists when somebody has made it already."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name.partition('-')[0]}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield CACHE / name


def _manage(*arguments: str, **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, check=False, capture_output=True, timeout=300, text=True,
        env={n: os.environ[n] for n in KEEP if n in os.environ} | {"SECRET_KEY": SECRET_KEY} | environment,
    )  # fmt: skip
    assert result.returncode == 0, f"manage.py {arguments[0]} ended with {result.returncode}:\n{result.stderr[-3000:]}"
    return result.stdout


@cache
def _digest() -> str:
    """Changes with anything that content could be made of, and with the day: the demo's moments are days ago."""
    digest = hashlib.sha256((fingerprint() + datetime.now(UTC).date().isoformat()).encode())
    packages = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
    sources = [path for package in packages for path in package.rglob("*.py")]
    for path in sorted([*sources, *(ROOT / "demo").rglob("*"), ROOT / "tests" / "people.py", Path(__file__)]):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _sessions(sessions: Path, first: str, **environment: str) -> None:
    """Run the code `first` in an installation, and write who may come in with which session."""
    said = _manage("shell", "--verbosity", "0", "--command", f"{first}\n{SESSIONS}", **environment)
    sessions.write_text(json.dumps(json.loads(said.splitlines()[-1])))


def static_files() -> Path:
    """Collected style sheets and scripts of this checkout."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        digest.update(path.read_bytes() if path.is_file() else str(path).encode())
    with _once(f"static-{digest.hexdigest()[:12]}") as path:
        if not path.exists():
            from config import translations

            translations.compile_all()
            making = path.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            _manage("collectstatic", "--noinput", "-v", "0", STATIC_ROOT=str(making), VAR_DIR=str(CACHE))
            making.rename(path)
    return path


def sqlite(target: Path, content: str) -> dict[str, str]:
    """Put a migrated database with `content` in the folder `target`; its sessions by address."""
    if content:
        with _once(f"{content}-sqlite-{_digest()}") as path:
            if not path.exists():
                for old in CACHE.glob(f"{content}-sqlite-*"):
                    shutil.rmtree(old, ignore_errors=True)
                making = CACHE / f"{content}-sqlite-making"
                making.mkdir()
                sqlite(making, "")
                _sessions(making / "sessions.json", CONTENT[content], VAR_DIR=str(making))
                making.rename(path)
        shutil.copytree(path, target, dirs_exist_ok=True)
        sessions: dict[str, str] = json.loads((path / "sessions.json").read_text())
        return sessions
    if sqlite_template().exists():  # that of the tests themselves
        shutil.copy(sqlite_template(), target / "db.sqlite3")
        return {}
    with _once(f"sqlite-{fingerprint()}") as path:
        if not path.exists():
            making = CACHE / "making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            _manage("migrate", "-v", "0", VAR_DIR=str(making))
            (making / "db.sqlite3").rename(path)
    shutil.copy(path, target / "db.sqlite3")
    return {}


def _there(db: Any, name: str) -> bool:
    return db.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None


def _template(db: Any, server: str, kind: str, base: str, digest: str, make: Callable[[str, str], None]) -> str:
    """The name of a database to copy, `kind`; `make(url, name)` fills a copy of `base` when there is none yet."""
    name = f"server_{kind}_{settings.INSTANCE}_{digest}"
    if not _there(db, name):
        making = f"server_{kind}_{settings.INSTANCE}_making"
        drop(db, making)
        with lock():
            db.execute(f'create database "{making}" template "{base}" strategy wal_log')
        make(f"{server}/{making}", name)
        old = "select datname from pg_database where datname like %s and datname <> %s"
        for (other,) in db.execute(old, [f"server\\_{kind}\\_{settings.INSTANCE}\\_%", making]).fetchall():
            drop(db, other)
        db.execute(f'alter database "{making}" rename to "{name}"')
    return name


def postgres(db: Any, server: str, name: str, content: str) -> dict[str, str]:
    """Make the migrated database `name` with `content` on the server of the connection `db`; its sessions."""

    def migrate(url: str, _name: str) -> None:
        _manage("migrate", "-v", "0", DATABASE_URL=url, VAR_DIR=str(CACHE))

    def fill(url: str, name: str) -> None:
        _sessions(CACHE / f"{name}.json", CONTENT[content], DATABASE_URL=url, VAR_DIR=str(CACHE))

    with _once("postgres"):
        template = postgres_template()  # that of the tests themselves
        if not _there(db, template):
            template = _template(db, server, "template", "template1", fingerprint(), migrate)
        sessions: dict[str, str] = {}
        if content:
            template = _template(db, server, content, template, _digest(), fill)
            if not (CACHE / f"{template}.json").exists():  # temporary files went, and the database stayed
                _sessions(CACHE / f"{template}.json", "", DATABASE_URL=f"{server}/{template}", VAR_DIR=str(CACHE))
            sessions = json.loads((CACHE / f"{template}.json").read_text())
        with lock():
            db.execute(f'create database "{name}" template "{template}" strategy wal_log')
    return sessions


def as_postgres() -> dict[str, Any]:
    """Options of a process that is PostgreSQL, which does not run as root."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def hand_over(folder: Path) -> None:
    """Make a folder PostgreSQL's own."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, "postgres", "postgres")


def cluster(port: int) -> Path:
    """The data of a PostgreSQL with the migrated database that `postgres` copies; to be copied itself. The port is for
    making it."""
    with _once(f"cluster-{fingerprint()}") as path:
        if path.exists():
            return path
        with tempfile.TemporaryDirectory(prefix="postgres-") as name:
            folder = Path(name)
            hand_over(folder)
            _make_cluster(folder / "data", port)
            shutil.rmtree(path.with_suffix(".making"), ignore_errors=True)
            shutil.copytree(folder / "data", path.with_suffix(".making"))
        path.with_suffix(".making").rename(path)
    return path


def _make_cluster(data: Path, port: int) -> None:
    def run(*command: object, **options: Any) -> None:
        subprocess.run(
            [str(part) for part in command], check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60,
            **as_postgres(), **options,
        )  # fmt: skip

    initdb = ("-D", data, "-A", "trust", "-U", "vraagbaak", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    run(BINARIES / "initdb", *initdb)
    options = f"-c fsync=off -c listen_addresses=127.0.0.1 -c unix_socket_directories= -p {port}"
    run(BINARIES / "pg_ctl", "-w", "-D", data, "-l", data.parent / "log", "-o", options, "start")
    try:
        for name in ("vraagbaak", postgres_template()):
            run(BINARIES / "createdb", "-h", "127.0.0.1", "-p", port, "-U", "vraagbaak", name)
        url = f"postgres://vraagbaak@127.0.0.1:{port}/{postgres_template()}"
        _manage("migrate", "-v", "0", DATABASE_URL=url, VAR_DIR=str(CACHE))
    finally:
        run(BINARIES / "pg_ctl", "-w", "-D", data, "-m", "fast", "stop")
