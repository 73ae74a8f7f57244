"""Nothing about a person gets into the knowledge unless somebody means it to."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import screenshot
from tests.journeys.steps import say, sign_in, start_chat

pytestmark = pytest.mark.browser

EMAIL, PHONE, IBAN, BSN = "jan.devries@voorbeeld.example", "06-12345678", "NL91 ABNA 0417 1643 00", "111222333"
QUESTION = "Hoe hoor ik dat mijn gewijzigde bankrekening is verwerkt?"
ANSWER = (
    f"Je salaris gaat voortaan naar {IBAN}. We hebben je BSN {BSN} gecontroleerd, mailen de bevestiging naar {EMAIL} "
    f"en bellen {PHONE} als er iets niet klopt."
)
ADDED = "Wijzig je rekening vóór de 5e, dan telt het dezelfde maand."


def test_each_piece_is_decided_on(context_factory: Callable[..., BrowserContext]) -> None:
    customer, agent = context_factory(width=390).new_page(), context_factory().new_page()
    start_chat(customer, QUESTION, "HR", name="Jan de Vries")
    sign_in(agent, "sanne.deboer")
    agent.get_by_role("link", name="Balie").click()
    agent.get_by_role("link", name=QUESTION).click()
    say(agent, ANSWER)

    agent.get_by_role("link", name="Maak FAQ").click()
    decisions = agent.locator("#personal").get_by_role("group")
    expect(agent.locator("#personal p mark")).to_have_text([IBAN, BSN, EMAIL, PHONE])
    expect(decisions).to_have_count(4)
    screenshot(agent, "personal-1280")
    answer = agent.get_by_label("Antwoord", exact=True)
    answer.fill(f"{ANSWER}\n\n{ADDED}")
    send = agent.get_by_role("button", name="Stuur naar kennisbeheerder")
    send.click()

    refused = agent.get_by_text("In dit concept staan nog persoonsgegevens.")
    expect(refused.first).to_be_visible()
    expect(answer).to_have_value(re.compile(re.escape(ADDED)))
    for piece in (IBAN, BSN, EMAIL):
        decisions.filter(has_text=piece).get_by_label("Vervang door").check()
    send.click()
    expect(refused.first).to_be_visible()  # the phone number is still undecided
    screenshot(agent, "personal-refused-1280")
    expect(decisions.filter(has_text=IBAN).get_by_label("Vervang door")).to_be_checked()
    expect(answer).to_have_value(re.compile(re.escape(ADDED)))
    decisions.filter(has_text=PHONE).get_by_label("Bewust laten staan").check()
    send.click()
    expect(agent.get_by_text("Verstuurd naar de kennisbeheerder.")).to_be_visible()

    agent.goto("/nl/kennis/concepten/")
    agent.get_by_role("link", name=QUESTION).click()
    draft = agent.get_by_role("article")
    expect(draft).to_contain_text(ADDED)
    expect(draft).to_contain_text(PHONE)
    for piece in (IBAN, BSN, EMAIL):
        expect(draft).not_to_contain_text(piece)
