"""`make run`, in a process and a VAR_DIR of its own."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.conf import LazySettings

from config import run
from tests.client import Web
from tests.installed import sqlite
from tests.server import KEEP, ROOT, free_port, static_files, wait_until


class Runner:
    """Runs `python -m config.run` in one VAR_DIR."""

    def __init__(self, var: Path) -> None:
        self.var, self.port = var, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {name: os.environ[name] for name in KEEP if name in os.environ}
        self.environment = kept | {
            "VAR_DIR": str(var), "SECRET_KEY": "tests only", "PORT": str(self.port),
            "SEARCH_MEANING": "off",  # reading the model takes seconds of each start, and nothing here is about it
        }  # fmt: skip

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in this installation until it ends."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip

    @contextmanager
    def __call__(self, **environment: str) -> Iterator[Path]:
        """Run the server during the block. Yield its output as a file."""
        said = self.var / "said"
        with said.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "config.run"],
                cwd=ROOT, env=self.environment | environment, stdout=out, stderr=out,
            )  # fmt: skip
        try:
            wait_until(lambda: process.poll() is not None or self.up(), "make run", 240)
            assert process.poll() is None, said.read_text()
            yield said
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)

    def counts(self) -> dict[str, int]:
        """Return the number of rows in each table with content."""
        with closing(sqlite3.connect(self.var / "db.sqlite3")) as db:
            names = db.execute("select name from sqlite_master where type = 'table'").fetchall()
            content = [name for (name,) in names if name.startswith(("kb_", "community_", "chat_"))]
            return {name: db.execute(f"select count(*) from {name}").fetchone()[0] for name in content}  # noqa: S608

    def up(self) -> bool:
        """Return True if the server answers."""
        try:
            return Web(self.url).get("/health/").status == 200
        except OSError:
            return False


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner with a migrated database, which saves time."""
    sqlite(tmp_path, "")
    return Runner(tmp_path)


def test_twice(runner: Runner) -> None:
    password_file = runner.var / "demo_password"
    with runner() as said:
        password = password_file.read_text()
        assert password_file.stat().st_mode & 0o777 == 0o600
        assert len(password) >= 12
        text = said.read_text()
        assert runner.url in text
        assert f"with password {password} as" in text
        people = re.findall(r"^  (\S+@\S+) +\S", text, re.M)
        assert len(people) >= 5
        Web(runner.url).sign_in(people[0], password)
        page = Web(runner.url).get("/")
        assert page.status == 200
        assert re.search(r"/static/css/tokens\.[0-9a-f]+\.css", page.text), "collected, with names by contents"
    counts = runner.counts()
    assert counts["kb_faq"] > 0

    with runner(DEMO_PASSWORD="gekozen-wachtwoord") as said:
        text = said.read_text()
        assert "Preparing" not in text
        assert "Collecting" not in text
        assert "with password gekozen-wachtwoord as" in text
        Web(runner.url).sign_in(people[0], "gekozen-wachtwoord")
    assert runner.counts() == counts


def test_the_password_stays_until_another_is_chosen(
    tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR_DIR, password_file = tmp_path, tmp_path / "demo_password"
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    password = run.demo_password()
    assert run.demo_password() == password == password_file.read_text()
    monkeypatch.setenv("DEMO_PASSWORD", "gekozen-wachtwoord")
    assert run.demo_password() == "gekozen-wachtwoord" == password_file.read_text()
    assert password_file.stat().st_mode & 0o777 == 0o600


def test_without_demo(runner: Runner) -> None:
    (runner.var / "static-fingerprint").write_text(run.static_fingerprint(ROOT / "static"))
    with runner(DEMO="0", STATIC_ROOT=str(static_files())) as said:
        assert "Sign in at" not in said.read_text()
        assert runner.url in said.read_text()
        assert not (runner.var / "demo_password").exists()
        assert Web(runner.url).get("/nl/").status == 200


def test_a_port_in_use_is_reported_first(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    with socket.create_server(("127.0.0.1", runner.port)):
        result = runner.python("-m", "config.run")
    assert result.returncode == 1
    assert result.stderr.strip() == f"Port {runner.port} is in use. Choose another: make run PORT={runner.port + 1}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", ["", "http", "0", "65536", "-1"])
def test_an_invalid_port_is_reported(tmp_path: Path, port: str) -> None:
    runner = Runner(tmp_path)
    runner.environment["PORT"] = port
    result = runner.python("-m", "config.run")
    assert result.returncode == 1
    assert result.stderr.strip() == "PORT is a number from 1 to 65535: make run PORT=8000"


def test_no_demo_in_this_checkout(tmp_path: Path, settings: LazySettings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.BASE_DIR = tmp_path
    assert run.load_demo() == ""
    assert "make run DEMO=0" in capsys.readouterr().out


def test_static_files_are_collected_again_after_an_interruption(
    tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, tmp_path
    calls: list[str] = []
    monkeypatch.setattr("django.core.management.call_command", lambda name, **_options: calls.append(name))
    run.collect_static()
    run.collect_static()
    assert calls == ["collectstatic"]

    def interrupted(name: str, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("django.core.management.call_command", interrupted)
    mark = tmp_path / "static-fingerprint"
    good, _ = mark.read_text(), mark.write_text("of another version")
    with pytest.raises(KeyboardInterrupt):
        run.collect_static()
    assert not mark.exists(), f"not even {good} is believed now"
