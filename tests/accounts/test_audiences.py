"""Which keys people hold, and how one audience limits another."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts import audiences
from accounts.audiences import EMPLOYEES, PUBLIC, STAFF, narrow, new_readers
from accounts.models import Audience, Circle
from tests.people import People


def test_keys_of_named_people(people: People) -> None:
    keys = {name: people.viewer(name).keys for name in people.persons()}
    assert keys["anonymous"] == {PUBLIC}
    parent = people.unit.get_parent()
    units = {audiences.unit(people.unit.pk), audiences.unit(parent.pk)}
    assert keys["owner"] >= units | {EMPLOYEES, audiences.organisation(people.business.pk)}
    assert EMPLOYEES not in keys["outsider"]
    assert STAFF in keys["agent"]
    assert {STAFF, EMPLOYEES}.isdisjoint(keys["provider"])
    assert audiences.team(people.ict.pk) in keys["provider"]
    assert STAFF not in keys["administrator"], "no role opens content; only membership does"


def test_a_visitor_has_no_account(people: People) -> None:
    assert people.viewer("owner").account == people.owner
    with pytest.raises(PermissionDenied):
        _ = people.viewer("anonymous").account


def test_keys_cost_a_constant_number_of_queries(people: People, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(4):
        _ = people.viewer("owner").keys
    with django_assert_max_num_queries(0):
        _ = people.viewer("anonymous").keys


def test_audiences_are_interned(db: None) -> None:
    assert Audience.objects.of([STAFF, PUBLIC]) == Audience.objects.of([PUBLIC, STAFF, STAFF])
    with pytest.raises(ValueError, match="not an audience key"):
        Audience.objects.of(["everyone"])


@pytest.mark.parametrize(
    ("child", "parent", "expected"),
    [
        ({PUBLIC}, {EMPLOYEES}, {EMPLOYEES}),
        ({EMPLOYEES}, {PUBLIC}, {EMPLOYEES}),
        ({STAFF}, {EMPLOYEES}, {STAFF}),
        ({STAFF, "circle:7"}, {EMPLOYEES}, {STAFF, "circle:7&employees"}),
        ({"circle:7"}, {STAFF}, {"circle:7&staff"}),
        ({"team:7&staff"}, {EMPLOYEES, "team:7"}, {"team:7&staff"}),
        ({"team:7"}, {"team:7&staff"}, {"team:7&staff"}),
        ({"circle:7"}, {"unit:3"}, set()),
        (set(), {PUBLIC}, set()),
    ],
)
def test_narrow(db: None, child: set[str], parent: set[str], expected: set[str]) -> None:
    assert narrow(child, parent) == expected


def test_narrow_knows_units_and_organisations(people: People) -> None:
    unit, above = audiences.unit(people.unit.pk), audiences.unit(people.unit.get_parent().pk)
    organisation = audiences.organisation(people.business.pk)
    assert narrow({unit}, {organisation}) == {unit}
    assert narrow({organisation}, {above}) == {above}
    assert narrow({unit}, {EMPLOYEES}) == {unit}
    assert narrow({unit}, {audiences.organisation(people.other_business.pk)}) == set()


def test_narrow_is_never_wider_than_either(people: People) -> None:
    Circle.objects.create(name="Kring", slug="kring")
    holders = {name: people.viewer(name).keys for name in people.persons()}
    every = sorted({PUBLIC, EMPLOYEES, STAFF}.union(*holders.values()))
    wider = [
        f"{child} within {parent} opens to {name}: {sorted(result)}"
        for child in every
        for parent in every
        if (result := narrow({child}, {parent}))
        for name, keys in holders.items()
        if result & keys and not {child, parent} <= keys
    ]
    assert wider == []


def test_new_readers(people: People) -> None:
    """Return the keys that an audience adds. Uncertain ones count as added."""
    house, unit = audiences.organisation(people.business.pk), audiences.unit(people.unit.pk)
    third, team = audiences.organisation(people.outsider.memberships.get().organisation_id), audiences.team(1)
    cases: list[tuple[set[str], set[str], set[str]]] = [
        (set(), set(), set()),
        (set(), {STAFF}, set()),
        ({STAFF}, set(), {STAFF}),
        ({STAFF}, {STAFF}, set()),
        ({PUBLIC}, {STAFF}, {PUBLIC}),
        ({STAFF, house, unit, team}, {PUBLIC}, set()),
        ({STAFF}, {EMPLOYEES}, set()),
        ({EMPLOYEES}, {STAFF}, {EMPLOYEES}),
        ({house}, {EMPLOYEES}, set()),
        ({unit}, {house}, set()),
        ({house}, {unit}, {house}),
        ({EMPLOYEES}, {house}, {EMPLOYEES}),
        ({third}, {EMPLOYEES}, {third}),
        ({house, STAFF}, {STAFF}, {house}),
        ({team}, {STAFF}, {team}),  # a provider's people answer in teams and are no staff
        ({audiences.user(1)}, {STAFF}, {audiences.user(1)}),
    ]
    wrong = [
        (after, before, new_readers(after, before)) for after, before, new in cases if new_readers(after, before) != new
    ]
    assert not wrong


def test_every_new_reader_holds_a_new_key(people: People) -> None:
    """For every pair of audiences and every person: new_readers() misses nobody."""
    keys = [PUBLIC, EMPLOYEES, STAFF, audiences.organisation(people.business.pk), audiences.unit(people.unit.pk)]
    keys += [audiences.organisation(people.ssc.pk), audiences.team(people.ict.pk), audiences.user(people.owner.pk)]
    held = {name: people.viewer(name).keys for name in people.persons()}
    missed = [
        (name, after, before)
        for before in keys
        for after in keys
        for name, own in held.items()
        if after in own and before not in own and not new_readers({after}, {before})
    ]
    assert not missed
