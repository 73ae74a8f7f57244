"""Events cross processes by Redis. Run with the services' environment: REDIS_URL and DATABASE_URL."""

import os
import subprocess
import sys
from functools import partial

import pytest

from chat import actions
from chat.models import Conversation
from live import executor
from tests.live.sockets import tab
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
from live import hub
import asyncio, time
_pid, loop, sender = hub._publisher
asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(10)
end = time.monotonic() + 10
while (sender._queue or sender._waiting.is_set()) and time.monotonic() < end:
    time.sleep(0.05)
"""


async def test_a_post_in_another_process_arrives(people: People, conversation: Conversation, settings) -> None:
    async with tab(people.agent) as agent:
        await agent.send(type="subscribe", conversation=conversation.pk, after=1)
        await agent.get("subscribed")
        env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
        arguments = [settings.DATABASES["default"]["NAME"], str(conversation.pk), str(people.owner.pk)]
        done = await executor.run(
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


async def test_what_happens_here_arrives_once(people: People, conversation: Conversation) -> None:
    async with tab(people.agent) as agent, tab(people.owner) as owner:
        for one in (agent, owner):
            await one.send(type="subscribe", conversation=conversation.pk, after=1)
            await one.get("subscribed")
        await agent.send(type="post", conversation=conversation.pk, client_id="abcdefgh-1", body="Twaalf.")
        assert (await owner.get("event", number=3))["client_id"] == "abcdefgh-1"
        await executor.run(
            partial(actions.post_message, by=people.viewer("owner"), conversation=conversation, body="Dank.")
        )
        assert "Dank." in (await agent.get("event", number=4))["html"]
