"""The demo's spaces and questions, read from demo/spaces.yaml and demo/questions/ (format: demo/README.md)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale

from accounts import audiences
from accounts.audience_members import holders
from accounts.demo import people_by_slug
from accounts.models import Audience, Circle, Organisation, Team, Unit, User
from community.models import Answer, CommunityIndexPage, Question, SpacePage, Vote
from kb.models import TopicPage
from markup import text
from notifications.models import Follow

Topics = dict[tuple[str, str], TopicPage]  # (slug in the demo's files, language)
_NAMED: dict[str, Any] = {
    "organisation": (Organisation, audiences.organisation),
    "unit": (Unit, audiences.unit),
    "team": (Team, audiences.team),
    "circle": (Circle, audiences.circle),
}


@transaction.atomic
def load(root: Path) -> None:
    """Create the spaces and questions that are missing; change none that exist. Load people and topics first."""
    topics = _topics(root)
    spaces: dict[tuple[str, str], SpacePage] = {}
    for row in _read(root / "spaces.yaml")["spaces"]:
        for language in ("nl", "en"):
            spaces[row["slug"], language] = _space(row, language, topics, spaces.get((row["slug"], "nl")))
    people = people_by_slug(root)
    staff = set(holders([audiences.STAFF]).values_list("pk", flat=True))
    for path in sorted((root / "questions").glob("*.yaml")):
        _question(_read(path), spaces, topics, people, staff)


def _read(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(path.read_text())
    return data


def _topics(root: Path) -> Topics:
    found: Topics = {}
    for discipline in _read(root / "topics.yaml")["topics"]:
        for language in ("nl", "en"):
            pages = TopicPage.objects.filter(locale__language_code=language)
            top = pages.filter(slug=discipline["path"][language], depth=4).first()
            if top is None:
                continue
            found[discipline["slug"], language] = top
            below = {page.slug: page for page in TopicPage.objects.child_of(top)}
            for topic in discipline["topics"]:
                if topic["path"][language] in below:
                    found[topic["slug"], language] = below[topic["path"][language]]
    return found


def _audience(keys: Iterable[str]) -> Audience:
    """Return the audience of keys that name rows by slug ("unit:zilverbeek-klant")."""
    found = []
    for key in keys:
        kind, _colon, slug = key.partition(":")
        if slug:
            model, make = _NAMED[kind]
            key = make(model.objects.get(slug=slug).pk)
        found.append(key)
    return Audience.objects.of(found)


def _space(row: dict[str, Any], language: str, topics: Topics, original: SpacePage | None) -> SpacePage:
    slug, title = row["path"][language], row["title"][language]
    existing = SpacePage.objects.filter(locale__language_code=language, slug=slug).first()
    if existing is not None:
        return existing
    page = SpacePage(
        title=title,
        draft_title=title,
        slug=slug,
        intro=row["intro"][language],
        locale=Locale.objects.get(language_code=language),
        own_audience=_audience(row["audience"]),
        team=Team.objects.get(slug=row["team"]),
        topic=topics.get((row["topic"], language)),
    )
    if original is not None:
        page.translation_key = original.translation_key
    CommunityIndexPage.objects.get(locale__language_code=language).add_child(instance=page)
    page.save_revision().publish()
    return SpacePage.objects.get(pk=page.pk)


def _question(
    row: dict[str, Any],
    spaces: dict[tuple[str, str], SpacePage],
    topics: Topics,
    people: dict[str, User],
    staff: set[int],
) -> None:
    asker, space = people[row["asker"]], spaces[row["space"], row["lang"]]
    if Question.objects.filter(title=row["title"], author=asker).exists():
        return
    created = _ago(row["created_days_ago"])
    question = Question(
        space=space,
        topic=topics.get((row["topic"], row["lang"])) or space.topic,
        author=asker,
        title=row["title"],
        body=row["body"],
        body_html=text.render(row["body"]),
        language=row["lang"],
        created=created,
        last_activity=created,
    )
    question.settle_audience()
    question.save()
    for slug in {row["asker"], *row["followers"]}:
        Follow.objects.get_or_create(user=people[slug], key=question.key)
    for answer in row["answers"]:
        _answer(answer, question, people, staff)
    question.settle_state()
    question.save()


def _answer(row: dict[str, Any], question: Question, people: dict[str, User], staff: set[int]) -> None:
    author, created = people[row["author"]], _ago(row["days_ago"])
    answer = Answer.objects.create(
        question=question,
        author=author,
        body=row["body"],
        body_html=text.render(row["body"]),
        from_staff=author.pk in staff,
        created=created,
        vote_count=len(row["votes"]),
    )
    Vote.objects.bulk_create(Vote(user=people[slug], answer=answer, created=created) for slug in row["votes"])
    question.last_activity = max(question.last_activity, created)
    if row["accepted"]:
        question.accepted_answer = answer


def _ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)
