"""A small tree of topics, FAQs and articles, one for each kind of audience."""

from dataclasses import dataclass, field

import pytest
from wagtail.models import Locale

from accounts import audiences
from accounts.models import Audience
from kb.models import ArticlePage, Faq, TopicPage
from tests.people import People
from tests.standing import Standing

# Who may see rows of each audience; all others get "not found".
EMPLOYED = {"owner", "colleague", "neighbour", "agent", "ict_agent", "curator", "administrator"}
SEES = {
    "public": EMPLOYED | {"outsider", "provider", "anonymous"},
    "employees": EMPLOYED,
    "staff": {"agent", "ict_agent", "curator"},
    "organisation": {"owner", "colleague", "agent", "ict_agent", "curator"},
    "unit": {"owner", "colleague"},
    "team": {"agent", "curator"},
    "user": {"owner"},
}


@dataclass
class Shelf:
    """The rows of the fixture."""

    people: People
    topic: TopicPage
    closed: TopicPage  # employees only
    faqs: dict[str, Faq] = field(default_factory=dict)
    articles: dict[str, ArticlePage] = field(default_factory=dict)


def keys_for(people: People) -> dict[str, set[str]]:
    """Return an audience of each kind."""
    return {
        "public": {audiences.PUBLIC},
        "employees": {audiences.EMPLOYEES},
        "staff": {audiences.STAFF},
        "organisation": {audiences.organisation(people.business.pk), audiences.STAFF},
        "unit": {audiences.unit(people.unit.pk)},
        "team": {audiences.team(people.hr.pk)},
        "user": {audiences.user(people.owner.pk)},
    }


def make_topic(title: str, audience: set[str], language: str = "nl", parent: TopicPage | None = None) -> TopicPage:
    """Create a live topic below another, or below the list of all topics."""
    locale = Locale.objects.get(language_code=language)
    parent = parent or TopicPage.objects.get(depth=3, locale=locale)
    page = TopicPage(
        title=title, locale=locale, own_audience=Audience.objects.of(audience), intro="Over dit onderwerp."
    )
    return parent.add_child(instance=page)


def make_faq(question: str, audience: set[str], topic: TopicPage, answer: str = "Zo *dus*.", **fields: object) -> Faq:
    """Create and publish an FAQ, as a curator would."""
    faq = Faq(
        question=question,
        answer=answer,
        topic=topic,
        locale=topic.locale,
        own_audience=Audience.objects.of(audience),
        live=False,
        **fields,
    )
    faq.save()
    faq.save_revision().publish()
    faq.refresh_from_db()
    return faq


def make_article(title: str, audience: set[str], topic: TopicPage) -> ArticlePage:
    """Create a live article."""
    page = ArticlePage(
        title=title,
        locale=topic.locale,
        own_audience=Audience.objects.of(audience),
        summary="Kort gezegd.",
        body=[("markdown", "Een **lange** tekst over pantoffels.")],
    )
    return topic.add_child(instance=page)


@pytest.fixture
def shelf(people: People, made: Standing) -> Shelf:
    """A public topic and a closed one, with an FAQ and an article for each kind of audience in the public one."""
    return made("shelf", lambda: make_shelf(people))


def make_shelf(people: People) -> Shelf:
    """A public topic and a closed one, with an FAQ and an article for each kind of audience in the public one."""
    topic = make_topic("Verlof", {audiences.PUBLIC})
    closed = make_topic("Salaris", {audiences.EMPLOYEES})
    shelf = Shelf(people=people, topic=topic, closed=closed)
    for kind, keys in keys_for(people).items():
        shelf.faqs[kind] = make_faq(f"Hoe werkt verlof voor {kind}?", keys, topic)
        shelf.articles[kind] = make_article(f"Verlof voor {kind}", keys, topic)
    return shelf
