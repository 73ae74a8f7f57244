"""The process that runs the jobs is killed with -9 in the middle of one."""

import shlex
from pathlib import Path

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
ROW = "from web.models import JobState; print(*JobState.objects.values_list({field!r}, flat=True))"


def _runner(run: str) -> str:
    return f"python -c {shlex.quote(RUNNER.format(run=run))}"


def test_another_one_runs_it_again(tmp_path: Path) -> None:
    with embedded(tmp_path, BACKGROUND_THREADS="0") as site:

        def row(field: str) -> str:
            return site.shell(ROW.format(field=field))

        site.commands["jobs"] = _runner("lambda: time.sleep(600)")
        site.start("jobs")
        wait_until(lambda: row("running") == "1", "it runs")
        site.kill("jobs")
        site.commands["jobs"] = _runner("lambda: 7")
        site.start("jobs")
        wait_until(lambda: row("result") == "7", "the other one runs it, once the lease has ended", 60)
        assert (row("failures"), row("error"), row("running")) == ("0", DIED, "None")
        site.stop("jobs")
