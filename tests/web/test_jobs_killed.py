"""The process that runs the jobs is killed with -9 in the middle of one."""

import shlex
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.server import embedded, wait_until
from web.job_states import DIED

pytestmark = pytest.mark.faults
RUNNER = """
import os, threading, time, django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
from web import job_runner, job_states
from web.jobs import Job
job = Job(name="web.test", label="Test", run={run}, seconds=86400)
job_states.declared = lambda: {{job.name: job}}
job_runner.run(threading.Event())
"""


def _runner(run: str) -> str:
    return f"python -c {shlex.quote(RUNNER.format(run=run))}"


def test_another_one_runs_it_again(tmp_path: Path) -> None:
    with embedded(tmp_path, BACKGROUND_THREADS="0") as site:

        def row() -> Any:
            with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as db:
                return db.execute("select running, result, failures, error from web_jobstate").fetchone()

        site.commands["jobs"] = _runner("lambda: time.sleep(600)")
        site.start("jobs")
        wait_until(lambda: (row() or (0,))[0] == 1, "it runs")
        site.kill("jobs")
        site.commands["jobs"] = _runner("lambda: 7")
        site.start("jobs")
        wait_until(lambda: row()[1] == 7, "the other one runs it, once the lease has ended", 60)
        assert row() == (None, 7, 0, DIED)
        site.stop("jobs")
