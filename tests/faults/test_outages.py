"""PostgreSQL restarts under the production set-up, and SQLite is locked under the embedded one.

Nobody sees a 500, nothing typed is lost, and everybody is served again soon after.
"""

import json
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest

from tests.client import Page, Tab, Web
from tests.faults.acts import ask_forum, found
from tests.faults.nodes import Postgres, postgres_server
from tests.scene import OWNER, prepare
from tests.server import Site, embedded, production, wait_until

pytestmark = pytest.mark.faults
READ = ["/nl/", "/en/", "/nl/zoeken/?q=koffie", "/nl/community/", "/nl/chat/", "/nl/chat/mijn/", "/nl/vraag-stellen/"]
SERVED = 3.0  # seconds after the server accepts connections


def ours(page: Page) -> bool:
    """Whether an answer is the page of an outage."""
    return page.status == 503 and bool(page.headers["Retry-After"])


def kept(page: Page) -> dict[str, str]:
    """The fields that the page of an outage sends again."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    return {unescape(name): unescape(value) for name, value in found}


def errors(site: Site) -> str:
    """What the processes that people talk to say that nobody should have to read."""
    logs = [site.var / f"{name}.log" for name in ("web", "sockets", "server") if name in site.commands]
    return "\n".join(line for log in logs for line in log.read_text().splitlines() if "Traceback" in line)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Of these tests' own."""
    with postgres_server() as node:
        yield node


@pytest.fixture(scope="module")
def production_site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The production set-up on it."""
    with production(tmp_path_factory.mktemp("postgres"), DATABASE_URL=server.url) as made:
        yield made


@pytest.mark.services
def test_a_restart_is_over_when_the_server_answers(production_site: Site, server: Postgres) -> None:
    site = production_site
    space = prepare(site).space
    owner, visitor = Web(site.url), Web(site.url)
    owner.sign_in(OWNER)
    ask_forum(owner, space)
    with Tab(visitor, visitor.chat("Hoe laat is de balie open?")) as tab:
        tab.say("Voor de storing")
        tab.settle()
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(owner.get, READ * 3))  # many connections that will be lost
            server.stop(signal.SIGQUIT)
            answers = list(threads.map(owner.get, [*READ, "/health/", "/cms/", "/health/"]))
            assert [page for page in answers if not ours(page)] == []
            assert max(page.seconds for page in answers) < 8
            health = owner.get("/health/")
            assert ours(health) and health.seconds < 3.5
            word = "woordtijdensstoring"
            typed = {"q": f"Wie kent het {word}?", "space": str(space), "language": "nl", "anyway": "1"}
            refused = owner.post("/nl/vraag-stellen/", **typed, body="Met tekst\r\nen meer")
            assert ours(refused)
            assert kept(refused).items() >= typed.items()

            server.start()
            began, bad = time.monotonic(), 0.0
            while time.monotonic() - began < 6:
                for page in threads.map(owner.get, [*READ, "/health/"]):
                    assert page.status == 200 or ours(page), page
                    if page.status != 200:
                        bad = time.monotonic() - began
            assert bad < SERVED
        again = owner.post("/nl/vraag-stellen/", **(kept(refused) | {"csrfmiddlewaretoken": owner.jar()["csrftoken"]}))
        assert word in again.text and "/nl/q/" in again.url
        tab.say("Na de storing")
        tab.settle()
        wait_until(lambda: found(owner, word), "the indexer to be at work again", 30)
        assert errors(site) == ""


@pytest.mark.services
def test_a_server_that_hangs_holds_nobody_for_long(production_site: Site, server: Postgres) -> None:
    site = production_site
    visitor = Web(site.url)
    assert visitor.get("/nl/").status == 200
    server.freeze()
    try:
        with ThreadPoolExecutor(8) as threads:
            pages = list(threads.map(visitor.get, READ * 2))
        assert [page for page in pages if page.status != 200 and not ours(page)] == []
        assert max(page.seconds for page in pages) < 21
    finally:
        server.thaw()
    began = time.monotonic()
    wait_until(lambda: all(visitor.get(path).status == 200 for path in READ), "pages", 15)
    assert time.monotonic() - began < SERVED + 2
    assert errors(site) == ""


@pytest.fixture(scope="module")
def embedded_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The embedded set-up."""
    with embedded(tmp_path_factory.mktemp("locked"), "people") as made:
        yield made


def test_reading_goes_on_and_what_was_typed_is_kept(embedded_site: Site) -> None:
    """A second program holds the only lock there is."""
    site = embedded_site
    people = {"nobody": Web(site.url)}
    for email in ("owner@t-waterland.example", "agent@t-ssc.example", "curator@t-ssc.example"):
        people[email] = Web(site.url)
        people[email].sign_in(email)
    visitor = people["nobody"]
    visitor.get("/nl/chat/")
    team = re.findall(r'name="team" [^>]*value="(\d+)"', visitor.get("/nl/chat/").text)[0]
    typed = {"q": "Mag ik mijn fiets meenemen?", "team": team}
    with closing(sqlite3.connect(Path(site.var) / "db.sqlite3", isolation_level=None)) as other:
        other.execute("begin immediate")
        with ThreadPoolExecutor(4) as threads:
            sending = threads.submit(visitor.post, "/nl/chat/", **typed)
            for email, web in people.items():
                pages = [web.get(path) for path in [*READ, "/nl/inbox/", "/nl/balie/", "/cms/", "/health/"]]
                assert [page for page in pages if page.status >= 500] == [], email
                assert max(page.seconds for page in pages) < 4, email
            refused = sending.result()
        assert ours(refused), refused
        assert refused.seconds < 12
        assert kept(refused).items() >= typed.items()
        other.execute("rollback")
    again = visitor.post("/nl/chat/", **(kept(refused) | {"csrfmiddlewaretoken": visitor.jar()["csrftoken"]}))
    assert re.search(r"/nl/chat/\d+/$", again.url), again
    assert json.loads(visitor.get("/health/").text)["status"] == "ok"
    assert errors(site) == ""
