"""Figures, clicks and search alerts in a real browser: with CSP and axe."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import close_old_connections
from playwright.sync_api import expect

from discovery.analytics import metrics, pseudonym, query_log
from discovery.models import Click, LoggedSearch, SearchAlert
from tests.browser import sign_in, sound
from tests.discovery.logged import logged
from tests.kb.conftest import make_faq, make_topic
from tests.looks import Look, looks
from tests.people import People
from tests.server import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    query_log.buffer.clear()
    yield
    query_log.buffer.clear()


def weeks() -> None:
    """Create a month of searches."""
    chance = random.Random(1)
    today = pseudonym.now().date()
    words = ["reiskosten thuiswerken", "verlof aanvragen", "wachtwoord vergeten", "salarisspecificatie", "pas kwijt"]
    for ago in range(30):
        for number in range(chance.randint(2, 14)):
            found = chance.random() > 0.15
            logged(
                chance.choice(words) if found else chance.choice(["stagevergoeding", "mantelzorgverlof"]),
                who=f"p{number}",
                day=today - timedelta(days=ago),
                hits=5 if found else 0,
                key="faq:1" if found and chance.random() > 0.4 else "",
                rank=chance.choice([1, 1, 2, 4]),
            )
    for day in metrics.open_days():
        metrics.roll_up(day)


@looks()
def test_figures(visit: Callable[..., Any], people: People, look: Look) -> None:
    language = look.language
    weeks()
    people.curator.language = language
    people.curator.save()
    page = visit("/nl/privacy/", **look.options)
    sign_in(page, people.curator)
    page.goto("/cms/search/figures/")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Search insights" if language == "en" else "Wat het zoeken leert")
    page.locator("main, #main").first.evaluate("e => e.scrollTo(0, 0)")
    page.set_viewport_size({"width": look.width, "height": 2600})
    sound(page, "figures", ours=lambda line: "figures" in line or "<svg" in line)


@pytest.fixture
def answers(people: People, indexed: Callable[[], int]) -> None:
    """Create two answers."""
    topic = make_topic("Verlof", {"public"})
    make_faq("Hoe vraag ik verlof aan?", {"public"}, topic)
    make_faq("Wanneer vervalt mijn verlof?", {"public"}, topic)
    indexed()


def entries() -> int:
    """Write what pages have reported so far."""
    query_log.flush()
    close_old_connections()
    return LoggedSearch.objects.count()


def test_a_click_is_reported_and_the_link_followed(visit: Callable[..., Any], answers: None) -> None:
    page = visit("/nl/zoeken/?q=verlof")
    page.locator("ol a[data-hit]").last.click()
    page.wait_for_url("**/nl/faq/**")
    wait_until(lambda: entries() and Click.objects.exists(), "the click")
    assert LoggedSearch.objects.get().clicked_rank == Click.objects.get().rank


def test_typing_is_one_search_once_it_rested(visit: Callable[..., Any], answers: None) -> None:
    page = visit("/nl/zoeken/")
    page.locator("#search-text").press_sequentially("verlof", delay=120)
    expect(page.locator("search-clicks[data-typed]")).to_be_visible()
    wait_until(entries, "the search")
    assert LoggedSearch.objects.get().text == "verlof"
    assert LoggedSearch.objects.get().typed


@looks()
def test_asking_to_be_told(visit: Callable[..., Any], answers: None, look: Look) -> None:
    language = look.language
    page = visit(f"/{language}/{'zoeken' if language == 'nl' else 'search'}/?q=xylofoon", **look.options)
    sound(page, "wish-offer")
    page.get_by_label("e-mail", exact=False).fill("bezoeker@x.example")
    page.get_by_role("button", name="Laat het me weten" if language == "nl" else "Let me know").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("mailbox")
    sound(page, "wish-sent")
    assert SearchAlert.objects.get().email == "bezoeker@x.example"


def test_a_list_and_a_switch(visit: Callable[..., Any], people: People, answers: None) -> None:
    SearchAlert.objects.create(
        owner=f"user:{people.owner.pk}", text="xylofoon lenen", language="nl", confirmed=pseudonym.now()
    )
    page = visit("/nl/privacy/")
    page.get_by_role("button", name="Tel mijn zoekvragen niet mee").click()
    expect(page.get_by_role("button", name="Tel ze weer mee")).to_be_visible()
    sound(page, "wish-privacy")
    sign_in(page, people.owner)
    page.goto("/nl/zoeken/laat-me-weten/lijst/")
    sound(page, "wish-list")
    page.get_by_role("button", name="Niet meer").click()
    expect(page.get_by_text("Je wacht nergens op")).to_be_visible()
