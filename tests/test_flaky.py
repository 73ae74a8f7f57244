"""What passes only the second time is listed, with why it failed first; what kills servers has one try."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.flaky import TITLE

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("second", "fixture", "never", "faults", "ordinary", "hangs")
INI = """
[pytest]
markers =
  browser: b
  faults: f
faulthandler_timeout = 1
faulthandler_exit_on_timeout = true
"""
CASES = """
from pathlib import Path
from threading import Event
import pytest

HERE = Path(__file__).parent

def tries(name):
    with (HERE / name).open("a") as file:
        file.write("x")
    return (HERE / name).stat().st_size

@pytest.mark.browser
def test_second_time():
    assert tries("second") > 1, "the first reason"

@pytest.mark.browser
@pytest.mark.parametrize("number", range(4))
def test_steady(number):
    pass

@pytest.fixture
def slow_to_start():
    assert tries("fixture") > 1, "the fixture's reason"

@pytest.mark.browser
def test_fixture_second_time(slow_to_start):
    pass

@pytest.fixture
def quarrels_at_the_end():
    yield
    assert tries("teardown") > 1, "the reason at the end"

@pytest.mark.browser
def test_end_second_time(quarrels_at_the_end):
    pass

@pytest.mark.browser
def test_never():
    assert tries("never") > 9, "broken"

@pytest.mark.browser
@pytest.mark.faults
def test_faults():
    assert tries("faults") > 1, "one try"

def test_ordinary():
    assert tries("ordinary") > 1, "one try"

def test_hangs_once():
    if tries("hangs") == 1:
        Event().wait()
"""


def test_what_has_a_second_try(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(INI)
    (tmp_path / "test_cases.py").write_text(CASES)
    plugins = [f"-p{name}" for name in ("tests.flaky", "xdist", "pytest_rerunfailures", "no:cacheprovider")]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-n2", "--dist=worksteal", f"--rootdir={tmp_path}", str(tmp_path)],
        cwd=ROOT, env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    said = result.stdout
    tries = {name: len((tmp_path / name).read_text()) for name in NAMES}
    expected = {"second": 2, "fixture": 2, "never": 2, "faults": 1, "ordinary": 1, "hangs": 2}
    assert tries == expected, said + result.stderr
    assert re.search("3 failed, .*passed.* 5 rerun", said), said
    # Under CI pytest gives each failure its reason in the summary as well.
    flaky = said.partition(TITLE)[2].partition("short test summary info")[0]
    for reason in ("the first reason", "the fixture's reason", "the reason at the end"):
        assert reason in flaky, said
    assert "broken" not in flaky, said
    assert re.search(r"4 flaky: .*test_second_time", flaky), said
