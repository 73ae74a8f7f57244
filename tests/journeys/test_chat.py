"""Customer and agent, each in a browser of their own, on a real server."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import axe, screenshot
from tests.server import Site, embedded

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Site]:
    """A server with the people of the tests."""
    with embedded(tmp_path) as site:
        site.shell("from tests.people import make_people; make_people()")
        yield site


@pytest.fixture
def context(browser: Browser, server: Site) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts on the server; a refused script or an error in one fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def make(width: int = 1280, **options: Any) -> BrowserContext:
        made = browser.new_context(
            base_url=server.url,
            viewport={"width": width, "height": 900},
            locale="nl",
            reduced_motion="reduce",
            **options,
        )
        made.set_default_timeout(15_000)
        made.on("weberror", lambda error: wrong.append(str(error.error)))
        made.on("console", lambda m: wrong.append(m.text) if "Content Security Policy" in m.text else None)
        contexts.append(made)
        return made

    yield make
    for made in contexts:
        made.close()
    assert wrong == []


def sign_in(page: Page, server: Site, email: str) -> None:
    """Give the page's browser a session on the server."""
    key = server.shell(
        "from accounts.models import User; from django.test import Client; c = Client();"
        f"c.force_login(User.objects.get(email='{email}'), backend='accounts.backends.RoleBackend');"
        "print(c.session.session_key)"
    )
    page.context.add_cookies([{"name": "sessionid", "value": key.splitlines()[-1], "url": server.url}])


def ask(page: Page, question: str) -> None:
    """Start a chat with HR."""
    page.goto(f"/nl/chat/?q={question}&team=t-hr")
    page.get_by_role("button", name="Begin de chat").click()
    page.wait_for_url(re.compile(r"/nl/chat/\d+/"))


def say(page: Page, text: str) -> None:
    """Type and press Enter."""
    page.get_by_label("Je bericht").fill(text)
    page.get_by_label("Je bericht").press("Enter")


def test_customer_and_agent(context: Callable[..., BrowserContext], server: Site) -> None:
    customer, agent = context(390).new_page(), context().new_page()
    sign_in(agent, server, "agent@t-ssc.example")
    ask(customer, "Hoe vraag ik ouderschapsverlof aan?")
    expect(customer.get_by_text("Er is nu niemand van HR aan de balie.")).to_be_visible()
    assert axe(customer) == []
    screenshot(customer, "chat-waiting-390")

    agent.goto("/nl/balie/")
    expect(customer.get_by_text("1 persoon van HR is er nu.")).to_be_visible()
    agent.get_by_role("link", name="Hoe vraag ik ouderschapsverlof aan?").click()
    say(agent, "In **Mijn Brug**, bij Verlof.")
    expect(customer.locator("strong", has_text="Mijn Brug")).to_be_visible()
    expect(customer.get_by_text("van HR helpt je")).to_be_visible()
    say(customer, "Dank je!")
    expect(agent.locator(".vb-bubble", has_text="Dank je!")).to_be_visible()
    expect(agent.locator("[data-lists]").get_by_text("Jij bent aan zet")).to_be_visible()
    assert axe(agent) == []
    screenshot(agent, "desk-1280")
    screenshot(customer, "chat-answered-390")

    customer.get_by_role("button", name="Mijn vraag is beantwoord").click()
    expect(customer.get_by_text("Dit gesprek is afgesloten.")).to_be_visible()
    expect(agent.locator(".vb-bubble-system", has_text="De vrager sloot het gesprek af.")).to_be_visible()
    screenshot(customer, "chat-closed-390")


def test_what_is_typed_survives_a_lost_connection(context: Callable[..., BrowserContext], server: Site) -> None:
    tab = context()
    page = tab.new_page()
    ask(page, "Een vraag voor straks, over verlof")
    say(page, "Dit kwam aan.")
    expect(page.locator(".vb-bubble:not(.chat-pending)", has_text="Dit kwam aan.")).to_be_visible()
    server.kill()
    expect(page.get_by_text("Geen verbinding.")).to_be_visible()
    say(page, "Dit moet blijven.")
    expect(page.get_by_text("Nog niet verstuurd.")).to_be_visible()
    page.get_by_label("Je bericht").fill("Nog niet af")
    screenshot(page, "chat-offline-1280")
    server.start()
    expect(page.locator(".vb-bubble:not(.chat-pending)", has_text="Dit moet blijven.")).to_be_visible(timeout=30_000)
    expect(page.locator(".vb-bubble", has_text="Dit moet blijven.")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Je bericht")).to_have_value("Nog niet af")
    expect(page.locator(".vb-bubble", has_text="Dit moet blijven.")).to_have_count(1)


def test_without_javascript(context: Callable[..., BrowserContext], server: Site) -> None:
    page = context(java_script_enabled=False).new_page()
    ask(page, "Werkt dit ook zonder JavaScript?")
    page.get_by_label("Je bericht").fill("Nog een regel")
    page.get_by_role("button", name="Verstuur").click()
    expect(page.locator(".vb-bubble", has_text="Nog een regel")).to_be_visible()
    expect(page.get_by_role("link", name="Kijk of er nieuwe berichten zijn")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)])
def test_start_and_lists_are_sound(
    context: Callable[..., BrowserContext], server: Site, width: int, dark: bool
) -> None:
    page = context(width, color_scheme="dark" if dark else "light").new_page()
    page.goto("/nl/chat/?q=Hoe+werkt+dit")
    assert axe(page) == []
    screenshot(page, f"chat-start-{width}")
    sign_in(page, server, "agent@t-ssc.example")
    for name, path in {"desk-empty": "balie/", "chat-mine": "chat/mijn/", "chat-history": "balie/archief/"}.items():
        page.goto(f"/nl/{path}")
        assert axe(page) == []
        screenshot(page, f"{name}-{width}")
