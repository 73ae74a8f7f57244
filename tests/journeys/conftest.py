"""Journeys run on the product as real processes with its demo: once embedded, once on the services of production."""

import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests import server
from tests.browser import contexts
from tests.journeys import steps

SERVICES = pytest.param("production", marks=pytest.mark.services)


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], server.Site]]:
    """Each set-up with the demo, started when it is first asked for, for all journeys of a worker."""
    with ExitStack() as stack:

        @cache
        def site(name: str) -> server.Site:
            start = getattr(server, name)
            running: server.Site = stack.enter_context(start(tmp_path_factory.mktemp(name), "demo"))
            server.wait_until(lambda: _searches(running), f"the demo in search; the logs: {running.logs()}", 300)
            return running

        yield site


@pytest.fixture(params=["embedded", SERVICES])
def site(request: pytest.FixtureRequest, sites: Callable[[str], server.Site]) -> server.Site:
    """An installation with the demo: each journey has its own subject and people to itself."""
    return sites(request.param)


def _searches(site: server.Site) -> bool:
    """Whether the index holds the demo: the engine answers, with something that its last part made."""
    site.healthy()  # says so when a process has ended
    try:
        with urllib.request.urlopen(f"{site.url}/nl/zoeken/?q=facturen", timeout=30) as answer:
            page = answer.read().decode()
    except OSError:  # it takes its time on a busy machine; whether it lives was asked before
        return False
    return "kunnen-we-een-order-in-twee-facturen" in page and "De zoekmachine is er even niet" not in page


@pytest.fixture
def context_factory(browser: Browser, site: server.Site) -> Iterator[Callable[..., BrowserContext]]:
    """Makes contexts (own cookies each) on the site; they fail the journey on a blocked script or style."""
    steps.sessions = site.sessions
    with contexts(browser, site.url) as make:
        yield make
