"""A rebuild whose indexer is killed in the middle: search goes on, the next indexer begins it anew, nothing is left."""

import json
import urllib.request

import psycopg
import pytest

from tests.faults.acts import all_is_well, ask_forum, found
from tests.faults.stage import Stage
from tests.server import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.services]
MANY = 3000
# Questions without the forum's side effects, in one transaction: one long drain.
ASK = """
from accounts.models import User
from community.models import Question, SpacePage
from django.db import transaction
from search.models.outbox import enqueue_documents
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
    enqueue_documents(*(row.key for row in rows))
"""


def rebuilds(stage: Stage) -> tuple[str, int]:
    """State of the last rebuild, and how many documents it has."""
    with psycopg.connect(stage.site.environment["DATABASE_URL"]) as db:
        row = db.execute("select state, documents from search_rebuild order by id desc limit 1").fetchone()
    return (row[0], row[1]) if row else ("", 0)


def indexes(stage: Stage) -> list[str]:
    """Names of all indexes of this installation."""
    prefix = stage.site.environment["SEARCH_INDEX_PREFIX"]
    with urllib.request.urlopen(f"{stage.elastic.url}/_cat/indices/{prefix}-v*?format=json", timeout=10) as answer:
        return [row["index"] for row in json.load(answer)]


def test_killed_in_the_middle(stage: Stage) -> None:
    site = stage.site
    word = ask_forum(stage.owner, stage.scene.space)
    with stage.outbox() as outbox:
        site.shell(ASK.format(space=stage.scene.space, many=MANY))
        wait_until(lambda: outbox() == 0, "everything to be indexed", 120)
    site.shell("from search.models import Rebuild; Rebuild.objects.create()")
    wait_until(lambda: rebuilds(stage)[0] == "running" and rebuilds(stage)[1] > 0, "the rebuild", 90, pause=0.02)
    site.kill("indexer1", "indexer2")
    assert rebuilds(stage)[0] == "running"
    assert len(indexes(stage)) == 2, "the live one and half a new one"
    wait_until(lambda: found(stage.owner, word), "search to go on", 30, pause=0.5)
    meanwhile = ask_forum(stage.owner, stage.scene.space)

    site.start("indexer1", "indexer2")
    wait_until(lambda: rebuilds(stage)[0] == "done", "the rebuild, begun anew", 180)
    assert rebuilds(stage)[1] > MANY
    all_is_well(site, stage.owner, [word, meanwhile])
    wait_until(lambda: len(indexes(stage)) == 1, "one index")
