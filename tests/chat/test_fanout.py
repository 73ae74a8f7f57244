"""Events cross processes by Redis. Run with the services' environment: REDIS_URL and DATABASE_URL."""

import os
import subprocess
import sys
from functools import partial

import pytest
from channels.layers import channel_layers

from chat import actions, hub, threads
from chat.models import Conversation
from tests.chat.sockets import tab
from tests.people import People

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
ELSEWHERE = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from accounts.audiences import viewer_for
from accounts.models import User
from chat.actions import post_message
from chat.models import Conversation
conversation = Conversation.objects.get(pk=int(sys.argv[2]))
for n in range(3):
    post_message(by=viewer_for(User.objects.get(pk=int(sys.argv[3]))), conversation=conversation, body=f"regel {n}")
from chat import hub
import asyncio
async def sent():
    await asyncio.sleep(0)
loop = hub._publishing_loop()
asyncio.run_coroutine_threadsafe(sent(), loop).result(10)
from channels.layers import get_channel_layer
import time
end = time.monotonic() + 10
while len(asyncio.all_tasks(loop)) and time.monotonic() < end:
    time.sleep(0.05)
"""


@pytest.fixture(autouse=True)
def _fresh_layer() -> None:
    """Layers hold connections of the loop of an earlier test."""
    channel_layers.backends.clear()


async def test_a_post_in_another_process_arrives(people: People, conversation: Conversation, settings) -> None:
    async with tab(people.agent) as agent:
        assert not hub._in_process(channel_layers["default"])
        await agent.send(type="subscribe", conversation=conversation.pk, after=1)
        await agent.get("subscribed")
        env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
        arguments = [settings.DATABASES["default"]["NAME"], str(conversation.pk), str(people.owner.pk)]
        done = await threads.run(
            partial(
                subprocess.run,
                [sys.executable, "-c", ELSEWHERE, *arguments],
                capture_output=True,
                text=True,
                timeout=60,
                env=env,
            )  # fmt: skip
        )
        assert done.returncode == 0, done.stderr
        assert [(await agent.get("event"))["number"] for _ in range(3)] == [2, 3, 4]
    await channel_layers["default"].flush()


async def test_here_too_everything_goes_through_redis(people: People, conversation: Conversation) -> None:
    async with tab(people.agent) as agent, tab(people.owner) as owner:
        for one in (agent, owner):
            await one.send(type="subscribe", conversation=conversation.pk, after=1)
            await one.get("subscribed")
        await agent.send(type="post", conversation=conversation.pk, client_id="abcdefgh-1", body="Twaalf.")
        assert (await owner.get("event", number=3))["client_id"] == "abcdefgh-1"
        await threads.run(
            partial(actions.post_message, by=people.viewer("owner"), conversation=conversation, body="Dank.")
        )
        assert "Dank." in (await agent.get("event", number=4))["html"]
    await channel_layers["default"].flush()
