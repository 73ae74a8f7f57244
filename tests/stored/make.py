"""Store a database of this commit, for every release after it: see README.md.

python -m tests.stored.make 1.2
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from tests.database import drop
from tests.stored import dumps

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = "/srv/vraagbaak"  # stands in tracebacks where this checkout was


def make(release: Path) -> None:
    """Fill a database of each kind with the same, and keep both. PostgreSQL where DATABASE_URL names one."""
    release.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        var = Path(name)
        _fill(var)
        _keep(release / "sqlite", dumps.sqlite_sql(var / "db.sqlite3"), var)
        shutil.copytree(var / "media", release / "media", dirs_exist_ok=True)
    if url := os.environ.get("DATABASE_URL"):
        server, made = url.rpartition("/")[0], "stored_making"
        with psycopg.connect(f"{server}/postgres", autocommit=True) as db, tempfile.TemporaryDirectory() as name:
            drop(db, made)
            db.execute(f"create database {made}")
            _fill(Path(name), f"{server}/{made}")
            _keep(release / "postgresql", dumps.postgresql_sql(f"{server}/{made}"), Path(name))
            drop(db, made)


def _fill(var: Path, url: str = "") -> None:
    environment = dumps.environment(var, url)
    for command in (["manage.py", "migrate", "-v", "0"], ["-m", "tests.stored.fill", str(var)]):
        subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True)


def _keep(path: Path, sql: str, var: Path) -> None:
    for own in (sys.prefix, str(ROOT), sys.base_prefix):
        sql = sql.replace(own, ELSEWHERE)
    if found := [own for own in (str(ROOT), str(var), str(Path.home())) if own != "/" and own in sql]:
        raise SystemExit(f"{path}: paths of this machine are in it: {found}")
    dumps.write(path.with_suffix(".sql.gz"), sql)
    facts = json.loads((var / "facts.json").read_text())
    if empty := facts.pop("empty"):
        sys.stderr.write(f"{path}: nothing is stored of {', '.join(empty)}\n")
    path.with_suffix(".json").write_text(json.dumps(facts, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    make(dumps.FOLDER / sys.argv[1])
