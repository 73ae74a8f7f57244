"""A small forum: an open space, one for employees, one closed for the owner's organisation, one for a circle."""

from dataclasses import dataclass

import pytest
from wagtail.models import Locale

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience, Circle, CircleMembership, User
from community import actions
from community.models import Answer, CommunityIndexPage, Question, SpacePage
from tests.people import People
from tests.standing import Standing


def make_space(slug: str, *keys: str, language: str = "nl", original: SpacePage | None = None) -> SpacePage:
    """Create a live space whose own audience has these keys."""
    page = SpacePage(
        title=slug.capitalize(),
        slug=slug,
        locale=Locale.objects.get(language_code=language),
        own_audience=Audience.objects.of(keys),
    )
    if original:
        page.translation_key = original.translation_key
    CommunityIndexPage.objects.get(locale__language_code=language).add_child(instance=page)
    return SpacePage.objects.get(pk=page.pk)


@dataclass
class Forum:
    """The spaces, and a question of the owner in the employees' space with an answer by the agent."""

    people: People
    public: SpacePage
    employees: SpacePage
    employees_en: SpacePage
    waterland: SpacePage
    circle: SpacePage
    question: Question
    answer: Answer

    def ask(self, space: SpacePage, title: str = "Hoe laat gaat de zon onder?", by: User | None = None) -> Question:
        """Ask another question."""
        return actions.ask(
            by=Person(by or self.people.owner), space=space, title=title, body="Meer *hierover*.", language="nl"
        )


@pytest.fixture
def forum(people: People, made: Standing) -> Forum:
    """Return the forum, made once and copied."""
    return made("forum", lambda: make_forum(people))


def make_forum(people: People) -> Forum:
    """Create the forum in the database."""
    closed = audiences.organisation(people.business.pk)
    circle = Circle.objects.create(name="Kring", slug="t-kring")
    CircleMembership.objects.create(circle=circle, user=people.owner)
    employees = make_space("medewerkers", audiences.EMPLOYEES, audiences.STAFF)
    question = actions.ask(
        by=Person(people.owner),
        space=employees,
        title="Waar staat de koffie?",
        body="Ik zoek **koffie**.",
        language="nl",
    )
    answer = actions.answer(by=Person(people.agent), question=question, body="In de kast.")
    question.refresh_from_db()
    return Forum(
        people=people,
        public=make_space("loket", audiences.PUBLIC),
        employees=employees,
        employees_en=make_space("staff", audiences.EMPLOYEES, audiences.STAFF, language="en", original=employees),
        waterland=make_space("waterland", closed, audiences.STAFF),
        circle=make_space("kring", audiences.circle(circle.pk)),
        question=question,
        answer=answer,
    )
