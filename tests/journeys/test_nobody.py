"""Nobody is at the desk: this is said, the question waits, and its asker hears of the answer."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import screenshot
from tests.journeys.steps import bubble, say, sent_mail, sign_in, start_chat

pytestmark = pytest.mark.browser

QUESTION = "Krijg ik op Curaçao ook een dertiende maand?"
ANSWER = "Ja, in november, net als de collega's in Utrecht."
ADDRESS = "shanon@voorbeeld.example"


def test_the_question_waits_and_the_asker_is_told(context_factory: Callable[..., BrowserContext]) -> None:
    tab = context_factory(width=390, height=844)
    customer = tab.new_page()
    customer.goto("/nl/chat/")
    willemstad = customer.get_by_role("listitem").filter(has=customer.get_by_text("HR Willemstad", exact=True))
    expect(willemstad).to_contain_text("Nu niemand aan de balie")
    start_chat(customer, QUESTION, "HR Willemstad", email=ADDRESS)
    expect(customer.get_by_text("Er is nu niemand van HR Willemstad aan de balie.")).to_be_visible()
    expect(customer.get_by_text(f"we mailen {ADDRESS} zodra er antwoord is")).to_be_visible()
    screenshot(customer, "nobody-390")
    say(customer, "Ik werk er sinds maart.")
    address = customer.url
    tab.close()

    agent = context_factory().new_page()
    sign_in(agent, "raymond.martina")
    agent.get_by_role("link", name="Balie").click()
    agent.get_by_role("link", name=QUESTION).click()
    say(agent, ANSWER)

    administrator = context_factory().new_page()
    sign_in(administrator, "nadia.rosaria")
    mail = sent_mail(administrator, ADDRESS, "Er is antwoord op je vraag")
    screenshot(administrator, "nobody-mail-1280")
    mail.get_by_role("button", name="Link tonen").click()
    link = mail.get_by_role("link", name="/chat/terug/").get_attribute("href") or ""

    elsewhere = context_factory(width=390, height=844).new_page()
    response = elsewhere.goto(address)
    assert response is not None and response.status == 404  # nobody's without the link
    elsewhere.goto(link)
    screenshot(elsewhere, "nobody-link-390")
    elsewhere.get_by_role("button", name="Open het gesprek").click()
    expect(bubble(elsewhere, ANSWER)).to_be_visible()
    expect(bubble(elsewhere, QUESTION)).to_be_visible()
    say(elsewhere, "Fijn, dank je wel!")
    expect(bubble(agent, "Fijn, dank je wel!")).to_be_visible()
    screenshot(elsewhere, "nobody-back-390")
