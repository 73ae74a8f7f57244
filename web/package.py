"""What this package adds to the product."""

from datetime import time

from django.utils.translation import gettext_lazy as _

from web import job_runner, job_states, once, sessions, tasks, worker
from web.jobs import Job
from web.packages import Package

PACKAGE = Package(
    name="web",
    health={"jobs": job_states.health},
    loops={"tasks": worker.run, "jobs": job_runner.run},
    jobs=(
        Job(name="web.prune_tasks", label=_("Delete tasks that ended days ago"), run=tasks.prune, seconds=3600),
        Job(name="web.purge_forms", label=_("Forget forms that were sent days ago"), run=once.purge, seconds=600),
        Job(name="web.clear_sessions", label=_("Delete sessions that are over"), run=sessions.clear, at=time(3, 40)),
    ),
)
