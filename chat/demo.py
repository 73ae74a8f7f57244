"""The demo's conversations (demo/README.md), through the same acts as real ones, set back in time afterwards."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale

from accounts import visitors
from accounts.audiences import Person, viewer_for
from accounts.models import Team, User
from chat import actions
from chat.models import Conversation, Event, Participant
from kb.models import TopicPage


def load(root: Path) -> None:
    """Load conversations.yaml from the demo's folder. What is there already is left alone."""
    rows = yaml.safe_load((root / "conversations.yaml").read_text())["conversations"]
    people = yaml.safe_load((root / "people.yaml").read_text())["people"]
    topics = yaml.safe_load((root / "topics.yaml").read_text())["topics"]
    emails = {person["slug"]: person["email"] for person in people}
    paths = {t["slug"]: t["path"] for topic in topics for t in [topic, *topic.get("topics", [])]}
    known = set(Conversation.objects.exclude(demo_key="").values_list("demo_key", flat=True))
    for row in rows:
        if row["slug"] not in known:
            _load(row, emails, paths)


@transaction.atomic
def _load(row: dict[str, Any], emails: dict[str, str], paths: dict[str, dict[str, str]]) -> None:
    asker = _asker(row, emails)
    started = timezone.now() - timedelta(minutes=row["started_minutes_ago"])
    turns = row["turns"]
    conversation = actions.start_conversation(
        by=asker,
        team=Team.objects.get(slug=row["team"]),
        question=turns[0]["text"],
        language=row["lang"],
        name=row["name"] or "",
        topic=_topic(row, paths),
        page_url=f"/{row['lang']}{row['page']}" if row["page"] else "",
        page_title=row.get("page_title", ""),
    )
    agents = {slug: viewer_for(User.objects.get(email=email)) for slug, email in emails.items() if _speaks(slug, row)}
    for turn in turns[1:]:
        by = asker if turn["who"] == "customer" else agents[turn["who"]]
        actions.post_message(by=by, conversation=conversation, body=turn["text"])
    if row["status"] != "waiting" and row["agent"]:
        actions.take(by=agents[row["agent"]], conversation=conversation, over=True)
    if row["status"] == "closed":
        actions.close(by=agents[row["agent"]], conversation=conversation)
    _set_back(conversation, row, started)


def _speaks(slug: str, row: dict[str, Any]) -> bool:
    return slug == row["agent"] or any(turn["who"] == slug for turn in row["turns"])


def _asker(row: dict[str, Any], emails: dict[str, str]) -> Person:
    if row["customer"] == "anonymous":
        return viewer_for(AnonymousUser(), visitors.new_token())
    return viewer_for(User.objects.get(email=emails[row["customer"]]))


def _topic(row: dict[str, Any], paths: dict[str, dict[str, str]]) -> TopicPage | None:
    if not row["topic"]:
        return None
    locale = Locale.objects.filter(language_code=row["lang"]).first()
    return TopicPage.objects.filter(slug=paths[row["topic"]][row["lang"]], locale=locale).first()


def _set_back(conversation: Conversation, row: dict[str, Any], started: datetime) -> None:
    """Give every event its moment: a message that of its turn, what is around it that of the message."""
    minutes = iter(turn["minutes"] for turn in row["turns"])
    at = started
    for event in Event.objects.filter(conversation=conversation).order_by("number"):
        if event.kind == Event.Kind.MESSAGE:
            at = started + timedelta(minutes=next(minutes))
        Event.objects.filter(pk=event.pk).update(at=at)
    fresh = Conversation.objects.get(pk=conversation.pk)
    Participant.objects.filter(conversation=conversation).update(joined=started, last_seen=fresh.last_number)
    Conversation.objects.filter(pk=conversation.pk).update(
        created=started,
        waiting_since=started,
        last_at=at,
        closed=at if fresh.state == Conversation.State.CLOSED else None,
        demo_key=row["slug"],
    )
