"""The one server of the embedded set-up, killed with -9."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client import Tab, Web
from tests.faults.acts import all_is_well, ask_forum, once
from tests.scene import OWNER, prepare, waiting
from tests.server import Site, embedded

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
