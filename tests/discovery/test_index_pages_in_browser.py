"""The page about the index, in a browser."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from search.models import OutboxEntry, Rebuild
from tests.discovery.test_curation_in_browser import clean, opened
from tests.looks import Look, looks
from tests.people import People

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@looks()
def test_a_rebuild_is_asked_for_and_seen(
    indexed: Callable[[], int], visit: Callable[..., Page], people: People, look: Look
) -> None:
    heading = {"nl": "Zoekindex", "en": "Search index"}[look.language]
    act = {"nl": "Bouw de index opnieuw op", "en": "Rebuild the index"}[look.language]
    Rebuild.objects.create(state="done", documents=1200, total=1200)
    Rebuild.objects.create(state="failed", documents=300, total=1200, error="EngineError: vol")
    OutboxEntry.objects.create(key="faq:12", failed=True, error="RuntimeError: kapot")
    page = opened(visit, people, reverse("search_index"), **look.options)
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    clean(page, "cms-index")
    page.get_by_role("link", name=act).click()
    page.locator("form[action$='rebuild/'] button").click()
    expect(page.locator(".messages .success")).to_be_visible()
    assert Rebuild.objects.filter(state="waiting").count() == 1
    Rebuild.objects.filter(state="waiting").update(state="running", documents=480, total=1200)
    page.reload()
    expect(page.get_by_text("40%")).to_be_visible()
    clean(page, "cms-index-running")
