"""The leading indexer dies in the middle of its work; the one standing by takes over."""

import pytest

from tests.faults.acts import all_is_well, ask_forum, found
from tests.faults.stage import Stage
from tests.server import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.services]
MANY = 4000
# Questions without the forum's side effects, in one transaction: one long drain.
ASK = """
from accounts.models import User
from community.models import Question, SpacePage
from django.db import transaction
from search.indexing.outbox import mark_dirty
owner = User.objects.get(email="owner@t-waterland.example")
space = SpacePage.objects.get(pk={space})
with transaction.atomic():
    rows = [
        Question(space=space, topic=space.topic, author=owner, title=f"Vraag {{n}} over alles", body="", body_html="",
                 language="nl")
        for n in range({many})
    ]
    rows[0].settle_audience()
    for row in rows:
        row.audience = rows[0].audience
    rows = Question.objects.bulk_create(rows)
    mark_dirty(*(row.key for row in rows))
"""


def test_another_takes_over(stage: Stage) -> None:
    site = stage.site
    word = ask_forum(stage.owner, stage.scene.space)
    wait_until(lambda: found(stage.owner, word), "the first indexer to lead", pause=1)
    site.commands["standby"] = site.commands["indexer"]
    try:
        site.start("standby")
        with stage.outbox() as outbox:
            site.shell(ASK.format(space=stage.scene.space, many=MANY))
            wait_until(lambda: outbox() < MANY, "the drain to be under way", pause=0.01)
            site.kill("indexer")
            assert outbox() > 0, "something was left to do"
            wait_until(lambda: outbox() == 0, "the one standing by to work it off", 60)
        all_is_well(site, stage.owner, [word, ask_forum(stage.owner, stage.scene.space)])
    finally:
        site.kill("standby")
        del site.commands["standby"]
