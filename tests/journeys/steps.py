"""What several journeys do: sign in, look for something until it is found, publish a draft."""

import re
from collections.abc import Callable
from urllib.parse import urlencode, urljoin

from playwright.sync_api import Locator, Page, expect

from tests.server import wait_until

PASSWORD = "test"
DOMAIN = "debrug.example"


sessions: dict[str, str] = {}  # of the site that a journey is on, by address


def sign_in(page: Page, person: str) -> None:
    """Open the start page as a person of the demo: an address, or what stands before @debrug.example."""
    address = _address(person)
    page.goto("/nl/")
    page.context.add_cookies([{"name": "sessionid", "value": sessions[address], "url": urljoin(page.url, "/")}])
    page.reload()
    expect(page.locator(".vb-avatar").first).to_be_attached()


def sign_in_by_form(page: Page, person: str, *, path: str = "/nl/account/login/") -> None:
    """The same, as a person does it; with path="" on the page that is open."""
    if path:
        page.goto(path)
    page.get_by_label("E-mail", exact=True).fill(_address(person))
    page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Inloggen").click()
    page.wait_for_url(re.compile(r"^(?!.*/login/)"))


def _address(person: str) -> str:
    return person if "@" in person else f"{person}@{DOMAIN}"


def eventually(look: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Repeat `look()`, which says whether it saw what it wanted, until it did."""
    wait_until(look, what, seconds)


def find(page: Page, query: str, title: str, *, language: str = "nl") -> Locator:
    """Search until a result has this title, and return its link."""
    address = {"nl": "/nl/zoeken/", "en": "/en/search/"}[language]
    hit = page.locator("#search-results").get_by_role("link", name=title, exact=True)

    def look() -> bool:
        page.goto(f"{address}?{urlencode({'q': query})}")
        return hit.count() > 0

    eventually(look, f"{title!r} among the results for {query!r}")
    return hit.first


def bubble(page: Page, text: str) -> Locator:
    """A message that the server has, in an open conversation."""
    return page.locator(".vb-bubble:not(.chat-pending)").filter(has_text=text)


def until_live(page: Page) -> None:
    """Wait until the conversation's script listens: before that, Enter is a new line."""
    expect(page.locator("chat-conversation:defined")).to_be_attached()


def enter(page: Page, text: str, label: str = "Je bericht") -> None:
    """Write a message in an open conversation and press Enter."""
    until_live(page)
    page.get_by_label(label).fill(text)
    page.get_by_label(label).press("Enter")


def say(page: Page, text: str, label: str = "Je bericht") -> None:
    """Write a message in an open conversation, and wait until the server has it."""
    enter(page, text, label)
    expect(bubble(page, text)).to_be_visible()


def approve(curator: Page, *, for_everyone: bool) -> None:
    """In the editor: choose who may see it, say yes to new readers, approve, and publish by that."""
    if for_everyone:
        curator.get_by_label("Iedereen, ook zonder in te loggen").check()
    _approve(curator)
    if for_everyone:
        curator.get_by_role("button", name="Ja, publiceer voor deze lezers").click()
    expect(curator.locator(".messages")).to_contain_text("bijgewerkt")


def _approve(curator: Page) -> None:
    curator.get_by_role("button", name="Meer acties").click()
    curator.get_by_role("button", name="Goedkeuren en publiceren").click()


def sent_mail(administrator: Page, address: str, subject: str) -> Locator:
    """Open the newest mail to an address with this in its subject, waiting for it; give the mail's text."""
    mail = administrator.get_by_role("link", name=re.compile(re.escape(subject)))

    def look() -> bool:
        administrator.goto(f"/nl/beheer/verzonden-mail/?{urlencode({'q': address})}")
        return mail.count() > 0

    eventually(look, f"mail to {address} about {subject!r}")
    mail.first.click()
    expect(administrator.get_by_text(address).first).to_be_visible()
    return administrator.get_by_role("main")


def choose_team(page: Page, team: str) -> None:
    """Choose who should answer, by the team's own name."""
    page.get_by_role("listitem").filter(has=page.get_by_text(team, exact=True)).get_by_role("radio").check()


def start_chat(page: Page, question: str, team: str, *, name: str = "", email: str = "") -> None:
    """Ask a team in a new chat, in Dutch."""
    page.goto("/nl/chat/")
    page.get_by_label("Je vraag").fill(question)
    choose_team(page, team)
    if name:
        page.get_by_label("Je naam").fill(name)
    if email:
        page.get_by_label("Je e-mailadres").fill(email)
    start, started = page.get_by_role("button", name="Begin de chat"), bubble(page, question[:40])
    start.click()
    expect(started.or_(page.locator("#already")).first).to_be_visible()
    if page.locator("#already").count():  # answers that exist, for those who saw none while typing
        start.click()
    expect(started).to_be_visible()
