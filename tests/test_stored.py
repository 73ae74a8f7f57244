"""A database that an earlier release stored migrates to this one and works: tests/stored/README.md."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from tests.database import drop
from tests.installed import sqlite
from tests.stored import dumps
from tests.stored.check import permissions

ROOT = Path(__file__).resolve().parent.parent
# What a refactoring that forgets the data would leave behind, and who notices.
FORGOTTEN = {
    "update django_tasks_database_dbtaskresult set task_path = 'chat.before.tell' where status = 'READY'": "tasks_run",
    "update django_content_type set model = 'question_and_answer' where model = 'faq'": "models_are_known",
    "update accounts_auditevent set event = 'chat.begun' where event = 'chat.started'": "acts_have_words",
    "update notifications_subject set kind = 'thread' where kind = 'question'": "inboxes_are_shown",
    "delete from moderation_flag": "rows_are_there",
}


@contextmanager
def loaded(release: Path, var: Path, *damage: str) -> Iterator[dict[str, str]]:
    """A database as it was stored, of the kind that the tests run on; the environment in which processes use it."""
    shutil.copytree(release / "media", var / "media")
    if connection.vendor == "sqlite":
        dumps.load_sqlite(dumps.read(release / "sqlite.sql.gz"), var / "db.sqlite3")
        with sqlite3.connect(var / "db.sqlite3") as file:
            for statement in damage:
                file.execute(statement)
        file.close()
        yield dumps.environment(var)
        return
    server, name = os.environ["DATABASE_URL"].rpartition("/")[0], f"stored_{settings.INSTANCE}_{settings.WORKER}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        drop(admin, name)
        admin.execute(f'create database "{name}"')
        try:
            with psycopg.connect(f"{server}/{name}", autocommit=True) as db:
                dumps.load_postgresql(dumps.read(release / "postgresql.sql.gz"), db)
                for statement in damage:
                    db.execute(f"set search_path to public; {statement}")
            yield dumps.environment(var, f"{server}/{name}")
        finally:
            drop(admin, name)


def checked(release: Path, environment: dict[str, str], *checks: str) -> dict[str, Any]:
    """What tests.stored.check says of a database, in a process of its own."""
    facts = release / f"{connection.vendor}.json"
    result = subprocess.run(
        [sys.executable, "-m", "tests.stored.check", str(facts), *checks],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert result.returncode == 0, f"{release.name} does not migrate:\n{result.stderr[-3000:]}"
    said: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return said


@pytest.mark.django_db
@pytest.mark.parametrize("release", dumps.releases(), ids=lambda path: path.name)
def test_a_stored_database_migrates_and_works(release: Path, tmp_path: Path) -> None:
    with loaded(release, tmp_path) as environment:
        said = checked(release, environment)
    wrong = [f"{check}: {each}" for check, found in said["problems"].items() for each in found]
    assert not wrong, "\n".join(wrong)
    assert said["permissions"] == permissions(), "what a new database grants is not what this one grants"


def test_what_is_stored_of_this_commit_has_rows_of_every_model(tmp_path: Path) -> None:
    sqlite(tmp_path, "")
    fill = [sys.executable, "-m", "tests.stored.fill", str(tmp_path)]
    environment = dumps.environment(tmp_path)
    result = subprocess.run(fill, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    ours = {model._meta.label for model in apps.get_models() if Path(model._meta.app_config.path).parent == ROOT}
    assert ours & set(json.loads((tmp_path / "facts.json").read_text())["empty"]) == set()


def test_forgotten_data_is_noticed(tmp_path: Path) -> None:
    release = dumps.releases()[-1]
    with loaded(release, tmp_path, *FORGOTTEN) as environment:
        said = checked(release, environment, *FORGOTTEN.values())
    assert set(FORGOTTEN.values()) - said["problems"].keys() == set()
