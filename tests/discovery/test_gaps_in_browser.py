"""The list of gaps in a real browser: open, hidden and answered ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect

from discovery import demo_log
from discovery.models import Gap
from tests.browser import sign_in, sound
from tests.kb.conftest import make_faq, make_topic
from tests.looks import Look, looks
from tests.people import People

pytestmark = pytest.mark.browser
SEARCHES = Path(__file__).resolve().parents[2] / "demo" / "searches.yaml"
PAGE = "/cms/search/figures/"


@pytest.fixture
def weeks(people: People) -> None:
    """Load the demo's searches and two answers."""
    topic = make_topic("ICT", {"public"})
    for title in ("Mijn telefoon of laptop is kwijt of gestolen", "Reiskosten woon-werk: vergoeding per kilometer"):
        make_faq(title, {"public"}, topic)
    demo_log.load(yaml.safe_load(SEARCHES.read_text()))


def clean(page: Page, name: str) -> None:
    """Assert that our part of the page, which scrolls inside Wagtail's frame, is sound."""
    size = page.viewport_size
    assert size
    height = page.evaluate("Math.max(...[...document.querySelectorAll('main, body')].map(e => e.scrollHeight))")
    page.set_viewport_size({"width": size["width"], "height": min(height, 6000)})
    sound(page, name, ours=lambda line: "figures" in line or "<svg" in line or "gap" in line)
    page.set_viewport_size(size)


@looks()
def test_every_state(visit: Callable[..., Any], people: People, weeks: None, look: Look) -> None:
    page = visit("/nl/privacy/", **look.options)
    sign_in(page, people.curator)
    for state in ("open", "answered", "hidden"):
        page.goto(f"{PAGE}?gaps={state}")
        if state == "open":
            page.locator(".figures-hide summary").first.click()
        page.locator(".figures-meaning summary").click()
        clean(page, f"gaps-{state}")


def test_a_curator_takes_a_gap_off_the_list_and_back(visit: Callable[..., Any], people: People, weeks: None) -> None:
    page = visit("/nl/privacy/")
    sign_in(page, people.curator)
    page.goto(f"{PAGE}?days=90")
    text = "jubileumuitkering 25 jaar"
    missed = page.get_by_role("region", name="Tevergeefs gezocht")
    row = missed.get_by_role("row").filter(has_text=text)
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    row.get_by_label("Waarom?").select_option("elsewhere")
    row.get_by_label("Notitie").fill("Staat in de cao.")
    row.get_by_role("button", name="Haal het van de lijst").click()
    expect(page.get_by_text(f"“{text}” is niet voor ons.")).to_be_visible()
    expect(row).to_have_count(0)
    assert "days=90" in page.url
    page.get_by_role("link", name="Bekijk wat niet voor ons is").click()
    expect(row).to_contain_text("Er is al een antwoord: Staat in de cao.")
    row.get_by_role("button", name="Toch wel voor ons").click()
    expect(page.get_by_text("staat weer op de lijst")).to_be_visible()
    assert Gap.objects.get(text=text).state == "open"
    page.get_by_role("navigation", name="Welke ervan").get_by_role("link", name="Te beantwoorden").click()
    row = missed.get_by_role("row").filter(has_text="stagevergoeding")
    row.get_by_role("link", name="Schrijf het antwoord").click()
    expect(page.locator("#id_question")).to_have_value("Stagevergoeding hoogte")


def test_before_anybody_searched(visit: Callable[..., Any], people: People) -> None:
    page = visit("/nl/privacy/", width=390)
    sign_in(page, people.curator)
    page.goto(PAGE)
    expect(page.get_by_text("Zodra mensen zoeken")).to_be_visible()
    clean(page, "gaps-empty")
