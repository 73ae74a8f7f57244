"""A real browser for tests marked `browser`: Debian's Chromium by Playwright.

    @looks()
    def test_something(visit, people, look):
        page = visit("/nl/", **look.options)    # a page of a context of its own, on the live server
        sign_in(page, people.agent)
        sound(page, "home")                     # axe, light and dark, narrow and wide, without loading anew

`looks()` (tests/looks.py) rotates the language, width and theme that a test starts in; FULL=1 runs them all.
`context_factory(width=…, language=…, dark=…)` gives a browser context when a test needs two people at once.
The database of such a test is the live server's: pytest-django makes it transactional. What a browser showed when
a test failed stands in the test's report. SCREENSHOTS=1 keeps a picture of each look in var/screenshots/.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from accounts.models import User
from tests.looks import FULL, WIDTHS

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Debian's, built from the same source: the shell draws no windows and takes a third of the CPU.
_BROWSERS = [path for path in ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium") if os.path.exists(path)]
CHROMIUM = os.environ.get("CHROMIUM") or (_BROWSERS or ["/usr/bin/chromium"])[0]
LATENCY = int(os.environ.get("LATENCY") or 0)  # milliseconds that every request waits: scripts come late everywhere
SCREENSHOTS = Path(os.environ.get("SCREENSHOTS") or Path(__file__).resolve().parent.parent / "var" / "screenshots")
HEIGHT = 900
PATIENCE = 30_000  # milliseconds; what should appear is waited for, however busy the machine is
# The rules of axe that a theme can break without breaking them in the other.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# Only what is wrong comes back, as lines: the whole answer is ten thousand times as long.
RUN = """async ([context, only]) => {
  // What inherits a colour begins to change when its parent has: as deep as the page is.
  for (let depth = 0, moving; depth < 100 && (moving = document.getAnimations()).length; depth++)
    for (const motion of moving) try { motion.finish(); } catch { motion.cancel(); }
  const found = await axe.run(context ?? document, {resultTypes: ["violations"], ...(only && {runOnly: only})});
  return found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id}: ${rule.help} ← ${node.html.slice(0, 160)} ${(node.failureSummary ?? "").slice(0, 300)}`));
}"""
_axe_script = Axe().axe_script
_open: list[BrowserContext] = []  # contexts of the test that runs, for its report when it fails


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a worker."""
    # Playwright runs an event loop in this thread; Django would refuse synchronous queries because of it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=PATIENCE)
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
        *, width: int = 1280, height: int = HEIGHT, language: str = "nl", dark: bool = False, **options: Any
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
        context.set_default_timeout(PATIENCE)
        context.on("console", lambda m: refused.append(m.text) if "Content Security Policy" in m.text else None)
        context.on("weberror", lambda e: refused.append(str(e.error)))
        if LATENCY:
            context.on("page", _slow)
        made.append(context)
        _open.append(context)
        return context

    try:
        yield make
    finally:
        for context in made:
            _open.remove(context)
            context.close()
    assert not refused, f"the pages of {base_url} should run every script and style of theirs, but refused: {refused}"


def _slow(page: Page) -> None:
    """Let each request of a page wait for LATENCY, so that a test which acts before the page's scripts ran is found."""
    conditions = {"offline": False, "latency": LATENCY, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the live server waits for its search engine, where a page would do without after .6 s."""
    monkeypatch.setattr("search.time_budget.remaining", lambda most: 10.0)


@pytest.fixture
def context_factory(browser: Browser, live_server: Any, patience: None) -> Iterator[Callable[..., BrowserContext]]:
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


def axe(page: Page, *, inside: str | None = None, only: dict[str, Any] | None = None) -> list[str]:
    """What axe finds wrong now, WCAG 2.2 AA and best practices: one line for each violation; [] is right.

    `inside` is a selector: only that part is looked at. `only` is axe's own `runOnly`.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe_script)
    found: list[str] = page.evaluate(RUN, [inside, only])
    return found


def settle(page: Page) -> None:
    """Wait until the page has what it fetches by itself."""
    page.wait_for_load_state()
    page.wait_for_function("() => !document.querySelector('.htmx-request')", timeout=2 * PATIENCE)


def sticks_out(page: Page) -> bool:
    """Whether the page scrolls sideways."""
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def wear(page: Page, width: int, dark: bool) -> None:
    """Give the page that is open this width and theme."""
    page.set_viewport_size({"width": width, "height": page.viewport_size["height"] if page.viewport_size else HEIGHT})
    page.emulate_media(color_scheme="dark" if dark else "light")


def problems(
    page: Page, name: str = "", *, inside: str | None = None, ours: Callable[[str], bool] = lambda line: True
) -> list[str]:
    """What is wrong with the page that is open, in light and dark and at both widths, without loading it anew.

    Axe, and whether the page scrolls sideways; `ours` says which of axe's lines are about what we made. `name` is
    that of its pictures. The page is left as it was. With FULL=1 only the look that it has is seen: each is loaded.
    """
    size = page.viewport_size
    assert size is not None
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    widths = [size["width"]] if FULL else sorted(WIDTHS, key=lambda each: each != size["width"])
    found = []
    for width in widths:
        for theme in [dark] if FULL else [dark, not dark]:
            if (width, theme) != (size["width"], dark):
                wear(page, width, theme)
            look = f"{width}-{'dark' if theme else 'light'}"
            # What is where does not depend on the theme.
            lines = axe(page, inside=inside, only=None if theme is dark else COLOURS)
            found += [f"{look}: {line}" for line in lines if ours(line)]
            if name:
                screenshot(page, f"{name}-{page.evaluate('document.documentElement.lang')}-{look}")
        if sticks_out(page):
            found.append(f"{width}: scrolls sideways")
    if not FULL:
        wear(page, size["width"], dark)
    return found


def sound(page: Page, name: str = "", **options: Any) -> None:
    """Assert that nothing is wrong with the page in any look (see `problems`)."""
    found = problems(page, name, **options)
    assert not found, "\n".join([f"{page.url} should be sound in light and dark at both widths, but:", *found])


def screenshot(page: Page, name: str) -> None:
    """Keep a picture of the whole page as <name>.png, when the environment has SCREENSHOTS."""
    if os.environ.get("SCREENSHOTS"):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, caret="initial")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Say in a failed test's report what its browser showed."""
    report = yield
    if report.failed and call.when == "call":
        for page in [page for context in _open for page in context.pages]:
            report.sections.append(("What the browser showed", shown(page)))
    return report


def shown(page: Page) -> str:
    """A page in some lines: address, title, what is said to be wrong, where the focus is, and the first words."""
    try:
        seen = page.evaluate(
            """() => ({
              alerts: [...document.querySelectorAll("[role=alert], .errorlist, [aria-invalid=true]")]
                .map((e) => (e.innerText || e.outerHTML).slice(0, 200)).filter(Boolean),
              focus: document.activeElement.outerHTML.slice(0, 120),
              text: (document.querySelector("main") ?? document.body).innerText,
              status: performance.getEntriesByType("navigation")[0]?.responseStatus,
            })"""
        )
        words = re.sub(r"\s+", " ", seen["text"])
        return "\n".join(
            [
                f"{seen['status']} {page.url} “{page.title()}”",
                *(f"refused: {alert}" for alert in seen["alerts"]),
                f"focus: {seen['focus']}",
                f"text: {words[:600]}{' …' if len(words) > 600 else ''}",
            ]
        )
    except Error as error:  # it was closed, or is between two pages
        return f"{page.url}: {error.message}"
