"""The members of an audience: computed from the key and from the person, the result is the same."""

import pytest

from accounts.audience_members import holders
from accounts.audiences import EMPLOYEES, PUBLIC, STAFF, viewer_for
from accounts.models import Circle, CircleMembership, Membership, Team, TeamMembership, User
from tests.people import People


def test_the_same_from_both_sides(people: People) -> None:
    circle = Circle.objects.create(name="Kring", slug="kring")
    CircleMembership.objects.create(circle=circle, user=people.outsider)
    part = Team.objects.create(name="Deel", slug="deel", organisation=people.ssc, parent=people.hr)
    TeamMembership.objects.create(team=part, user=people.owner)
    Membership.objects.create(user=people.provider, organisation=people.business)
    User.objects.create_user("nowhere@example.org")
    everybody = list(User.objects.all())
    held = {person.pk: viewer_for(person).keys for person in everybody}
    keys = {PUBLIC, EMPLOYEES, STAFF, "visitor:" + "0" * 64, "unit:999", *(key for own in held.values() for key in own)}
    for key in keys:
        assert set(holders([key]).values_list("pk", flat=True)) == {pk for pk, own in held.items() if key in own}, key
    pair = {f"circle:{circle.pk}", f"team:{people.hr.pk}"}
    assert set(holders(pair).values_list("pk", flat=True)) == {pk for pk, own in held.items() if own & pair}


def test_inactive_people_hold_no_keys(people: People) -> None:
    people.owner.is_active = False
    people.owner.save()
    assert people.owner not in holders([PUBLIC])


def test_nonsense_is_refused(db: None) -> None:
    for key in ("everyone", "choir:1"):
        with pytest.raises(ValueError, match="not an audience key"):
            holders([key])
