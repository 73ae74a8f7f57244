"""Databases as SQL text: written when a release is stored, loaded by tests/test_stored.py."""

import gzip
import os
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


def releases() -> list[Path]:
    """The folders of all stored releases, the oldest first."""
    return sorted(path.parent for path in FOLDER.glob("*/sqlite.json"))


def write(path: Path, sql: str) -> None:
    """Keep SQL compressed, the same bytes for the same text."""
    with path.open("wb") as file, gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
        packed.write(sql.encode())


def read(path: Path) -> str:
    """The SQL of a dump."""
    return gzip.decompress(path.read_bytes()).decode()


def sqlite_sql(database: Path) -> str:
    """A SQLite database as SQL. Virtual tables get their rows by themselves, not those of the tables behind them."""
    with sqlite3.connect(database) as db:
        schema = db.execute("select type, name, sql from sqlite_master where sql is not null").fetchall()
        tables = {name: sql for kind, name, sql in schema if kind == "table" and name != "sqlite_sequence"}
        virtual = [name for name, sql in tables.items() if sql.startswith("CREATE VIRTUAL")]
        shadows = {name for name in tables for whole in virtual if name.startswith(f"{whole}_")}
        lines = ["PRAGMA foreign_keys=OFF;", "BEGIN;"]
        lines += [f"{sql};" for name, sql in tables.items() if name not in shadows]
        for name in sorted(tables.keys() - shadows):
            lines += _inserts(db, name, *(["rowid"] if name in virtual else []))
        lines += ["DELETE FROM sqlite_sequence;", *_inserts(db, "sqlite_sequence")]
        lines += [f"{sql};" for kind, _name, sql in schema if kind != "table"]
    db.close()
    return "\n".join([*lines, "COMMIT;", ""])


def _inserts(db: sqlite3.Connection, table: str, *more: str) -> list[str]:
    columns = [*more, *(row[1] for row in db.execute(f'pragma table_info("{table}")'))]
    quoted = " || ',' || ".join(f'quote("{column}")' for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    return [
        f'INSERT INTO "{table}" ({names}) VALUES({values});'
        for (values,) in db.execute(f'select {quoted} from "{table}" order by rowid')
    ]


def load_sqlite(sql: str, database: Path) -> None:
    """Make the database from SQL."""
    with sqlite3.connect(database) as db:
        db.executescript(sql)
    db.close()


def postgresql_sql(url: str) -> str:
    """A PostgreSQL database as SQL that psycopg runs: no commands of psql."""
    from tests.installed import BINARIES

    options = ("--no-owner", "--no-privileges", "--rows-per-insert=200", "--no-comments", "--encoding=UTF8")
    said = subprocess.run([BINARIES / "pg_dump", *options, url], check=True, capture_output=True, text=True).stdout
    return "\n".join(line for line in said.splitlines() if not line.startswith(("--", "\\"))) + "\n"


def load_postgresql(sql: str, db: Any) -> None:
    """Fill the empty database of a psycopg connection from SQL."""
    db.execute("set client_min_messages = warning")
    db.execute(sql)


def environment(var: Path, database_url: str = "") -> dict[str, str]:
    """What a process on such a database has in its environment: everything else is embedded."""
    from tests.installed import KEEP, SECRET_KEY

    given = {name: os.environ[name] for name in KEEP if name in os.environ}
    given |= {"SECRET_KEY": SECRET_KEY, "VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "tests.stored.settings"}
    if database_url:
        given |= {"DATABASE_URL": database_url, "DATABASE_STATEMENT_SECONDS": "120"}  # a busy machine is no failure
    return given
