"""Another language is the same page; a chosen theme stays."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import screenshot
from tests.journeys.steps import find

pytestmark = pytest.mark.browser

ANSWER = "Ik ben mijn wachtwoord vergeten. Hoe kom ik weer binnen?"


def test_language_keeps_the_page(context_factory: Callable[..., BrowserContext]) -> None:
    page = context_factory().new_page()
    switch = page.get_by_role("banner").get_by_role("link", name="English")
    back = page.get_by_role("banner").get_by_role("link", name="Nederlands")

    find(page, "wachtwoord vergeten", ANSWER)
    switch.click()
    expect(page).to_have_url(re.compile(r"/en/search/\?q=wachtwoord"))
    expect(page.get_by_role("searchbox", name="Search for an answer")).to_have_value("wachtwoord vergeten")
    back.click()
    page.locator("#search-results").get_by_role("link", name=ANSWER, exact=True).click()
    switch.click()
    expect(page.get_by_role("heading", level=1, name="I forgot my password. How do I get back in?")).to_be_visible()
    for dutch, english in (("onderwerpen/", "topics/"), ("chat/", "chat/"), ("community/", "community/")):
        page.goto(f"/nl/{dutch}")
        switch.click()
        expect(page).to_have_url(re.compile(f"/en/{english}$"))
        expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/")
    expect(page).to_have_url(re.compile("/en/$"))


def test_dark_is_kept(context_factory: Callable[..., BrowserContext]) -> None:
    page = context_factory(width=390, height=844).new_page()
    page.goto("/nl/")
    html = page.locator("html")
    page.locator("[data-theme-menu] summary").click()
    page.get_by_role("button", name="Donker").click()
    expect(html).to_have_attribute("data-bs-theme", "dark")
    screenshot(page, "dark-home-390")
    page.goto("/nl/chat/")
    expect(html).to_have_attribute("data-bs-theme", "dark")
    screenshot(page, "dark-chat-390")
    page.goto("/en/")
    page.reload()
    expect(html).to_have_attribute("data-bs-theme", "dark")
