"""Test databases: migrate once, copy for each worker and after each test that commits.

A fresh migrate takes over 20 s; a copy takes milliseconds. The template is named after everything a
migrated database depends on, so it is made anew when any of that changes. PostgreSQL writes a checkpoint for
each database that is dropped, which takes seconds when others write too: there only the rows that a test
changed are put back, and the database is copied anew only when a test changed more than rows.
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
    modules = ("migrations/*", "apps", "roles", "wagtail_access", "package", "sync", "site")
    patterns = (*(f"*/{module}.py" for module in modules), "requirements.txt")
    for path in sorted(p for pattern in patterns for p in ROOT.glob(pattern)):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def sqlite_template() -> Path:
    """The migrated file: whole, when it is there."""
    path: Path = settings.TEMPLATE_DIR / f"template-{fingerprint()}.sqlite3"
    return path


def postgres_template() -> str:
    """The name of the migrated database: whole, when it is there; to be copied under `lock`."""
    return f"template_{settings.INSTANCE}_{fingerprint()}"


@contextmanager
def lock() -> Iterator[None]:
    """Held by whoever makes a template, or copies that of PostgreSQL, which refuses two at once."""
    with (settings.TEMPLATE_DIR / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class SqliteCopies:
    """A migrated file, copied."""

    def __init__(self) -> None:
        self.template = sqlite_template()
        self.name = Path(settings.DATABASES["default"]["TEST"]["NAME"])

    def prepare(self) -> None:
        with lock():
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
                self.name.rename(self.template)
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


# Ends what is still connected to a database, but not the one who says so.
OTHERS = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = %s and usename = current_user and pid <> pg_backend_pid()
"""


def drop(db: Any, name: str) -> None:
    """Drop the database `name` of the server that the psycopg connection `db` is on, when it is there.

    Our own sessions in it are ended first; PostgreSQL itself sends an autovacuum worker away. `with (force)` would
    signal that worker in our name, which only a superuser may.
    """
    db.execute(OTHERS, [name])
    db.execute(f'drop database if exists "{name}"')


# Every table, index, constraint, trigger, function and column of ours, in one number that changes with any of them.
SHAPE = """
select sum(hashtextextended(what::text, 0)::numeric) from (
  select (oid, relname) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'i', 'S', 'v')
  union all select (oid, conname) from pg_constraint where connamespace = 'public'::regnamespace
  union all select (t.oid, tgname) from pg_trigger t join pg_class c on c.oid = tgrelid
    where relnamespace = 'public'::regnamespace
  union all select (oid, proname) from pg_proc where pronamespace = 'public'::regnamespace
  union all select (attrelid, (attnum, attname, atttypid, atttypmod, attnotnull, attisdropped)::text::name)
    from pg_attribute a join pg_class c on c.oid = attrelid where relnamespace = 'public'::regnamespace
) as shape(what)
"""
TABLES = """
select format('%I', relname), string_agg(format('%I', attname), ', ' order by attnum)
from pg_class c join pg_attribute a on c.oid = attrelid
where relkind = 'r' and relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped and attgenerated = ''
group by relname
"""
SEQUENCES = "select format('%I', sequencename), start_value, last_value from pg_sequences where schemaname = 'public'"


class PostgresRows:
    """The rows of a database as they were, to put back what has changed. Connections are psycopg's."""

    def __init__(self, db: Any) -> None:
        self.shape = db.execute(SHAPE).fetchone()
        self.columns: dict[str, str] = dict(db.execute(TABLES).fetchall())
        # Foreign keys are checked when the transaction ends; those that are not would need an order.
        self.look = " union all ".join(
            f"select '{table}', count(*), sum(hashtextextended(t::text, 0)::numeric) from {table} t"
            for table in self.columns
        )
        self.sums = self._sums(db)
        self.sequences = set(db.execute(SEQUENCES).fetchall())
        self.rows: dict[str, bytes] = {}
        for table, (count, _sum) in self.sums.items():
            if count:
                with db.cursor().copy(f"copy {table} ({self.columns[table]}) to stdout") as copy:
                    self.rows[table] = b"".join(bytes(part) for part in copy)

    def _sums(self, db: Any) -> dict[str, tuple[int, Any]]:
        return {table: (count, total) for table, count, total in db.execute(self.look).fetchall()}

    def put_back(self, db: Any) -> bool:
        """Make rows and sequences what they were, in one transaction; False when more than rows has changed."""
        if db.execute(SHAPE).fetchone() != self.shape:
            return False
        changed = [table for table, sums in self._sums(db).items() if sums != self.sums[table]]
        with db.transaction():
            db.execute("set constraints all deferred")
            for table in changed:
                db.execute(f"delete from {table}")
            for table in changed:
                if table in self.rows:
                    with db.cursor().copy(f"copy {table} ({self.columns[table]}) from stdin") as copy:
                        copy.write(self.rows[table])
        now = set(db.execute(SEQUENCES).fetchall())
        for name, start, last in self.sequences - now:
            db.execute("select setval(%s::regclass, %s, %s)", [name, last or start, last is not None])
        return True


class PostgresCopies:
    """A migrated database, used as PostgreSQL's template."""

    def __init__(self) -> None:
        self.template = postgres_template()
        self.name = settings.DATABASES["default"]["TEST"]["NAME"]
        self.rows: PostgresRows | None = None

    @contextmanager
    def _server(self, name: str = "postgres") -> Iterator[Any]:
        import psycopg

        s = connection.settings_dict
        with psycopg.connect(
            host=s["HOST"], port=s["PORT"] or 5432, user=s["USER"], password=s["PASSWORD"] or None,
            dbname=name, autocommit=True,
        ) as db:  # fmt: skip
            yield db

    def prepare(self) -> None:
        with lock(), self._server() as db:
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
        self._copy()

    def restore(self) -> None:
        connections.close_all()
        with self._server(self.name) as db:
            db.execute(OTHERS, [self.name])
            put_back = self.rows is not None and self.rows.put_back(db)
        if not put_back:
            self._copy()

    def _copy(self) -> None:
        with lock(), self._server() as db:
            drop(db, self.name)
            db.execute(f'create database "{self.name}" template "{self.template}" strategy wal_log')
        with self._server(self.name) as db:
            self.rows = PostgresRows(db)
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


if __name__ == "__main__":  # python -m tests.database: the template, before the first test waits for it
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    made = copies()
    made.prepare()
    made.discard()
