"""The curators' pages in a browser."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts import audiences
from kb.models import Faq
from search.models import BestBet, ProtectedWord, Synonym
from tests.browser import sign_in, sound
from tests.kb.conftest import make_faq, make_topic
from tests.looks import Look, looks
from tests.people import People

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def faqs(people: People, indexed: Callable[[], int]) -> None:
    """Create a few answers."""
    topic = make_topic("Arbeidsvoorwaarden", {audiences.PUBLIC})
    make_faq("Waar vind ik de collectieve arbeidsovereenkomst?", {audiences.PUBLIC}, topic)
    make_faq("Wat staat er in de cao over verlof?", {audiences.PUBLIC}, topic)
    make_faq("Hoe vraag ik verlof aan?", {audiences.PUBLIC}, topic)
    indexed()


def clean(page: Page, name: str) -> None:
    """Assert that our part of a page of Wagtail's is sound in every look."""
    sound(page, name, inside="main")


def opened(visit: Callable[..., Page], people: People, address: str, **options: object) -> Page:
    """Open a page of /cms/ as the curator."""
    page = visit("/nl/", **options)
    sign_in(page, people.curator)
    page.goto(address)
    return page


def test_a_page_is_picked_by_searching(faqs: None, visit: Callable[..., Page], people: People) -> None:
    page = opened(visit, people, reverse("search_best_bets:add"))
    page.get_by_label("Zoekvragen").fill("vrij nemen\nvakantie")
    field = page.get_by_role("combobox", name="Pagina")
    field.press_sequentially("verlof aan")
    expect(page.get_by_role("option").first).to_contain_text("verlof")
    field.press("ArrowDown")
    clean(page, "cms-pick")
    field.press("Enter")
    expect(page.locator(".document-picker-chosen")).to_contain_text("verlof")
    page.get_by_role("button", name="Maak aan").click()
    expect(page.get_by_text("aanbevolen: vrij nemen, vakantie").first).to_be_visible()
    assert BestBet.objects.get().document.startswith("faq:")
    page.reload()  # without Wagtail's own message
    clean(page, "cms-recommended")


@looks()
def test_a_preview_shows_both_lists(faqs: None, visit: Callable[..., Page], people: People, look: Look) -> None:
    page = opened(visit, people, reverse("search_synonyms:add"), **look.options)
    page.get_by_label({"nl": "Woorden", "en": "Words"}[look.language]).fill("cao\ncollectieve arbeidsovereenkomst")
    clean(page, "cms-synonym")
    with page.context.expect_page() as popped:
        page.get_by_role(
            "button", name={"nl": "Wat verandert dit?", "en": "What does this change?"}[look.language]
        ).click()
    shown = popped.value
    expect(shown.get_by_role("heading", name="“cao”")).to_be_visible()
    clean(shown, "cms-preview")
    assert not Synonym.objects.exists()


@looks()
def test_the_other_lists(faqs: None, visit: Callable[..., Page], people: People, look: Look) -> None:
    Synonym.objects.create(terms="cao\ncollectieve arbeidsovereenkomst", changed_by=people.curator)
    Synonym.objects.create(terms="mailprobleem", to="Outlook", language="nl", active=False)
    ProtectedWord.objects.create(word="brugvpn", changed_by=people.curator)
    for name in ("search_synonyms", "search_protected_words"):
        clean(opened(visit, people, reverse(f"{name}:index"), **look.options), f"cms-{name}")


@looks()
def test_the_order_is_explained(faqs: None, visit: Callable[..., Page], people: People, look: Look) -> None:
    language = look.language
    Synonym.objects.create(terms="cao\ncollectieve arbeidsovereenkomst")
    BestBet.objects.create(document=f"faq:{Faq.objects.get(question='Hoe vraag ik verlof aan?').pk}", queries="cao")
    address = "/nl/zoeken/?q=de+cao" if language == "nl" else "/en/search/?q=de+cao"
    page = opened(visit, people, address, **look.options)
    expect(page.get_by_text("Aanbevolen" if language == "nl" else "Recommended", exact=True)).to_have_count(1)
    page.get_by_role("link", name="Leg deze volgorde uit" if language == "nl" else "Explain this order").click()
    whys = page.locator("details.vb-why")
    expect(whys).to_have_count(4)
    for summary in page.locator("li details.vb-why summary").all():
        summary.click()
    sound(page, "explain")


@looks()
def test_the_starter_list(visit: Callable[..., Page], people: People, look: Look) -> None:
    language = look.language
    page = opened(visit, people, reverse("search_starter"), **look.options)
    clean(page, "cms-starter")
    page.get_by_role("button", name="Voeg deze rijen toe" if language == "nl" else "Add these rows").click()
    expect(page.get_by_role("link", name="Beginlijst" if language == "nl" else "Starter list").first).to_be_visible()
    assert Synonym.objects.filter(origin="starter").count() > 500
    page.goto(reverse("search_synonyms:index"))  # narrowed, it has a heading of Wagtail's that axe does not like
    clean(page, "cms-starter-added")
    page.goto(reverse("search_starter") + "?remove=1")
    clean(page, "cms-starter-undo")
    page.get_by_role("button", name="Ja, verwijder" if language == "nl" else "Yes, remove").click()
    expect(page.get_by_text("zijn verwijderd" if language == "nl" else "have been removed").first).to_be_visible()
    assert not Synonym.objects.exists()
