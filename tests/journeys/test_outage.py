"""The database is locked, or a part of a page does not come: what people read, and that they go on where they were."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import screenshot
from tests.journeys.steps import find, sign_in
from tests.server import Site

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("site", ["embedded"], indirect=True)]
ANSWER = "Ik ben mijn wachtwoord vergeten. Hoe kom ik weer binnen?"


def test_a_form_is_sent_again_from_the_page_of_the_outage(
    context_factory: Callable[..., BrowserContext], site: Site
) -> None:
    page = context_factory(width=390).new_page()
    page.goto("/nl/chat/")
    page.get_by_label("Je vraag", exact=False).first.fill("Mag ik mijn fiets mee naar binnen nemen?")
    page.get_by_role("radio").first.check()
    # As from the page that shows answers first, which comes or not depending on what is found in time.
    field = "Object.assign(document.createElement('input'), {type: 'hidden', name: 'anyway', value: '1'})"
    add = f"form => form.append({field})"
    page.locator('form[action$="/chat/"][method="post"]').evaluate(add)
    with closing(sqlite3.connect(site.var / "db.sqlite3", isolation_level=None)) as other:
        other.execute("begin immediate")
        page.locator("main form button[type=submit], main form button:not([type])").last.click()
        expect(page.get_by_role("heading", name="Vraagbaak is even niet bereikbaar")).to_be_visible()
        expect(page.get_by_text("er is niets verloren")).to_be_visible()
        screenshot(page, "outage-form-390")
        other.execute("rollback")
    page.get_by_role("button", name="Probeer opnieuw").click()
    page.wait_for_url(re.compile(r"/nl/chat/\d+/$"))
    expect(page.get_by_text("Mag ik mijn fiets mee naar binnen nemen?").first).to_be_visible()
    page.go_back()  # to the form, not to a browser's "send again?"
    expect(page.get_by_label("Je vraag", exact=False).first).to_be_visible()


def test_going_back_after_an_outage_leads_to_where_the_form_stood(
    context_factory: Callable[..., BrowserContext], site: Site
) -> None:
    page = context_factory().new_page()
    sign_in(page, "imke.postma")
    page.goto("/nl/q/1/")
    question = page.url
    page.get_by_label("Je antwoord").fill("Vraag het eens aan de receptie.")
    with closing(sqlite3.connect(site.var / "db.sqlite3", isolation_level=None)) as other:
        other.execute("begin immediate")
        page.get_by_role("button", name="Plaats je antwoord").click()
        expect(page.get_by_text("er is niets verloren")).to_be_visible()
        other.execute("rollback")
    page.get_by_role("button", name="Probeer opnieuw").dblclick()
    expect(page.get_by_text("Vraag het eens aan de receptie.")).to_have_count(1)
    page.go_back()
    expect(page).to_have_url(question)
    expect(page.get_by_text("Vraag het eens aan de receptie.")).to_have_count(1)


def test_a_part_of_a_page_that_does_not_come(context_factory: Callable[..., BrowserContext]) -> None:
    page: Page = context_factory().new_page()
    find(page, "wachtwoord vergeten", ANSWER).click()
    page.wait_for_load_state()  # with htmx: without it the button is an ordinary form's
    notice = page.get_by_text("Een deel van deze pagina kwam niet door.")
    page.route("**/*", lambda route: route.fulfill(status=503) if route.request.method == "POST" else route.fallback())
    page.get_by_role("button", name="Ja, dit hielp").click()
    expect(notice).to_be_in_viewport()
    expect(page.get_by_role("button", name="Ja, dit hielp")).to_be_visible()
    screenshot(page, "outage-notice-1280")
    page.unroute("**/*")
    page.get_by_role("button", name="Ja, dit hielp").click()
    expect(notice).to_have_count(0)
