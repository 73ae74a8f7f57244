"""The one server of the embedded set-up: killed with -9, its database locked, its disk full."""

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.client import Tab, Web
from tests.faults.acts import all_is_well, ask_forum, found, once
from tests.scene import OWNER, prepare, waiting
from tests.server import Site, embedded, wait_until

pytestmark = pytest.mark.faults


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A server that indexes nothing until told otherwise."""
    with embedded(tmp_path, BACKGROUND_THREADS="0") as server:
        yield server


def test_killed_between_commit_and_indexing_and_in_the_middle_of_everything(site: Site) -> None:
    space = prepare(site).space
    visitor, owner = Web(site.url), Web(site.url)
    owner.sign_in(OWNER)
    with Tab(visitor, visitor.chat("Hoeveel verlofdagen heb ik nog?")) as tab:
        # Nothing is indexed: whatever is committed is only in the outbox when the server dies.
        said = [tab.say(f"Bericht {n}") for n in range(10)]
        words = [ask_forum(owner, space)]
        tab.settle()
        again = tab.say("Bericht 0", said[0])
        unsure = tab.say("Kwam dit nog aan?")
        site.kill()
        assert waiting(site) > 0, "committed and not indexed"

        site.environment["BACKGROUND_THREADS"] = "1"
        site.start()
        tab.settle()
        assert tab.connections == 2, "the client came back by itself"
        assert tab.acknowledged[again] == tab.acknowledged[said[0]]
        assert unsure in tab.acknowledged
        once(site, tab)
        all_is_well(site, owner, words)

        # With the indexer at work, at moments of its own choosing.
        for acknowledged in (1, 4):
            aim = len(tab.acknowledged) + acknowledged
            words.append(ask_forum(owner, space))
            for n in range(6):
                tab.say(f"Nog een {acknowledged}.{n}")
            while len(tab.acknowledged) < aim:
                tab.read()
            site.kill()
            site.start()
            tab.settle()
        once(site, tab)
        all_is_well(site, owner, words)


LOCKED = 20.0 if os.environ.get("FULL", "0") not in ("", "0") else 7.0  # seconds; a statement waits for 5


def test_chat_while_the_database_is_locked(tmp_path: Path) -> None:
    """Pages and forms: test_outages.py."""
    with embedded(tmp_path) as site:
        prepare(site)
        visitor = Web(site.url)
        with Tab(visitor, visitor.chat("Hoeveel verlofdagen heb ik nog?")) as tab:
            with closing(sqlite3.connect(tmp_path / "db.sqlite3", isolation_level=None, timeout=30)) as other:
                other.execute("BEGIN IMMEDIATE")
                began = time.monotonic()
                said = [tab.say(f"Terwijl er niets bewaard kan worden {n}") for n in range(3)]
                while time.monotonic() < began + LOCKED:
                    tab.read(0.2)
                assert not set(said) & set(tab.acknowledged), "nothing is acknowledged that is not saved"
                other.execute("ROLLBACK")
            tab.settle()
            assert tab.connections == 1
            once(site, tab)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of a few MB in a folder's place."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("may not mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_disk_of_the_index_full(tmp_path: Path) -> None:
    with small_disk(tmp_path / "search"), embedded(tmp_path) as site:
        space = prepare(site).space
        owner = Web(site.url)
        owner.sign_in(OWNER)
        before = ask_forum(owner, space)
        wait_until(lambda: found(owner, before), "the first question to be found", 60, pause=0.5)
        filler = tmp_path / "search" / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        meanwhile = [ask_forum(owner, space) for _ in range(4)]
        wait_until(lambda: "search" in (site.var / "server.log").read_text(), "the indexer to say it", 30)
        assert owner.get("/nl/zoeken/", q=before).status == 200
        assert waiting(site) > 0

        filler.unlink()
        all_is_well(site, owner, [before, *meanwhile])
