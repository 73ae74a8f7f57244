"""Every act works in a browser that runs no script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import screenshot
from tests.journeys.steps import bubble, find, sign_in, start_chat

pytestmark = pytest.mark.browser

Contexts = Callable[..., BrowserContext]


@pytest.fixture
def plain(context_factory: Contexts) -> Callable[[], Page]:
    """Makes pages of contexts that run no script."""
    return lambda: context_factory(java_script_enabled=False).new_page()


def test_search_ask_and_answer(plain: Callable[[], Page]) -> None:
    asker, colleague = plain(), plain()
    sign_in(asker, "elif.kaya@zilverbeek.example")
    asker.goto("/nl/")
    asker.get_by_role("main").get_by_role("searchbox").fill("verlof aanvragen")
    asker.get_by_role("button", name="Zoeken").click()
    expect(asker.locator(".search-hit").first).to_be_visible()
    find(asker, "vergaderruimte reserveren", "Hoe reserveer ik een vergaderruimte?").click()
    asker.get_by_role("button", name="Ja, dit hielp").click()
    expect(asker.get_by_role("heading", name="Fijn dat dit hielp")).to_be_visible()

    asker.goto("/nl/vraag-stellen/?q=Waar+lever+ik+lege+batterijen+in%3F")
    asker.get_by_label("Waar", exact=True).select_option(label="Gebouw en werkplek (voor alle medewerkers)")
    asker.get_by_role("button", name="Vraag het de community").click()
    if asker.locator("#already").count():  # answers that exist, before anything is posted
        asker.get_by_role("button", name="De mijne is anders: stel hem").click()
    expect(asker.get_by_role("heading", level=1, name="Waar lever ik lege batterijen in?")).to_be_visible()

    sign_in(colleague, "marga.tjin@lindeveld.example")
    colleague.goto(asker.url)
    colleague.get_by_label("Je antwoord").fill("In de grijze bak naast de koffieautomaat.")
    colleague.get_by_role("button", name="Plaats je antwoord").click()
    expect(colleague.get_by_text("In de grijze bak")).to_be_visible()
    asker.reload()
    asker.get_by_role("button", name="Dit is het antwoord").click()
    expect(asker.get_by_text("Dit was de oplossing")).to_be_visible()
    screenshot(asker, "plain-question-1280")


def test_chat_by_form_and_capture(plain: Callable[[], Page]) -> None:
    customer, agent = plain(), plain()
    question = "Kan ik een tweede bril voor beeldschermwerk vergoed krijgen?"
    start_chat(customer, question, "Debiteurenbeheer")
    customer.get_by_label("Je bericht").fill("Ik werk vier dagen per week achter een scherm.")
    customer.get_by_role("button", name="Verstuur").click()
    expect(bubble(customer, "vier dagen per week")).to_be_visible()

    sign_in(agent, "shurandy.cijntje")
    agent.goto("/nl/balie/")
    agent.get_by_role("link", name=question).click()
    agent.get_by_role("button", name="Neem aan").click()
    agent.get_by_label("Je bericht").fill("Eén bril per drie jaar wordt vergoed, als de bedrijfsarts hem nodig vindt.")
    agent.get_by_role("button", name="Verstuur").click()
    expect(bubble(agent, "Eén bril per drie jaar")).to_be_visible()
    screenshot(agent, "plain-desk-1280")
    customer.get_by_role("link", name="Kijk of er nieuwe berichten zijn").click()
    expect(bubble(customer, "Eén bril per drie jaar")).to_be_visible()
    screenshot(customer, "plain-chat-1280")

    agent.get_by_role("link", name="Maak FAQ").click()
    agent.get_by_role("button", name="Vul opnieuw in met de aangevinkte berichten").click()
    expect(agent.get_by_label("Antwoord", exact=True)).to_have_value(
        "Eén bril per drie jaar wordt vergoed, als de bedrijfsarts hem nodig vindt."
    )
    agent.get_by_role("button", name="Stuur naar kennisbeheerder").click()
    expect(agent.get_by_text("Verstuurd naar de kennisbeheerder.")).to_be_visible()
