"""The commands of compose.yaml, started by hand, answer through nginx."""

import re
import urllib.request
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from tests.client import Tab, Web
from tests.scene import AGENT, OWNER, prepare
from tests.server import Site, free_port, production, wait_until

pytestmark = pytest.mark.services


class Inbox(MessageHandler):
    """Keeps the mails that a mail server gets."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Message] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


@pytest.fixture(scope="module")
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A mail server, and its port."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield inbox, controller.port
    controller.stop()


@pytest.fixture(scope="module")
def site(inbox: tuple[Inbox, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Everything compose starts, with people on it."""
    with production(tmp_path_factory.mktemp("production"), EMAIL_URL=f"smtp://127.0.0.1:{inbox[1]}") as site:
        yield site


@pytest.fixture(scope="module")
def space(site: Site) -> int:
    """The people's forum."""
    return prepare(site).space


def test_pages_and_static_files(site: Site) -> None:
    web = Web(site.url)
    assert web.get("/health/").text.startswith('{"status": "ok"')
    home = web.get("/")
    assert home.url == f"{site.url}/nl/"
    assert home.headers["Server"].startswith("nginx")
    assert "Content-Security-Policy" in home.headers
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', home.text):
        with urllib.request.urlopen(site.url + path, timeout=10) as answer:
            assert answer.status == 200, path
            assert "max-age=315360000" in answer.headers["Cache-Control"], "names change with the contents"
    assert web.get("/nl/nergens/").status == 404
    assert web.get("/cms/").status == 200


def test_check_deploy(site: Site) -> None:
    before = dict(site.environment)
    site.environment |= {"BASE_URL": "https://vraagbaak.example", "SECRET_KEY": "0123456789abcdef" * 4}
    try:
        assert "no issues" in site.manage("check", "--deploy", "--fail-level", "INFO").stdout
    finally:
        site.environment = before


def test_a_chat_a_mail_and_a_hit(site: Site, space: int, inbox: tuple[Inbox, int]) -> None:
    customer, agent, owner = Web(site.url), Web(site.url), Web(site.url)
    agent.sign_in(AGENT)
    owner.sign_in(OWNER)
    pk = customer.chat("Hoe kom ik aan mijn oude jaaropgave?", email="wim@thuis.example")

    # Sockets, upgraded by nginx: pages (WSGI) and sockets (ASGI) are different processes.
    with Tab(customer, pk) as here, Tab(agent, pk) as there:
        there.say("In het archief")
        here.wait_for("In het archief")
        assert agent.post(f"/nl/chat/{pk}/bericht/", body="Per formulier").status == 200
        here.wait_for("Per formulier")
        here.check()

    # The worker mails an asker who went away.
    assert agent.post(f"/nl/chat/{pk}/bericht/", body="Daar vind je hem").status == 200
    mails = inbox[0].mails
    wait_until(lambda: any(mail["To"] == "wim@thuis.example" for mail in mails), "the worker to send a mail", 60)

    # The indexer makes a question findable.
    asked = owner.post("/nl/vraag-stellen/", q="Waar staan de bakfietsen?", space=str(space), language="nl", body="")
    assert "/nl/q/" in asked.url, asked
    hit = re.compile(r"Waar staan de <mark>bakfietsen</mark>")
    wait_until(lambda: hit.search(owner.get("/nl/zoeken/", q="een bakfiets").text), "the hit", 60, pause=1)
    assert "bakfietsen" not in customer.get("/nl/zoeken/", q="een bakfiets").text, "for employees"
    assert site.manage("check_index").returncode == 0
