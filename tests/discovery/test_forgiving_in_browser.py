"""Operators and spelling corrections in a real browser: shown, removed, and used without JavaScript."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts import audiences
from search import engines, vocabulary
from search.indexing import indexer
from tests.browser import screenshot, sound
from tests.kb.conftest import make_faq, make_topic
from tests.looks import Look, looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def answers(live_server: Any) -> Iterator[None]:
    """Create two topics with FAQs, and an index with their vocabulary."""
    engines.get().drop()
    bikes, pay = make_topic("Fietsen", {audiences.PUBLIC}), make_topic("Salaris", {audiences.PUBLIC})
    make_faq("Kan ik mijn bakfiets parkeren in de garage?", {audiences.PUBLIC}, bikes, "Ja, naast de ingang.")
    make_faq("Waar laad ik mijn elektrische fiets op?", {audiences.PUBLIC}, bikes, "In de garage, bij de lift.")
    make_faq("Waar vind ik mijn salarisspecificatie?", {audiences.PUBLIC}, pay, "In Mijn HR, bij je salaris.")
    indexer.rebuild()
    yield
    engines.get().drop()
    vocabulary.clear()


def test_chips_say_what_was_read_and_take_it_away(answers: None, visit: Callable[..., Page]) -> None:
    page = visit('/nl/zoeken/?q="in de garage" -lift onderwerp:fietsen')
    chips = page.locator(".search-chips .vb-pill")
    expect(chips).to_have_text([re.compile("Precies: in de garage"), re.compile("Zonder: lift"), re.compile("Fietsen")])
    expect(page.locator("a.search-hit")).to_have_count(1)
    expect(page.locator(".search-hit mark")).to_have_text(["in", "de", "garage"])
    sound(page, "search-operators")
    chips.nth(1).click()
    expect(page.get_by_role("searchbox")).to_have_value('"in de garage" onderwerp:fietsen')
    expect(page.locator("a.search-hit")).to_have_count(2)
    page.locator("[data-option]", has_text="Fietsen").click()  # among the filters
    expect(page.get_by_role("searchbox")).to_have_value('"in de garage"')


@looks()
def test_a_correction_is_shown_and_can_be_refused(answers: None, visit: Callable[..., Page], look: Look) -> None:
    page = visit("/nl/zoeken/?q=salarisspecifcatie", **look.options)
    expect(page.locator(".search-meant")).to_contain_text("Resultaten voor salarisspecificatie.")
    expect(page.locator("a.search-hit")).to_have_count(1)
    sound(page, "search-corrected")
    page.get_by_role("link", name="Toch zoeken naar salarisspecifcatie").click()
    expect(page.get_by_role("heading", name="Niets gevonden")).to_be_visible()
    expect(page).to_have_url(re.compile("exact=1"))


def test_a_suggestion_is_a_link_while_typing_too(answers: None, visit: Callable[..., Page]) -> None:
    page = visit("/nl/zoeken/")
    page.get_by_role("searchbox").press_sequentially("garage salarisspecifcatie")
    expect(page.locator(".search-meant")).to_contain_text("Bedoelde je garage salarisspecificatie?")
    sound(page, "search-suggestion")
    page.locator(".search-meant a").click()
    expect(page.get_by_role("searchbox")).to_have_value("garage salarisspecificatie")
    expect(page.locator(".search-meant")).to_have_count(0)


@looks("width")
def test_tips_open_without_a_script(answers: None, visit: Callable[..., Page], look: Look) -> None:
    page = visit({"nl": "/nl/zoeken/", "en": "/en/search/"}[look.language], **look.options, java_script_enabled=False)
    page.locator(".search-tips summary").click()
    expect(page.locator(".search-tips dt").first).to_be_visible()
    screenshot(page, f"search-tips-{look}")
    page.get_by_role("searchbox").fill('"in de garage" -lift')
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".search-chips .vb-pill")).to_have_count(2)
    page.locator(".search-chips .vb-pill").first.click()
    expect(page.get_by_role("searchbox")).to_have_value("in de garage -lift")


@looks()
def test_open_tips_are_readable_for_all(answers: None, visit: Callable[..., Page], look: Look) -> None:
    page = visit({"nl": "/nl/zoeken/", "en": "/en/search/"}[look.language], **look.options)
    page.locator(".search-tips summary").click()
    expect(page.locator(".search-tips dl").first).to_be_visible()
    sound(page)
