"""The same story through the forum, in English: asked, answered, accepted, kept, found."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import screenshot
from tests.journeys.steps import approve, find, sent_mail, sign_in

pytestmark = pytest.mark.browser

QUESTION = "May I bring my dog to the office on Fridays?"
ANSWER = "Dogs are welcome on Fridays on the ground floor. Tell reception the day before and keep yours on a lead."
ASKER = "ruben.okafor@zilverbeek.example"


def test_from_forum_to_knowledge(context_factory: Callable[..., BrowserContext]) -> None:
    asker, colleague, agent = (context_factory(language="en").new_page() for _ in range(3))
    curator = context_factory().new_page()
    sign_in(asker, ASKER)
    sign_in(colleague, "marisol.pietersz@koraal.example")

    address = _ask(asker)
    colleague.goto(address)
    colleague.get_by_label("Your answer").fill(ANSWER)
    colleague.get_by_role("button", name="Post your answer").click()
    expect(colleague.get_by_role("heading", name="1 answer")).to_be_visible()

    asker.reload()
    asker.get_by_role("button", name="This is the answer").click()
    expect(asker.get_by_text("This solved it")).to_be_visible()
    screenshot(asker, "forum-solved-1280")

    _capture(agent, address)
    sign_in(curator, "imke.postma")
    curator.goto("/nl/")
    curator.get_by_role("link", name="Cureren").click()
    curator.get_by_role("main").get_by_role("link", name=QUESTION).click()
    approve(curator, for_everyone=True)

    _told(asker, address)
    administrator = context_factory().new_page()
    sign_in(administrator, "nadia.rosaria")
    expect(sent_mail(administrator, ASKER, QUESTION)).to_contain_text(QUESTION)

    reader = context_factory(width=390, height=844, language="en").new_page()
    find(reader, "bringing dogs into offices", QUESTION, language="en").click()
    expect(reader.get_by_text("Dogs are welcome on Fridays")).to_be_visible()
    screenshot(reader, "forum-faq-390")


def _ask(asker: Page) -> str:
    asker.goto("/en/community/")
    asker.get_by_role("main").get_by_role("link", name="Ask your question").first.click()
    asker.get_by_label("Your question").press_sequentially("How do I reserve a meeting room?")
    beside = asker.get_by_role("complementary", name="Perhaps already answered")
    expect(beside.get_by_role("link", name="How do I book a meeting room?")).to_be_visible()
    screenshot(asker, "forum-similar-1280")
    asker.get_by_label("Your question").fill(QUESTION)
    asker.get_by_label("More about it").fill("She is **calm**, and sleeps under my desk.")
    asker.get_by_label("Where").select_option(label="Building and workplace (for all employees)")
    screenshot(asker, "forum-ask-1280")
    asker.get_by_role("button", name="Ask the community").click()
    expect(asker.get_by_role("heading", level=1, name=QUESTION)).to_be_visible()
    return asker.url


def _capture(agent: Page, address: str) -> None:
    sign_in(agent, "tiago.lopes")
    agent.goto(address)
    agent.get_by_role("link", name="Make FAQ").click()
    expect(agent.get_by_label("Question", exact=True)).to_have_value(QUESTION)
    expect(agent.get_by_label("Answer", exact=True)).to_have_value(ANSWER)
    agent.get_by_role("button", name="Send to curator").click()
    expect(agent.get_by_text("Sent to the curator.")).to_be_visible()


def _told(asker: Page, address: str) -> None:
    asker.goto(address)
    expect(asker.get_by_text("This question led to a checked answer:")).to_be_visible()
    screenshot(asker, "forum-told-1280")
    asker.get_by_role("link", name="Inbox").first.click()
    asker.get_by_role("link", name=f"Your question now has an answer for everyone: {QUESTION}").click()
    expect(asker.get_by_role("heading", level=1, name=QUESTION)).to_be_visible()
