"""The results page in a real browser: filters on a phone, keyboard, screen readers, failures."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from accounts import audiences
from chat import actions
from live import executor
from search import engines, vocabulary
from search.engines import EngineError
from search.indexing import indexer
from tests.browser import screenshot, sign_in, sound
from tests.kb.conftest import make_article, make_faq, make_topic
from tests.looks import Look, looks
from tests.people import People

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PUBLIC = {audiences.PUBLIC}
ADDRESS = {"nl": "/nl/zoeken/?q=", "en": "/en/search/?q="}


@pytest.fixture
def answers(live_server: Any) -> Iterator[None]:
    """Create two topics with FAQs and an article, in both languages."""
    engines.get().drop()
    bikes, pay = make_topic("Fietsen", PUBLIC), make_topic("Salaris", PUBLIC)
    make_faq("Kan ik mijn bakfiets parkeren in de garage?", PUBLIC, bikes, "Ja, naast de ingang.")
    make_faq("Waar laad ik mijn elektrische fiets op?", PUBLIC, bikes, "In de garage, bij de lift.")
    make_faq("Krijg ik een vergoeding voor mijn fiets?", PUBLIC, pay, "Ja, per kilometer.")
    make_article("Op de fiets naar het werk", PUBLIC, bikes)
    cycling = make_topic("Cycling", PUBLIC, "en")
    make_faq("May I leave my bike in the garage overnight?", PUBLIC, cycling, "One night.")
    make_faq("Who repairs a flat tyre of a bike?", PUBLIC, cycling, "The reception knows.")
    indexer.rebuild()
    yield
    engines.get().drop()
    vocabulary.clear()


def filters(page: Page) -> Locator:
    """Return the button that opens the filters on a narrow screen."""
    return page.locator(".search-filters summary")


@looks("width")
def test_filters_stand_on_top_of_a_phone_and_beside_wide_results(
    answers: None, visit: Callable[..., Page], look: Look
) -> None:
    width = look.width
    page = visit(f"{ADDRESS[look.language]}fiets+bike+garage", **look.options)
    first, option = page.locator("a.search-hit").first, page.locator('[data-option="kind:faq"]')
    expect(first).to_be_visible()
    below = first.evaluate("hit => hit.getBoundingClientRect().top")
    if width == 390:
        assert filters(page).evaluate("each => each.getBoundingClientRect().bottom") < below
        expect(option).not_to_be_visible()
        screenshot(page, f"results-{look}")
        filters(page).focus()
        page.keyboard.press("Enter")
    else:
        expect(filters(page)).not_to_be_visible()
        screenshot(page, f"results-{look}")
    expect(option).to_be_visible()
    sound(page, "results-filters")
    page.locator(".search-alert summary").click()
    expect(page.locator("#alert-email")).to_be_visible()
    sound(page, "results-alert")
    option.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("kind=faq"))
    expect(page.locator(".search-chips a").first).to_contain_text("FAQ")
    expect(filters(page) if width == 390 else option).to_be_focused()
    if width == 390:
        expect(filters(page)).to_have_text(re.compile(r"Filters\s+1"))
        expect(option).not_to_be_visible()
    expect(page.locator("#search-status")).to_have_text(re.compile(r"^\d result"))
    sound(page)
    page.locator(".search-chips a").first.click()
    expect(page).not_to_have_url(re.compile("kind=faq"))


@pytest.mark.parametrize("width", [390, 1280])
def test_filters_work_without_javascript(answers: None, visit: Callable[..., Page], width: int) -> None:
    page = visit("/nl/zoeken/?q=fiets", width=width, java_script_enabled=False)
    option = page.locator('[data-option="kind:article"]')
    if width == 390:
        expect(option).not_to_be_visible()
        filters(page).click()
    option.click()
    expect(page).to_have_url(re.compile("kind=article"))
    expect(page.locator("a.search-hit")).to_have_count(1)
    expect(page.locator(".search-chips a")).to_contain_text("Soort: artikel")


def test_the_tab_follows_what_is_typed_and_the_count_is_said_once(answers: None, visit: Callable[..., Page]) -> None:
    page = visit("/nl/zoeken/")
    expect(page).to_have_title("Zoeken · Vraagbaak")
    page.evaluate(
        """() => {
          window.said = [];
          const status = document.getElementById("search-status");
          new MutationObserver(() => window.said.push(status.textContent)).observe(status, {childList: true});
        }"""
    )
    page.get_by_role("searchbox").press_sequentially("fiets", delay=320)
    expect(page).to_have_title("fiets · Zoeken · Vraagbaak")
    expect(page.locator("#search-status")).to_have_text(re.compile(r"^\d resultaten$"))
    assert len(page.evaluate("window.said")) == 1
    page.locator('[data-option="kind:article"]').click()
    expect(page.locator("#search-status")).to_have_text("1 resultaat")
    page.go_back()
    expect(page).to_have_title("fiets · Zoeken · Vraagbaak")
    expect(page.locator("a.search-hit")).to_have_count(4)


@looks()
def test_what_was_read_otherwise_is_readable_for_all(answers: None, visit: Callable[..., Page], look: Look) -> None:
    address = ADDRESS[look.language]
    page = visit(f"{address}fiets+taal:klingon+soort:onzin+onderwerp:fietsjes+-lift", **look.options)
    expect(page.locator(".search-aside")).to_have_count(3)  # one for each filter that is not known
    sound(page, "results-unknown")
    page.goto(f"{address}-fiets")
    expect(page.locator(".search-aside")).to_contain_text("“fiets”")
    sound(page, "results-without")
    page.locator(".search-aside a").click()
    expect(page.get_by_role("searchbox")).to_have_value("fiets")


def test_a_lost_connection_is_said_and_nothing_is_lost(answers: None, visit: Callable[..., Page]) -> None:
    page = visit("/nl/zoeken/?q=fiets")
    page.route("**/zoeken/?q=*", lambda route: route.abort())
    field = page.get_by_role("searchbox")
    field.press("End")
    field.press_sequentially(" garage")
    expect(page.get_by_role("alert")).to_contain_text("konden niet worden bijgewerkt")
    expect(page.locator("a.search-hit").first).to_be_visible()
    sound(page, "results-lost")
    page.unroute("**/zoeken/?q=*")
    field.press_sequentially("s")
    expect(page).to_have_title(re.compile("^fiets garages"))
    expect(page.locator("#search-failed")).to_be_hidden()


@looks()
def test_without_an_engine_the_page_says_so(answers: None, visit: Callable[..., Page], look: Look) -> None:
    with patch.object(engines.get(), "search", side_effect=EngineError("down")):
        page = visit(f"{ADDRESS[look.language]}fiets+bike+-lift", **look.options)
        expect(page.locator("#search-results .vb-notice-waiting")).to_be_visible()
        expect(page.locator("a.search-hit").first).to_be_visible()
        sound(page, "results-degraded")
        page.goto(f"{ADDRESS[look.language]}xqzvb")
        expect(page.get_by_role("link", name=re.compile("community")).first).to_be_visible()
        sound(page, "results-degraded-nothing")


def test_waiting_shows_only_after_a_while(answers: None, visit: Callable[..., Page]) -> None:
    page = visit("/nl/zoeken/?q=fiets")
    spinner = page.locator("#search-form .vb-spinner")
    expect(spinner).not_to_be_visible()
    held: list[Any] = []
    page.route("**/zoeken/?q=*", lambda route: held.append(route))
    page.get_by_role("searchbox").press("End")
    page.get_by_role("searchbox").press_sequentially(" garage")
    expect(spinner).to_be_visible()
    expect(spinner).to_have_css("opacity", "1")
    screenshot(page, "results-waiting")
    held[-1].continue_()
    expect(page).to_have_title(re.compile("^fiets garage"))
    expect(spinner).not_to_be_visible()


def test_slash_goes_to_search_from_any_page_and_can_be_turned_off(answers: None, visit: Callable[..., Page]) -> None:
    page = visit("/nl/onderwerpen/")
    field = page.locator("#header-search")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("a/b")
    expect(field).to_have_value("a/b")
    page.goto("/nl/zoeken/?q=fiets")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert page.evaluate("getSelection().toString()") == "fiets"
    page.locator(".search-tips summary").click()
    box = page.get_by_label("losse toetsen")
    expect(box).to_be_checked()
    sound(page, "results-tips")
    box.uncheck()
    page.locator("h2").first.click()
    for key in ("/", "j"):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.matches('body, h2')")
    page.reload()
    page.locator(".search-tips summary").click()
    expect(page.get_by_label("losse toetsen")).not_to_be_checked()


def test_escape_closes_suggestions_and_enter_goes(answers: None, visit: Callable[..., Page]) -> None:
    page = visit("/nl/onderwerpen/")
    field, options = page.locator("#header-search"), page.get_by_role("option")
    page.keyboard.press("/")
    field.press_sequentially("bakf")
    expect(options).to_have_count(1)
    field.press("Escape")
    expect(options.first).to_be_hidden()
    expect(field).to_have_value("bakf")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kan ik mijn bakfiets parkeren in de garage?")


def test_the_agents_search_is_selected_when_it_gets_the_focus(
    answers: None, people: People, visit: Callable[..., Page]
) -> None:
    asked = actions.start_conversation(
        by=people.viewer("owner"), team=people.hr, question="Mag mijn fiets mee naar binnen?", language="nl"
    )
    page = visit("/nl/")
    sign_in(page, people.agent)
    page.goto(reverse("chat:desk_conversation", args=[asked.pk]))
    field, selected = page.locator("#knowledge-q"), "getSelection().toString()"
    expect(page.locator("#knowledge a").first).to_be_visible()
    field.click()
    assert page.evaluate(selected) == "Mag mijn fiets mee naar binnen?"
    field.click(position={"x": 30, "y": 10})
    assert page.evaluate(selected) == ""  # the second press puts the cursor
    page.locator("#h-knowledge").click()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    assert page.evaluate(selected) == "Mag mijn fiets mee naar binnen?"
    page.keyboard.type("elektrische fiets")
    expect(page.locator("#knowledge a").first).to_have_text("Waar laad ik mijn elektrische fiets op?")
    sound(page)
    executor.close()


@pytest.mark.parametrize("path", ["/nl/zoeken/", "/nl/account/login/"])
def test_a_text_that_is_too_long_is_said_so_and_kept(answers: None, visit: Callable[..., Page], path: str) -> None:
    page = visit(path)
    field, text = page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first, "fiets " * 400
    field.fill(text)
    expect(field).to_have_value(text)
    assert "400 te veel" in field.evaluate("each => each.validationMessage")
    field.press("Enter")
    expect(page).to_have_url(re.compile(f"{path}$"))
    field.fill("fiets")
    field.press("Enter")
    expect(page).to_have_url(re.compile("q=fiets"))
