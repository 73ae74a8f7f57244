"""The main acts by keyboard alone, and always to be seen where one is."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import screenshot
from tests.journeys.steps import bubble, find, until_live

pytestmark = pytest.mark.browser

ANSWER = "Ik ben mijn wachtwoord vergeten. Hoe kom ik weer binnen?"

# The focused element has an outline or ring, and something of it is on the screen.
VISIBLE = """() => {
  const here = document.activeElement, box = here.getBoundingClientRect();
  const marked = (e) => getComputedStyle(e).outlineStyle !== "none" || getComputedStyle(e).boxShadow !== "none";
  const shown = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const around = here.closest(".vb-search, .vb-card-link, li") ?? here;
  return shown && (marked(here) || marked(around));
}"""


def _tab_to(page: Page, name: str, role: str = "", most: int = 60) -> None:
    """Press Tab until the focus is on what is called `name`, looking each time whether the focus shows."""
    target = page.get_by_role(role, name=name).first if role else page.get_by_label(name).first
    for _ in range(most):
        page.keyboard.press("Tab")
        page.wait_for_function(VISIBLE)
        if target.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"{most} times Tab did not come to {name!r}")


def test_find_and_say_it_helped(context_factory: Callable[..., BrowserContext]) -> None:
    page = context_factory().new_page()
    find(page, "wachtwoord vergeten", ANSWER)
    page.goto("/nl/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Direct naar de inhoud")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    screenshot(page, "keyboard-skip-1280")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

    _tab_to(page, "Zoek een antwoord", "combobox")
    page.keyboard.type("wachtwoord")
    page.keyboard.press("Enter")
    field, hits = page.get_by_role("searchbox", name="Zoek een antwoord"), page.locator(".search-hit")
    expect(hits.first).to_be_visible()
    page.wait_for_load_state()  # with its scripts: the key is theirs
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("wachtwoord vergeten")
    expect(hits.first).to_have_text(ANSWER)
    page.keyboard.press("ArrowDown")
    expect(hits.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(hits.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.wait_for_function(VISIBLE)
    screenshot(page, "keyboard-results-1280")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=ANSWER)).to_be_visible()
    _tab_to(page, "Ja, dit hielp", "button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fijn dat dit hielp")).to_be_visible()


def test_chat(context_factory: Callable[..., BrowserContext]) -> None:
    page = context_factory().new_page()
    page.goto("/nl/chat/")
    _tab_to(page, "Je vraag")
    page.keyboard.type("Hoe laat gaat de balie van het Brughuis open?")
    _tab_to(page, "Debiteurenbeheer", "radio")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Facilitair")).to_be_checked()
    _tab_to(page, "Begin de chat", "button")
    screenshot(page, "keyboard-chat-1280")
    page.keyboard.press("Enter")
    expect(bubble(page, "Hoe laat gaat de balie")).to_be_visible()
    until_live(page)
    _tab_to(page, "Je bericht")
    page.keyboard.type("Ik kom morgen vroeg.")
    page.keyboard.press("Enter")
    expect(bubble(page, "Ik kom morgen vroeg.")).to_be_visible()
    expect(page.get_by_label("Je bericht")).to_be_focused()


def test_menus_close_on_escape(context_factory: Callable[..., BrowserContext]) -> None:
    page = context_factory().new_page()
    page.goto("/nl/")
    theme = page.locator("[data-theme-menu] summary")
    theme.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Donker")).to_be_visible()
    page.keyboard.press("Tab")
    page.wait_for_function(VISIBLE)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Donker")).to_be_hidden()
    expect(theme).to_be_focused()
