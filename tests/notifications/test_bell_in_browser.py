"""The bell in a real browser, on a real server: it counts without a reload, and its socket costs little."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, expect

from tests.browser import contexts, sound
from tests.journeys.steps import bubble, enter
from tests.server import Site, embedded

pytestmark = pytest.mark.browser
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""

COUNT = """window.opened = 0;
window.sent = "";
window.WebSocket = class extends WebSocket {
  constructor(...how) { super(...how); window.opened++; }
  send(text) { super.send(text); window.sent += text; }
};"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with the people of the tests."""
    with embedded(tmp_path_factory.mktemp("bell"), "people", SEARCH_MEANING="off") as site:
        yield site


@pytest.fixture
def context(browser: Browser, server: Site) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts on the server; a refused script or an error in one fails the test."""
    with contexts(browser, server.url) as make:
        yield make


class Sockets:
    """The sockets that a page opens, and what it sends by them."""

    def __init__(self, page: Page) -> None:
        self.page, self.opened, self.sent = page, list[WebSocket](), list[str]()
        page.on("websocket", self._opened)

    def _opened(self, socket: WebSocket) -> None:
        self.opened.append(socket)
        socket.on("framesent", lambda text: self.sent.append(str(text)))

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the page has opened or sent so much."""
        while not condition():
            self.page.wait_for_timeout(50)

    @property
    def open(self) -> list[WebSocket]:
        """Those that are open."""
        return [socket for socket in self.opened if not socket.is_closed()]


def page_of(server: Site, context: BrowserContext, email: str, path: str) -> tuple[Page, Sockets]:
    """A page that this person opens, and its sockets."""
    context.add_cookies([{"name": "sessionid", "value": server.sessions[email], "url": server.url}])
    page = context.new_page()
    sockets = Sockets(page)
    page.goto(path, wait_until="domcontentloaded")
    return page, sockets


def ask(page: Page, question: str) -> None:
    """Start a chat with HR, and leave it again."""
    page.goto(f"/nl/chat/?q={question}&team=t-hr")
    page.get_by_role("button", name="Begin de chat").click()
    page.wait_for_url(re.compile(r"/nl/chat/\d+/"))
    page.goto("/nl/")


def answer(page: Page, question: str, text: str) -> None:
    """Answer it at the desk."""
    page.goto("/nl/balie/")
    page.get_by_role("link", name=question).click()
    enter(page, text)
    expect(bubble(page, text)).to_be_visible()


def test_it_counts_what_arrives_and_what_is_read_in_another_tab(
    context: Callable[..., BrowserContext], server: Site
) -> None:
    mine = context()
    page, _sockets = page_of(server, mine, "owner@t-waterland.example", "/nl/")
    question = f"Hoe vraag ik zorgverlof aan op {time.time():.0f}?"  # a second try on the same server finds its own
    ask(page, question)
    bell, count = page.locator(".vb-bell"), page.locator(".vb-bell [data-count]")
    expect(bell).to_have_accessible_name("Berichten")
    expect(count).to_be_hidden()
    other, _sockets = page_of(server, mine, "owner@t-waterland.example", "/nl/zoeken/")
    agent, _sockets = page_of(server, context(), "agent@t-ssc.example", "/nl/balie/")
    answer(agent, question, "In Mijn Brug, bij Verlof.")
    for each in (page, other):
        expect(each.locator(".vb-bell [data-count]")).to_have_text("1")
        expect(each.locator(".vb-bell")).to_have_accessible_name("Berichten 1 ongelezen")
    sound(page)

    other.goto("/nl/berichten/")
    other.get_by_role("button", name="Alles als gelezen markeren").click()
    expect(count).to_be_hidden()
    expect(bell).to_have_accessible_name("Berichten")


def test_a_page_has_one_socket_while_it_is_visible_and_one_that_is_passed_through_none(
    context: Callable[..., BrowserContext], server: Site
) -> None:
    mine = context()
    page, sockets = page_of(server, mine, "colleague@t-waterland.example", "/nl/")
    page.evaluate(HIDE, True)
    page.goto("/nl/zoeken/")
    sockets.until(lambda: any("unread" in text for text in sockets.sent))
    assert len(sockets.opened) == 1, "none by the page that was passed through"
    page.evaluate(HIDE, True)
    sockets.until(lambda: not sockets.open)
    page.evaluate(HIDE, False)
    sockets.until(lambda: bool(sockets.open))

    page.add_init_script(COUNT)
    page.goto("/nl/chat/?q=Hoe+laat&team=t-hr")
    page.get_by_role("button", name="Begin de chat").click()
    page.wait_for_url(re.compile(r"/nl/chat/\d+/"))
    page.reload()
    page.wait_for_function("() => sent.includes('subscribe') && sent.includes('unread')")
    assert page.evaluate("opened") == 1, "the bell shares the socket of the chat"


def test_a_visitor_has_no_bell_and_opens_no_socket(context: Callable[..., BrowserContext]) -> None:
    page = context().new_page()
    page.goto("/nl/")
    assert page.locator("notification-bell, script[src*=notification-bell]").count() == 0
