"""Elasticsearch freezes and dies while people chat and ask."""

import pytest

from tests.client import Tab, Web
from tests.faults.acts import NOTICE, all_is_well, ask_forum, found, once
from tests.faults.stage import Stage
from tests.server import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.services]
PATIENCE = 2.0  # seconds that a search may take without its engine


def degraded(web: Web, word: str) -> None:
    """Search answers in time, says that it is degraded, and finds the question in the database."""
    pages = [web.get("/nl/zoeken/", q=word) for _ in range(3)]
    for page in pages:
        assert page.status == 200
        assert NOTICE in page.text
        assert f"<mark>{word}</mark>" in page.text
    assert min(page.seconds for page in pages) < PATIENCE


def no_500(*people: Web) -> None:
    """Every page that search has a part in, and those around it."""
    paths = ["/health/", "/nl/", "/en/", "/nl/zoeken/", "/nl/zoeken/?q=verlof", "/en/search/?q=leave&kind=faq"]
    paths += ["/nl/zoeken/lijkt-op/?q=verlof", "/nl/onderwerpen/", "/nl/community/", "/nl/vraag-stellen/?q=verlof"]
    paths += ["/nl/chat/?q=verlof", "/nl/chat/mijn/", "/sitemap.xml"]
    for web in people:
        wrong = {path: page.status for path in paths if (page := web.get(path)).status >= 500}
        assert wrong == {}


def test_search_steps_back_and_everything_is_caught_up(stage: Stage) -> None:
    visitor, owner = stage.visitor(), stage.owner
    space = stage.scene.space
    before = ask_forum(owner, space)
    wait_until(lambda: found(owner, before), "the first question to be found", pause=1)
    with Tab(visitor, visitor.chat("Hoeveel verlofdagen heb ik nog?")) as tab:
        stage.elastic.freeze()
        tab.say("Is daar iemand?")
        words = [before, ask_forum(owner, space)]
        degraded(owner, words[-1])
        tab.settle()

        stage.elastic.run("kill")
        for n in range(5):
            tab.say(f"Bericht {n}")
        words.append(ask_forum(owner, space))
        degraded(owner, words[-1])
        degraded(owner, before)
        no_500(visitor, owner, stage.agent)
        tab.settle()
        second = visitor.chat("En mijn pensioen?")

        stage.elastic.run("start")
        all_is_well(stage.site, owner, words)
        assert tab.connections == 1, "chat noticed nothing"
        once(stage.site, tab)
    with Tab(visitor, second) as tab:
        tab.wait_for("pensioen")
