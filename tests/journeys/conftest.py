"""Journeys run on the product as real processes with its demo: once embedded, once on the services of production."""

import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests import server
from tests.browser import contexts
from tests.journeys.steps import PASSWORD

SERVICES = pytest.param("production", marks=pytest.mark.services)


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    """A busy machine may take its time; what should appear is waited for."""
    expect.set_options(timeout=20_000)


@pytest.fixture(scope="session", params=["embedded", SERVICES])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Site]:
    """One installation with the demo for all journeys of a worker: each has its own subject and people to itself."""
    start = getattr(server, request.param)
    with start(tmp_path_factory.mktemp(request.param)) as running:
        running.manage("load_demo", "--password", PASSWORD)
        server.wait_until(lambda: _searches(running), "the demo in search", 120)
        yield running


def _searches(site: server.Site) -> bool:
    """Whether the index holds the demo: the engine answers, with something that its last part made."""
    with urllib.request.urlopen(f"{site.url}/nl/zoeken/?q=facturen", timeout=30) as answer:
        page = answer.read().decode()
    return "kunnen-we-een-order-in-twee-facturen" in page and "De zoekmachine is er even niet" not in page


@pytest.fixture
def context_factory(browser: Browser, site: server.Site) -> Iterator[Callable[..., BrowserContext]]:
    """Makes contexts (own cookies each) on the site; they fail the journey on a blocked script or style."""
    with contexts(browser, site.url) as make:
        yield make
