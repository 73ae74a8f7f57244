"""Jobs in tests: run one after the other, here and now, as the runner would."""

from web import job_runner, job_states
from web.jobs import Job

NUMBER = 1  # the fencing number of a leader that has no rival


def run_due(jobs: dict[str, Job] | None = None, number: int = NUMBER) -> list[str]:
    """Run the jobs that are due, of those that packages declare or of these; their names."""
    known = job_states.declared() if jobs is None else jobs
    job_states.prepare(known, number)
    names = job_states.due()
    for name in names:
        assert job_states.begin(known[name], number)
        assert job_runner.perform(known[name], number)()
    return names
