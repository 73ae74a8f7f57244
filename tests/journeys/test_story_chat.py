"""The story of the product: nobody knew, a person answered, the next one finds it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import screenshot
from tests.journeys.steps import approve, bubble, choose_team, find, say, sent_mail, sign_in, sign_in_by_form

pytestmark = pytest.mark.browser

QUESTION = "Mag ik mijn bakfiets in de parkeergarage zetten?"
ANSWER = (
    "Dag Noor, ja hoor. Je parkeert je bakfiets op niveau -1 van de garage, links naast de lift. "
    "Daar zijn zes brede plekken met een stopcontact; je Brugpas opent de slagboom."
)
ADDRESS = "noor@voorbeeld.example"


def test_from_question_to_knowledge(context_factory: Callable[..., BrowserContext]) -> None:
    customer, agent = context_factory(width=390, height=844).new_page(), context_factory().new_page()
    curator, administrator = context_factory().new_page(), context_factory().new_page()
    sign_in_by_form(agent, "anouk.verbeek")
    agent.get_by_role("link", name="Balie").click()
    expect(agent.get_by_text("Facilitair: 1 persoon aan de balie")).to_be_visible()

    _find_nothing_and_chat(customer)
    _answer(agent, customer)
    _make_faq(agent)
    _publish(curator)

    expect(bubble(customer, "Dit antwoord helpt nu ook anderen")).to_be_visible()
    screenshot(customer, "story-told-390")
    customer.get_by_role("link", name=QUESTION).click()
    expect(customer.get_by_role("heading", level=1, name=QUESTION)).to_be_visible()
    _read_mail(administrator)
    _next_one_finds_it(context_factory().new_page())


def _find_nothing_and_chat(customer: Page) -> None:
    customer.goto("/nl/")
    customer.get_by_role("combobox", name="Zoek een antwoord").fill(QUESTION)
    customer.get_by_role("button", name="Zoeken").click()
    expect(customer.get_by_text("Hierover is niets openbaar")).to_be_visible()
    screenshot(customer, "story-nothing-390")
    customer.locator("#search-results").get_by_role("link", name="Chat met een mens").click()
    expect(customer.get_by_label("Je vraag")).to_have_value(QUESTION)
    choose_team(customer, "Facilitair")
    customer.get_by_label("Je naam").fill("Noor")
    customer.get_by_label("Je e-mailadres").fill(ADDRESS)
    screenshot(customer, "story-start-390")
    customer.get_by_role("button", name="Begin de chat").click()
    expect(customer.get_by_text("1 persoon van Facilitair is er nu.")).to_be_visible()
    expect(bubble(customer, QUESTION)).to_be_visible()
    screenshot(customer, "story-waiting-390")


def _answer(agent: Page, customer: Page) -> None:
    expect(agent.get_by_role("heading", name="Er wacht iemand")).to_be_visible()
    expect(agent.get_by_role("heading", name="Er wacht niemand")).to_be_hidden()
    agent.get_by_role("link", name=QUESTION).click()  # it came by itself: the desk was open before
    agent.get_by_role("button", name="Neem aan").click()
    expect(customer.get_by_text("Anouk Verbeek van Facilitair helpt je.")).to_be_visible()
    say(agent, ANSWER)
    expect(bubble(customer, "stopcontact")).to_be_visible()
    screenshot(customer, "story-answered-390")
    screenshot(agent, "story-desk-1280")
    said = [_thread(page) for page in (customer, agent)]
    for page, before in zip((customer, agent), said, strict=True):
        page.reload()
        assert _thread(page) == before
    assert said[0] == said[1]


def _thread(page: Page) -> list[str]:
    expect(bubble(page, "stopcontact")).to_be_visible()
    return page.locator(".chat-bubble [data-slot=body]").all_inner_texts()


def _make_faq(agent: Page) -> None:
    agent.get_by_role("link", name="Maak FAQ").click()
    expect(agent.get_by_label("Vraag", exact=True)).to_have_value(QUESTION)
    expect(agent.get_by_label("Antwoord", exact=True)).to_have_value(re.compile("^Ja hoor. Je parkeert"))
    expect(agent.get_by_label("Onderwerp")).to_have_value(re.compile(r"\d+"))
    screenshot(agent, "story-capture-1280")
    agent.get_by_role("button", name="Stuur naar kennisbeheerder").click()
    expect(agent.get_by_text("Verstuurd naar de kennisbeheerder.")).to_be_visible()


def _publish(curator: Page) -> None:
    sign_in(curator, "imke.postma")
    curator.get_by_role("link", name="Cureren").click()
    row = curator.get_by_role("listitem").filter(has_text=QUESTION)
    screenshot(curator, "story-curate-1280")
    row.get_by_role("link", name="Voorbeeld").click()
    expect(curator.get_by_text("Een concept. Lezers zien dit nog niet.")).to_be_visible()
    screenshot(curator, "story-preview-1280")
    curator.get_by_role("link", name="Beoordeel en publiceer").click()
    approve(curator, for_everyone=True)


def _read_mail(administrator: Page) -> None:
    sign_in(administrator, "nadia.rosaria")
    administrator.get_by_role("link", name="Beheer", exact=True).click()
    administrator.get_by_role("link", name="Verzonden mail").first.click()
    screenshot(administrator, "story-mails-1280")
    expect(sent_mail(administrator, ADDRESS, "Er is antwoord op je vraag")).to_contain_text(
        "/nl/chat/terug/"
    )  # not confirmed
    screenshot(administrator, "story-mail-1280")


def _next_one_finds_it(page: Page) -> None:
    hit = find(page, "bakfietsen parkeren garage", QUESTION)
    screenshot(page, "story-found-1280")
    hit.click()
    expect(page.get_by_text("op niveau -1 van de garage")).to_be_visible()
    page.get_by_role("button", name="Ja, dit hielp").click()
    expect(page.get_by_role("heading", name="Fijn dat dit hielp")).to_be_visible()
    screenshot(page, "story-faq-1280")
