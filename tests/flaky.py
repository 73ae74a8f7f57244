"""What runs once more by itself; what passed only then is listed at the end, as a bug to fix.

A browser test that fails, and any test whose process died: pytest ends a process whose test hangs, after it has
printed where each thread stands (`faulthandler_timeout`). Tests that kill servers (`faults`) have one try.
pytest-rerunfailures runs them.
"""

import os

import pytest

TITLE = "FLAKY: failed, and passed when tried again. Each is a bug to fix"

RERUNS = int(os.environ.get("RERUNS") or "1")  # RERUNS=0 while one mends what is flaky
DIED = "^worker '.+' crashed while running"  # as xdist says it; no error of a test reads like this


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what may be tried again."""
    for item in items:
        if not item.get_closest_marker("faults"):
            only = None if item.get_closest_marker("browser") else DIED
            item.add_marker(pytest.mark.flaky(reruns=RERUNS, only_rerun=only))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what passed only the second time, each with the text of its first failure."""
    stats = terminalreporter.stats
    lost = {report.nodeid for kind in ("failed", "error") for report in stats.get(kind, [])}
    first: dict[str, pytest.TestReport] = {}
    for report in stats.get("rerun", []):
        if report.nodeid not in lost:
            first.setdefault(report.nodeid, report)
    if not first:
        return
    terminalreporter.section(TITLE, sep="=", red=True, bold=True)
    for nodeid, report in first.items():
        terminalreporter.section(f"{nodeid} ({report.when})", sep="-")
        terminalreporter.write_line(report.longreprtext)
        for name, text in report.sections:
            terminalreporter.section(name, sep=".")
            terminalreporter.write_line(text)
    terminalreporter.line("")
    terminalreporter.write_line(f"{len(first)} flaky: {', '.join(first)}", red=True)
