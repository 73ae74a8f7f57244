"""Customer and agent, each in a browser of their own, on a real server."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import contexts, screenshot, sound
from tests.journeys.steps import bubble, enter, say, sign_in_by_form, start_chat, until_live
from tests.looks import Look, looks
from tests.server import Site, embedded

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with the people of the tests."""
    with embedded(tmp_path_factory.mktemp("chat"), "people", SEARCH_MEANING="off") as site:
        yield site


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[Site]:
    """One that may be killed."""
    with embedded(tmp_path, "people", SEARCH_MEANING="off") as site:
        yield site


@pytest.fixture
def context(browser: Browser, server: Site) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts on the server; a refused script or an error in one fails the test."""
    with contexts(browser, server.url) as make:
        yield make


def sign_in(page: Page, server: Site, email: str) -> None:
    """Give the page's browser a session on the server."""
    page.context.add_cookies([{"name": "sessionid", "value": server.sessions[email], "url": server.url}])


def ask(page: Page, question: str) -> None:
    """Start a chat with HR."""
    page.goto(f"/nl/chat/?q={question}&team=t-hr")
    page.get_by_role("button", name="Begin de chat").click()
    page.wait_for_url(re.compile(r"/nl/chat/\d+/"))


def test_customer_and_agent(context: Callable[..., BrowserContext], server: Site) -> None:
    customer, agent = context(width=390).new_page(), context().new_page()
    sign_in(agent, server, "agent@t-ssc.example")
    ask(customer, "Hoe vraag ik ouderschapsverlof aan?")
    expect(customer.get_by_text("Er is nu niemand van HR aan de balie.")).to_be_visible()
    sound(customer, "chat-waiting")

    agent.goto("/nl/balie/")
    expect(customer.get_by_text("1 persoon van HR is er nu.")).to_be_visible()
    agent.get_by_role("link", name="Hoe vraag ik ouderschapsverlof aan?").click()
    enter(agent, "In **Mijn Brug**, bij Verlof.")
    expect(customer.locator("strong", has_text="Mijn Brug")).to_be_visible()
    expect(customer.get_by_text("van HR helpt je")).to_be_visible()
    enter(customer, "Dank je!")
    expect(agent.locator(".vb-bubble", has_text="Dank je!")).to_be_visible()
    expect(agent.locator("[data-lists]").get_by_text("Jij bent aan zet")).to_be_visible()
    sound(agent, "desk")
    screenshot(customer, "chat-answered-390")

    customer.get_by_role("button", name="Mijn vraag is beantwoord").click()
    expect(customer.get_by_text("Dit gesprek is afgesloten.")).to_be_visible()
    expect(agent.locator(".vb-bubble-system", has_text="De vrager sloot het gesprek af.")).to_be_visible()
    screenshot(customer, "chat-closed-390")


def test_the_newest_message_stays_in_view_and_nothing_typed_is_lost(
    context: Callable[..., BrowserContext], server: Site
) -> None:
    customer, agent = context(width=390).new_page(), context(width=390).new_page()
    sign_in(agent, server, "ict_agent@t-ssc.example")
    customer.goto("/nl/chat/?q=Waar+blijft+mijn+laptop&team=t-ict")
    customer.get_by_role("button", name="Begin de chat").click()
    customer.wait_for_url(re.compile(r"/nl/chat/\d+/"))
    for number in range(8):
        say(customer, f"Nog iets over mijn laptop, nummer {number}")
    agent.goto("/nl/balie/")
    agent.get_by_role("link", name="Waar blijft mijn laptop").click()
    field = agent.get_by_label("Je bericht")
    until_live(agent)
    _newest_in_view(agent)
    agent.set_viewport_size({"width": 1280, "height": 800})
    field.fill("\n".join("Een lang antwoord" for _line in range(9)))
    say(customer, "En dit is het laatste")
    expect(bubble(agent, "En dit is het laatste")).to_be_visible()
    for page in (agent, customer):
        _newest_in_view(page)

    agent.locator("[data-thread]").evaluate("(thread) => { thread.scrollTop = 0; }")
    say(customer, "Of toch nog iets")
    newer = agent.get_by_role("button", name="1 nieuw bericht")
    expect(newer).to_be_visible()
    expect(agent.get_by_role("log")).to_contain_text(re.compile("1 nieuw bericht: .* Of toch nog iets"))
    newer.click()
    expect(newer).to_be_hidden()
    _newest_in_view(agent)
    customer.get_by_role("link", name="Kom later terug").click()
    expect(customer.get_by_role("button", name="Bewaar")).to_be_in_viewport()

    other = agent.context.new_page()
    other.goto("/nl/account/logout/")
    other.get_by_role("main").get_by_role("button").click()
    expect(agent.get_by_text("Je bent hier uitgelogd.")).to_be_visible()
    expect(agent.get_by_role("button", name="Verstuur")).to_be_disabled()
    _newest_in_view(agent)
    field.press("Enter")
    screenshot(agent, "desk-signed-out")
    agent.get_by_role("link", name="Log opnieuw in").click()
    sign_in_by_form(agent, "ict_agent@t-ssc.example", path="")
    expect(field).to_have_value(re.compile("Een lang antwoord"))

    agent.get_by_text("Verbind door").first.click()
    agent.get_by_label("Doorverbinden met").select_option(label="HR")
    agent.get_by_role("button", name="Verbind door").click()
    expect(agent.get_by_text("Wat je typte is nog niet verstuurd.")).to_be_visible()
    sound(agent, "desk-unsent")
    agent.get_by_role("button", name="Verstuur het eerst").click()
    expect(bubble(customer, "Een lang antwoord")).to_be_visible()
    expect(customer.locator(".vb-crumbs")).to_contain_text("HR")


def _newest_in_view(page: Page) -> None:
    """The last message ends above the composer, and that above the edge of the window."""
    script = """() => {
      const bottom = (where) => document.querySelector(where).getBoundingClientRect().bottom;
      const [message, thread] = [bottom("[data-thread] > :last-child"), bottom("[data-thread]")];
      const foot = document.querySelector("[data-foot]").getBoundingClientRect();
      return message <= thread && message <= foot.top && foot.bottom <= innerHeight;
    }"""
    page.wait_for_function(script)


def test_what_is_typed_survives_a_lost_connection(browser: Browser, fragile: Site) -> None:
    with contexts(browser, fragile.url) as context:
        _lose_the_connection(context().new_page(), fragile)


def _lose_the_connection(page: Page, server: Site) -> None:
    ask(page, "Een vraag voor straks, over verlof")
    enter(page, "Dit kwam aan.")
    expect(bubble(page, "Dit kwam aan.")).to_be_visible()
    server.kill()
    expect(page.locator("[data-line]")).to_contain_text("Geen verbinding.")
    expect(page.locator("[data-spoken]")).to_contain_text("Geen verbinding.")
    enter(page, "Dit moet blijven.")
    expect(page.get_by_text("Nog niet verstuurd.")).to_be_visible()
    page.get_by_label("Je bericht").fill("Nog niet af")
    sound(page, "chat-offline")
    server.start()
    expect(bubble(page, "Dit moet blijven.")).to_be_visible()
    expect(page.locator(".vb-bubble", has_text="Dit moet blijven.")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Je bericht")).to_have_value("Nog niet af")
    expect(page.locator(".vb-bubble", has_text="Dit moet blijven.")).to_have_count(1)


def test_a_message_that_is_too_long_stays_in_its_field_until_it_fits(
    context_factory: Callable[..., BrowserContext],
) -> None:
    page = context_factory(width=390).new_page()
    start_chat(page, "Past mijn lange verhaal hier?", "HR Willemstad")
    field = page.get_by_label("Je bericht")
    enter(page, "x" * 4_003)
    expect(page.get_by_text("Te lang voor één bericht, met zoveel tekens: 3.")).to_be_visible()
    expect(field).to_have_value("x" * 4_003)
    expect(field).to_have_attribute("aria-invalid", "true")
    sound(page, "chat-too-long")
    enter(page, "y" * 4_000)
    expect(bubble(page, "y" * 4_000)).to_be_visible()
    expect(page.get_by_text("Te lang voor één bericht")).to_have_count(0)
    expect(field).to_have_value("")


def test_without_javascript(context: Callable[..., BrowserContext], server: Site) -> None:
    page = context(java_script_enabled=False).new_page()
    ask(page, "Werkt dit ook zonder JavaScript?")
    page.get_by_label("Je bericht").fill("Nog een regel")
    page.get_by_role("button", name="Verstuur").click()
    expect(page.locator(".vb-bubble", has_text="Nog een regel")).to_be_visible()
    expect(page.get_by_role("link", name="Kijk of er nieuwe berichten zijn")).to_be_visible()


@looks()
def test_start_and_lists_are_sound(context: Callable[..., BrowserContext], server: Site, look: Look) -> None:
    page = context(**look.options).new_page()
    page.goto("/nl/chat/?q=Hoe+werkt+dit")
    sound(page, "chat-start")
    sign_in(page, server, "ict_agent@t-ssc.example")  # not the desk where another test wants nobody to be
    for name, path in {"desk-empty": "balie/", "chat-mine": "chat/mijn/", "chat-history": "balie/archief/"}.items():
        page.goto(f"/nl/{path}")
        sound(page, name)
