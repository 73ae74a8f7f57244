"""Keys for the members of a team, circle or person who are also staff or employees."""

import pytest

from accounts import audiences
from accounts.audience_members import holders
from accounts.audiences import EMPLOYEES, PUBLIC, STAFF
from accounts.fields import describe
from accounts.models import Audience
from kb.models import Faq
from tests.kb.conftest import make_faq, make_topic
from tests.people import People

pytestmark = pytest.mark.django_db


def readers(faq: Faq, people: People) -> set[str]:
    """Return who can see the row."""
    return {name for name in people.persons() if Faq.objects.visible_to(people.viewer(name)).filter(pk=faq.pk).exists()}


@pytest.mark.parametrize(
    ("above", "team", "expected"),
    [
        ({PUBLIC}, "hr", {"agent", "curator"}),
        ({STAFF}, "hr", {"agent", "curator"}),
        ({EMPLOYEES}, "hr", {"agent", "curator"}),
        ({PUBLIC}, "ict", {"ict_agent", "provider"}),
        ({STAFF}, "ict", {"ict_agent"}),  # the team's member from outside does not see the topic
    ],
)
def test_a_team_limited_by_the_audience_of_its_topic(
    people: People, above: set[str], team: str, expected: set[str]
) -> None:
    topic = make_topic("Verlof", above)
    faq = make_faq("Voor ons?", {audiences.team(getattr(people, team).pk)}, topic)
    assert readers(faq, people) == expected
    told = set(holders(Faq.objects.get(pk=faq.pk).audience.key_set).values_list("pk", flat=True))
    assert told == {getattr(people, name).pk for name in expected}, "who is told are who may see"


def test_a_narrower_text_is_not_shown_to_all_old_readers(people: People) -> None:
    """Published without a confirmation, it is for the old readers that were also requested."""
    hr = audiences.team(people.hr.pk)
    faq = make_faq("Voor wie?", {STAFF, EMPLOYEES}, make_topic("Verlof", {PUBLIC}))
    faq.question, faq.own_audience = "Geheim", Audience.objects.of({hr})
    faq.save_revision().publish()
    assert readers(faq, people) == {"agent", "curator"}
    faq.refresh_from_db()
    assert describe(faq.audience.key_set) == [
        "HR, voor zover ze medewerker zijn",
        "HR, voor zover ze bij het Shared Service Center werken",
    ]
