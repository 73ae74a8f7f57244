"""Questions and answers for tests that are about all findable kinds together."""

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience, Circle, CircleMembership
from community import actions
from community.models import Question, SpacePage
from tests.community.conftest import make_space
from tests.people import People


def make(people: People) -> None:
    """A question in an open space, in an organisation's and in a circle's; one is narrowed further."""
    circle = Circle.objects.create(name="Kring", slug="t-content")
    CircleMembership.objects.create(circle=circle, user=people.owner)
    spaces = [
        make_space("t-open", audiences.PUBLIC),
        make_space("t-werk", audiences.EMPLOYEES, audiences.STAFF),
        make_space("t-huis", audiences.organisation(people.business.pk), audiences.STAFF),
        make_space("t-kring", audiences.circle(circle.pk)),
    ]
    unit = Audience.objects.of({audiences.unit(people.unit.pk)})
    for space in spaces:
        for narrower in (None, unit) if space is spaces[1] else (None, None, None):
            question = actions.ask(
                by=Person(people.owner),
                space=space,
                title="Waar is de koffie?",
                body="",
                language="nl",
                audience=narrower,
            )
            if narrower is None and space is not spaces[3]:
                actions.answer(by=Person(people.agent), question=question, body="In de kast.")


def change(people: People) -> None:
    """Hide a question, delete one, move one, close a space to all but staff, and take one offline."""
    first, second, third = Question.objects.filter(space__slug="t-open").order_by("pk")
    actions.hide(by=Person(people.owner), row=first)
    second.delete()
    house = SpacePage.objects.get(slug="t-huis")
    actions.move(by=Person(people.curator), question=third, space=house)
    SpacePage.objects.get(slug="t-kring").unpublish()
    space = SpacePage.objects.get(slug="t-werk")
    space.own_audience = Audience.objects.of({audiences.STAFF})
    space.save()
