"""A real browser for tests marked `browser`: Debian's Chromium by Playwright.

    @pytest.mark.browser
    def test_something(visit, people):
        page = visit("/nl/", width=390, dark=True)   # a page of a context of its own, on the live server
        sign_in(page, people.agent)
        assert axe(page) == []
        screenshot(page, "home")                     # var/screenshots/home.png, only when SCREENSHOTS is set

`context_factory(width=…, language=…, dark=…)` gives a browser context when a test needs two people at once.
The database of such a test is the live server's: pytest-django makes it transactional.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accounts.models import User

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
LATENCY = int(os.environ.get("LATENCY") or 0)  # milliseconds that every request waits: scripts come late everywhere
SCREENSHOTS = Path(os.environ.get("SCREENSHOTS") or Path(__file__).resolve().parent.parent / "var" / "screenshots")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a worker."""
    # Playwright runs an event loop in this thread; Django would refuse synchronous queries because of it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def contexts(browser: Browser, base_url: str) -> Iterator[Callable[..., BrowserContext]]:
    """Makes contexts (own cookies each) on a server; afterwards asserts that no script or style was refused."""
    made: list[BrowserContext] = []
    refused: list[str] = []

    def make(
        *, width: int = 1280, height: int = 900, language: str = "nl", dark: bool = False, **options: Any
    ) -> BrowserContext:
        options.setdefault("service_workers", "block")
        context = browser.new_context(
            base_url=base_url,
            viewport={"width": width, "height": height},
            locale=language,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(15_000)
        context.on("console", lambda m: refused.append(m.text) if "Content Security Policy" in m.text else None)
        context.on("weberror", lambda e: refused.append(str(e.error)))
        if LATENCY:
            context.on("page", _slow)
        made.append(context)
        return context

    try:
        yield make
    finally:
        for context in made:
            context.close()
    assert not refused, refused


def _slow(page: Page) -> None:
    """Let each request of a page wait for LATENCY, so that a test which acts before the page's scripts ran is found."""
    conditions = {"offline": False, "latency": LATENCY, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)


@pytest.fixture
def context_factory(browser: Browser, live_server: Any) -> Iterator[Callable[..., BrowserContext]]:
    """Makes contexts (own cookies each) on the live server; they fail the test on a blocked script or style."""
    with contexts(browser, live_server.url) as make:
        yield make


@pytest.fixture
def visit(context_factory: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """`visit("/nl/", width=390, language="nl", dark=True)`: a page in a context of its own."""

    def open_page(path: str, **options: Any) -> Page:
        page = context_factory(**options).new_page()
        page.goto(path)
        return page

    return open_page


def sign_in(page: Page, user: User) -> None:
    """Give the page's context the session of `user`."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    host = page.url if page.url.startswith("http") else "http://localhost"
    page.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": host.split("/", 3)[0] + "//" + host.split("/")[2]}]
    )


def axe(page: Page) -> list[str]:
    """What axe finds wrong, WCAG 2.2 AA and best practices: one line for each violation; [] is right."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {rule['help']} ← {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for rule in found
        for node in rule["nodes"]
    ]


def screenshot(page: Page, name: str) -> None:
    """Keep a picture of the whole page as <name>.png, when the environment has SCREENSHOTS."""
    if os.environ.get("SCREENSHOTS"):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, caret="initial")
