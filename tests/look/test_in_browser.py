"""The pages of the frame in a real browser: axe finds nothing, nothing sticks out, menus and theme work."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils.translation import override
from playwright.sync_api import Page, expect

from tests.browser import problems, screenshot, sign_in, sound
from tests.looks import Look, looks
from tests.people import People

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAMES = ["styleguide", "account_login", "account_signup", "account_reset_password", "privacy", "accessibility"]
Visit = Callable[..., Page]


def paths(language: str) -> dict[str, str]:
    """The addresses to look at, with one that does not exist."""
    with override(language):
        return {name: reverse(name) for name in NAMES} | {"404": f"/{language}/nowhere/"}


@looks()
def test_the_frame_is_sound(visit: Visit, look: Look) -> None:
    page, wrong = visit("/robots.txt", **look.options), []
    for name, path in paths(look.language).items():
        page.goto(path)
        wrong += [f"{path} {line}" for line in problems(page, name)]
    assert not wrong, "\n".join(["pages of the frame should be sound, but:", *wrong])


def test_signed_in_menu_by_keyboard(visit: Visit, people: People) -> None:
    page = visit("/nl/privacy/", width=390)
    sign_in(page, people.curator)
    page.goto("/nl/privacy/")
    menu = page.locator("details.vb-menu", has=page.locator(".vb-avatar"))
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("button", name="Uitloggen")).to_be_visible()
    screenshot(page, "menu-nl-light-390")
    sound(page)
    page.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Uitloggen")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_theme_stays_chosen(visit: Visit) -> None:
    page = visit("/nl/privacy/")
    page.locator("details[data-theme-menu] summary").click()
    page.get_by_role("button", name="Donker", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 29)"


def test_language_keeps_the_page_and_is_remembered(visit: Visit) -> None:
    page = visit("/nl/toegankelijkheid/?a=1")
    page.locator("header language-switch a").click()
    expect(page).to_have_url("/en/accessibility/?a=1")
    assert {c["name"]: c["value"] for c in page.context.cookies()}["django_language"] == "en"


def test_without_connection_it_says_so(visit: Visit) -> None:
    page = visit("/en/privacy/", language="en", service_workers="allow")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.goto("/en/accessibility/")
    expect(page.get_by_role("heading", name="There is no connection")).to_be_visible()
    sound(page)
    screenshot(page, "offline-en-light-1280")


def test_skip_link_is_first(visit: Visit) -> None:
    page = visit("/en/privacy/", language="en")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_form_errors_lead_to_their_fields(visit: Visit) -> None:
    page = visit("/nl/account/login/")
    page.locator("main").get_by_role("button", name="Inloggen").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Typ je wachtwoord opnieuw")
    summary.get_by_role("link", name="E-mail").click()
    expect(page.locator("#id_login")).to_be_focused()
    sound(page)
    screenshot(page, "login-errors-nl-light-1280")


def test_markdown_editor_marks_and_survives_a_failing_preview(visit: Visit) -> None:
    page = visit("/nl/stijl/")
    area = page.locator("#editor_body")
    area.fill("vet")
    area.select_text()
    page.get_by_role("button", name="Vet", exact=True).click()
    expect(area).to_have_value("**vet**")
    switch = page.get_by_role("button", name="Voorbeeld")
    switch.click()
    expect(page.locator(".vb-editor-preview")).to_contain_text("Je tekst staat er nog.")
    sound(page)
    switch.click()
    expect(area).to_be_visible()
    expect(area).to_have_value("**vet**")
