"""The demo's topics, FAQs and articles, read from demo/ (format: demo/README.md)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale

from accounts import audiences
from accounts.demo import people_by_slug
from accounts.models import Audience, Team, User
from kb.models import ArticlePage, Faq, TopicPage

SOURCE = "demo"
LANGUAGES = ("nl", "en")  # originals first: translations are linked to them
Topics = dict[tuple[str, str], TopicPage]  # (slug of the demo, language) → page


@transaction.atomic
def load(root: Path) -> None:
    """Create what is missing; change nothing that exists. Load organisations, teams and people first."""
    topics: Topics = {}
    rows = yaml.safe_load((root / "topics.yaml").read_text())["topics"]
    for language in LANGUAGES:
        top = TopicPage.objects.get(depth=3, locale__language_code=language)
        for row in rows:
            _load_topic(row, language, top, topics)
    people = people_by_slug(root)
    for language in LANGUAGES:
        for path in sorted((root / "faqs").glob(f"*/*.{language}.md")):
            _load_faq(path, language, topics, people)
        for path in sorted((root / "articles").glob(f"*/*.{language}.md")):
            _load_article(path, language, topics)


def _load_topic(row: dict[str, Any], language: str, parent: TopicPage, topics: Topics) -> None:
    slug = row["path"][language]
    page = TopicPage.objects.child_of(parent).filter(slug=slug).first()
    if page is None:
        page = TopicPage(
            title=row["title"][language],
            slug=slug,
            locale=parent.locale,
            intro=row["intro"][language],
            icon=row["icon"],
            team=Team.objects.filter(slug=row["team"]).first(),
            own_audience=_audience(row["audience"]),
        )
        if original := topics.get((row["slug"], "nl")):
            page.translation_key = original.translation_key
        # Reread the parent: treebeard keeps the number of children on the instance.
        TopicPage.objects.get(pk=parent.pk).add_child(instance=page)
        page.save_revision().publish()
    topics[row["slug"], language] = page
    for below in row.get("topics", []):
        _load_topic(below, language, page, topics)


def _load_faq(path: Path, language: str, topics: Topics, people: dict[str, User]) -> None:
    slug = path.name.split(".")[0]
    if Faq.objects.filter(source=SOURCE, source_id=f"{slug}.{language}").exists():
        return
    head, body = read(path)
    at = _moment(head)
    faq = Faq(
        question=head["title"],
        answer=body,
        topic=topics[head["topic"], language],
        locale=Locale.objects.get(language_code=language),
        own_audience=_audience(head["audience"]),
        tags=", ".join(head.get("tags") or []),
        owner=people.get(head["owner"]),
        verified_by=Team.objects.filter(slug=head["verified_by"]).first(),
        verified_at=at,
        source=SOURCE,
        source_id=f"{slug}.{language}",
        created=at,
        live=False,
    )
    if original := Faq.objects.filter(source=SOURCE, source_id=f"{slug}.nl").first():
        faq.translation_key = original.translation_key
    faq.save()
    faq.save_revision().publish()
    Faq.objects.filter(pk=faq.pk).update(first_published_at=at, last_published_at=at)


def _load_article(path: Path, language: str, topics: Topics) -> None:
    slug = path.name.split(".")[0]
    head, body = read(path)
    topic = TopicPage.objects.get(pk=topics[head["topic"], language].pk)
    if ArticlePage.objects.child_of(topic).filter(slug=slug).exists():
        return
    at = _moment(head)
    page = ArticlePage(
        title=head["title"],
        slug=slug,
        locale=topic.locale,
        own_audience=_audience(head["audience"]),
        summary=head.get("summary", ""),
        body=[("markdown", body)],
        tags=", ".join(head.get("tags") or []),
        verified_by=Team.objects.filter(slug=head["verified_by"]).first(),
        verified_at=at,
    )
    original = ArticlePage.objects.filter(slug=slug, locale__language_code="nl").first()
    if original and language != "nl":
        page.translation_key = original.translation_key
    topic.add_child(instance=page)
    page.save_revision().publish()
    ArticlePage.objects.filter(pk=page.pk).update(first_published_at=at, last_published_at=at)


def read(path: Path) -> tuple[dict[str, Any], str]:
    """Return the front matter and the body of a text."""
    _nothing, head, body = path.read_text().split("---\n", 2)
    return yaml.safe_load(head), body.strip()


def _moment(head: dict[str, Any]) -> datetime:
    return timezone.now() - timedelta(days=head["updated_days_ago"])


def _audience(keys: Iterable[str]) -> Audience:
    """Return the audience of keys that name rows by slug ("unit:zilverbeek-klant")."""
    return Audience.objects.of(audiences.by_name(keys))
