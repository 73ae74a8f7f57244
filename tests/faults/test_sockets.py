"""Redis and the process of the sockets die while a customer and an agent talk."""

import uuid

import pytest

from tests.client import Tab
from tests.faults.acts import once
from tests.faults.stage import Stage
from tests.server import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.services]


def both_settle(customer: Tab, agent: Tab) -> None:
    """Everything that either said is acknowledged and was seen by both."""
    customer.settle()
    agent.settle()
    last = max(*customer.events, *agent.events)
    for tab in (customer, agent):
        wait_until(lambda tab=tab: tab.read(0.2) is None and last in tab.events, f"event {last}", 40, pause=0)


def test_sockets_killed_and_restarted(stage: Stage) -> None:
    visitor = stage.visitor()
    pk = visitor.chat("Hoe kom ik aan mijn jaaropgave?")
    with Tab(visitor, pk) as customer, Tab(stage.agent, pk) as agent:
        for n in range(5):
            customer.say(f"Klant {n}")
        said = agent.say("Ik kijk even mee")
        customer.wait_for("Ik kijk even mee")
        unsure = [customer.say("Ben je er nog?"), agent.say("Momentje")]
        stage.site.kill("sockets")
        assert visitor.post(f"/nl/chat/{pk}/bericht/", body="Per formulier", client_id=uuid.uuid4().hex).status == 200
        lost = customer.say("Terwijl er geen verbinding is")

        stage.site.start("sockets")
        both_settle(customer, agent)
        for tab in (customer, agent):
            tab.wait_for("Per formulier")
            tab.wait_for("Terwijl er geen verbinding is")
            tab.wait_for("Momentje")
            assert tab.connections == 2
        agent.say("Ik kijk even mee", said)
        customer.say("Terwijl er geen verbinding is", lost)
        assert {*unsure, lost} <= {*customer.acknowledged, *agent.acknowledged}
        last = agent.say("Zo, gevonden")
        customer.wait_for("Zo, gevonden")
        both_settle(customer, agent)
        assert last in agent.acknowledged
        once(stage.site, customer)
        once(stage.site, agent)


def test_redis_killed_and_restarted(stage: Stage) -> None:
    visitor = stage.visitor()
    pk = visitor.chat("Mag ik mijn fiets meenemen naar binnen?")
    with Tab(visitor, pk) as customer, Tab(stage.agent, pk) as agent:
        agent.say("Goede vraag")
        customer.wait_for("Goede vraag")

        stage.redis.kill()
        for web in (visitor, stage.owner, stage.agent):
            paths = ["/nl/", "/nl/zoeken/?q=fiets", "/nl/community/", "/nl/chat/", "/nl/chat/mijn/", "/health/"]
            pages = [web.get(path) for path in paths]
            assert {page.url: page.status for page in pages if page.status != 200} == {}
            assert min(page.seconds for page in pages) < 2
        assert visitor.get(f"/nl/chat/{pk}/").status == 200
        assert stage.agent.get(f"/nl/balie/{pk}/").status == 200
        form = visitor.post(f"/nl/chat/{pk}/bericht/", body="Zonder Redis", client_id=uuid.uuid4().hex)
        assert form.status == 200
        assert "Zonder Redis" in form.text
        assert stage.visitor().chat("Een nieuw gesprek zonder Redis")
        sent = customer.say("Over de lijn zonder Redis")

        stage.redis.start()
        for tab in (customer, agent):
            tab.wait_for("Zonder Redis", 40)
            tab.wait_for("Over de lijn zonder Redis", 40)
        both_settle(customer, agent)
        agent.say("Alles doet het weer")
        customer.wait_for("Alles doet het weer", 40)
        both_settle(customer, agent)
        assert sent in customer.acknowledged
        once(stage.site, customer)
        once(stage.site, agent)
