"""Test databases: migrate once, copy for each worker and after each test that commits.

A fresh migrate takes over 20 s; a copy takes milliseconds. The template is named after everything a
migrated database depends on, so it is made anew when any of that changes.
"""

import fcntl
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

ROOT = Path(__file__).resolve().parent.parent


def fingerprint() -> str:
    """Changes when migrations, roles or pinned packages change."""
    digest = hashlib.sha256()
    modules = ("migrations/*", "apps", "roles", "registry", "sync", "site")
    patterns = (*(f"*/{module}.py" for module in modules), "requirements.txt")
    for path in sorted(p for pattern in patterns for p in ROOT.glob(pattern)):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _lock() -> Iterator[None]:
    with (settings.TEMPLATE_DIR / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class SqliteCopies:
    """A migrated file, copied."""

    def __init__(self) -> None:
        self.template = settings.TEMPLATE_DIR / f"template-{fingerprint()}.sqlite3"
        self.name = Path(settings.DATABASES["default"]["TEST"]["NAME"])

    def prepare(self) -> None:
        with _lock():
            if not self.template.exists():
                self._remove(self.name)
                self._use(str(self.name))
                call_command("migrate", verbosity=0, interactive=False)
                connections.close_all()
                with sqlite3.connect(self.name) as db:
                    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                db.close()
                for old in settings.TEMPLATE_DIR.glob("template-*.sqlite3"):
                    old.unlink()
                shutil.copy(self.name, self.template)
        self.restore()

    def restore(self) -> None:
        connections.close_all()
        self._remove(self.name)
        shutil.copy(self.template, self.name)
        self._use(str(self.name))

    def discard(self) -> None:
        connections.close_all()
        self._remove(self.name)

    @staticmethod
    def _use(name: str) -> None:
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name

    @staticmethod
    def _remove(path: Path) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


def drop(db: Any, name: str) -> None:
    """Drop the database `name` of the server that the psycopg connection `db` is on, when it is there.

    Our own sessions in it are ended first; PostgreSQL itself sends an autovacuum worker away. `with (force)` would
    signal that worker in our name, which only a superuser may.
    """
    db.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = current_user", [name]
    )
    db.execute(f'drop database if exists "{name}"')


class PostgresCopies:
    """A migrated database, used as PostgreSQL's template."""

    def __init__(self) -> None:
        self.template = f"template_{settings.INSTANCE}_{fingerprint()}"
        self.name = settings.DATABASES["default"]["TEST"]["NAME"]

    @contextmanager
    def _server(self) -> Iterator[Any]:
        import psycopg

        s = connection.settings_dict
        with psycopg.connect(
            host=s["HOST"], port=s["PORT"] or 5432, user=s["USER"], password=s["PASSWORD"] or None,
            dbname="postgres", autocommit=True,
        ) as db:  # fmt: skip
            yield db

    def prepare(self) -> None:
        with _lock(), self._server() as db:
            if not db.execute("select 1 from pg_database where datname = %s", [self.template]).fetchone():
                making = f"{self.template}_making"
                drop(db, making)
                db.execute(f'create database "{making}"')
                self._use(making)
                call_command("migrate", verbosity=0, interactive=False)
                connections.close_all()
                older = "select datname from pg_database where datname like %s and datname <> %s"
                for (old,) in db.execute(older, [f"template\\_{settings.INSTANCE}\\_%", making]).fetchall():
                    drop(db, old)
                db.execute(f'alter database "{making}" rename to "{self.template}"')
        self.restore()

    def restore(self) -> None:
        connections.close_all()
        with _lock(), self._server() as db:  # PostgreSQL refuses a template that somebody else is copying
            drop(db, self.name)
            db.execute(f'create database "{self.name}" template "{self.template}" strategy file_copy')
        self._use(self.name)

    def discard(self) -> None:
        connections.close_all()
        with self._server() as db:
            drop(db, self.name)

    @staticmethod
    def _use(name: str) -> None:
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def copies() -> SqliteCopies | PostgresCopies:
    """The way of the database in use."""
    return SqliteCopies() if connection.vendor == "sqlite" else PostgresCopies()
