"""The results page in a real browser: while typing, by keyboard, with axe."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts import audiences
from search import engines
from search.indexing import indexer
from tests.browser import screenshot, sound
from tests.kb.conftest import make_faq, make_topic
from tests.looks import Look, looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def answers(live_server: Any) -> Iterator[None]:
    """Create a topic with FAQs, and index them."""
    engines.get().drop()
    topic = make_topic("Fietsen", {audiences.PUBLIC})
    make_faq("Kan ik mijn bakfiets parkeren in de garage?", {audiences.PUBLIC}, topic, "Ja, naast de ingang.")
    make_faq("Waar laad ik mijn elektrische fiets op?", {audiences.PUBLIC}, topic, "In de garage, bij de lift.")
    make_faq("Hoe kom ik de poort in?", {audiences.PUBLIC}, make_topic("Toegang", {audiences.PUBLIC}), "Via de garage.")
    engines.get().prepare()
    indexer.drain()
    yield
    engines.get().drop()


def test_results_come_while_typing_and_the_address_follows(answers: None, visit: Callable[..., Page]) -> None:
    page = visit("/nl/zoeken/")
    expect(page.get_by_role("link", name="Fietsen")).to_be_visible()
    sound(page, "search-topics")
    page.get_by_role("searchbox").press_sequentially("garages bakfietsen")
    hits = page.locator("a.search-hit")
    expect(hits.first).to_have_text("Kan ik mijn bakfiets parkeren in de garage?")
    expect(page).to_have_url(re.compile(r"\?q=garages\+bakfietsen|\?q=garages%20bakfietsen"))
    expect(page.locator("#search-status")).to_contain_text("resultaten")
    sound(page, "search-results")
    page.keyboard.press("ArrowDown")
    expect(hits.first).to_be_focused()
    page.keyboard.press("j")
    expect(hits.nth(1)).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("link", name=re.compile("^Fietsen")).first.click()
    expect(page).to_have_url(re.compile("topic="))
    expect(hits).to_have_count(2)
    screenshot(page, "search-narrowed")
    page.go_back()
    expect(page).not_to_have_url(re.compile("topic="))
    expect(hits).to_have_count(3)


@looks()
def test_nothing_found(answers: None, visit: Callable[..., Page], look: Look) -> None:
    page = visit("/en/search/?q=xylophone", **look.options)
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    expect(page.get_by_role("link", name="Ask the community")).to_have_attribute("href", re.compile(r"q=xylophone"))
    sound(page, "search-nothing")
