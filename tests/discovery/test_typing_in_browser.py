"""Suggestions, instant answers, related documents and duplicates in a real browser."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts import audiences
from accounts.audiences import Person
from community import actions
from search import engines
from search.indexing import indexer
from tests.browser import screenshot, sign_in, sound
from tests.community.conftest import make_space
from tests.kb.conftest import make_faq, make_topic
from tests.looks import Look, looks
from tests.people import People

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BIKE = "Kan ik mijn bakfiets parkeren in de garage?"


@pytest.fixture
def answers(live_server: Any, people: People) -> Iterator[People]:
    """Create FAQs in both languages and a question, and index them."""
    engines.get().drop()
    everybody = {audiences.PUBLIC}
    bikes, leave = make_topic("Fietsen", everybody), make_topic("Leave", everybody, "en")
    long = "Ja, naast de ingang, bij de laadpalen. " * 3 + "\n\n1. Meld je bij de receptie.\n2. Haal een pas.\n\n"
    make_faq(BIKE, everybody, bikes, long + "Vraag anders [Facilitair](https://example.org). " * 12)
    make_faq("Waar laad ik mijn elektrische fiets op?", everybody, bikes, "In de garage, bij de lift.")
    make_faq("Mag mijn fiets in de garage blijven staan?", everybody, bikes, "Eén nacht.")
    make_faq("Bakfiets huren", everybody, bikes, "Bij de receptie.")
    make_faq("How do I request parental leave?", everybody, leave, "In Mijn HR, under *Leave*.")
    make_faq("How much leave do I have left?", everybody, leave, "See Mijn HR.")
    make_faq("When is leave paid out?", everybody, leave, "In May.")
    space = make_space("t-open", audiences.PUBLIC)
    actions.ask(
        by=Person(people.colleague), space=space, title="Wie repareert een lekke fietsband?", body="", language="nl"
    )
    engines.get().prepare()
    indexer.drain()
    yield people
    engines.get().drop()


@looks("language")
def test_suggestions_by_keyboard(answers: People, visit: Callable[..., Page], look: Look) -> None:
    language = look.language
    page = visit(f"/{language}/", **look.options)
    field, options = page.locator("#home-search"), page.get_by_role("option")
    field.focus()
    field.press_sequentially("fiet" if language == "nl" else "leave")
    expect(options).to_have_count(5 if language == "nl" else 3)
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("search-suggest [role=status]")).to_have_text(re.compile(r"^[35] sugges"))
    expect(options.first.locator("mark").first).to_be_visible()
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", str(options.first.get_attribute("id")))
    expect(field).to_be_focused()
    sound(page, "suggest")
    field.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "false")
    field.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    field.press("Home")
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile("."))
    assert field.evaluate("field => field.selectionStart") == 0
    field.press("Escape")
    expect(options.first).to_be_hidden()
    expect(field).not_to_have_value("")  # the text stays
    field.press("ArrowDown")
    title = options.first.locator(".vb-suggestion-text").inner_text()
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_enter_searches_tab_leaves_and_a_touch_opens(answers: People, visit: Callable[..., Page]) -> None:
    page = visit("/nl/onderwerpen/", width=390, has_touch=True)
    field, options = page.locator("#header-search"), page.get_by_role("option")
    field.press_sequentially("bakf")
    expect(options).to_have_count(2)
    sound(page, "suggest-header")
    field.press("Tab")
    expect(options.first).to_be_hidden()
    field.press("End")
    field.press_sequentially("i")
    options.filter(has_text=BIKE).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(BIKE)
    field.press_sequentially("bakfiets")
    expect(options.first).to_be_visible()
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"/nl/zoeken/\?q=bakfiets"))


def test_without_javascript_the_form_searches(answers: People, visit: Callable[..., Page]) -> None:
    page = visit("/nl/", java_script_enabled=False)
    page.locator("#home-search").fill("bakfiets")
    expect(page.locator("#home-search")).not_to_have_attribute("role", "combobox")
    page.locator("#home-search").press("Enter")
    expect(page).to_have_url(re.compile(r"/nl/zoeken/\?q=bakfiets"))


@looks("language")
def test_the_answer_stands_above_the_results(answers: People, visit: Callable[..., Page], look: Look) -> None:
    language = look.language
    query = "bakfiets parkeren garage" if language == "nl" else "request parental leave"
    page = visit(f"/{language}/{'zoeken' if language == 'nl' else 'search'}/?q={query}", **look.options)
    card = page.locator(".vb-answer")
    expect(card).to_be_visible()
    sound(page, "instant")
    card.get_by_role("button", name="Ja" if language == "nl" else "Yes", exact=True).click()
    expect(card.get_by_role("heading", name=re.compile("Fijn|Glad this helped"))).to_be_visible()
    sound(page, "instant-thanks")


@looks()
def test_related_comes_by_itself(answers: People, visit: Callable[..., Page], look: Look) -> None:
    page = visit("/nl/zoeken/?q=bakfiets+huren", **look.options)
    page.locator("a.search-hit").first.click()
    expect(page.get_by_role("heading", name="Zie ook")).to_be_visible()
    sound(page, "related")


@pytest.mark.parametrize(("script", "width", "dark"), [(True, 390, True), (False, 1280, False)])
def test_a_question_asked_before(
    answers: People, visit: Callable[..., Page], script: bool, width: int, dark: bool
) -> None:
    page = visit("/nl/", width=width, dark=dark, java_script_enabled=script)
    sign_in(page, answers.owner)
    page.goto("/nl/vraag-stellen/?q=Wie+repareert+een+lekke+fietsband%3F")
    if script:
        expect(page.locator("#similar")).to_contain_text("Deze vraag is al gesteld.")
        screenshot(page, f"asking-{width}")
    page.get_by_label("Meer erover").fill("Het is een bakfiets.")
    page.get_by_role("button", name="Vraag het de community").click()
    expect(page.get_by_role("heading", name="Deze vraag is al gesteld")).to_be_visible()
    expect(page.get_by_label("Meer erover")).to_have_value("Het is een bakfiets.")
    if script:
        sound(page, "asked-before")
    page.get_by_role("button", name="De mijne is anders").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wie repareert een lekke fietsband?")
