"""Load the people of the demo."""

from pathlib import Path

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from accounts import demo
from accounts.audiences import STAFF, viewer_for
from accounts.models import CircleMembership, Membership, Organisation, Team, Unit, User

ROOT = Path(__file__).resolve().parents[2] / "demo"


def counts() -> list[int]:
    models = (Organisation, Unit, Team, User, Membership, CircleMembership, EmailAddress)
    return [model.objects.count() for model in models]


def test_loaded_twice_is_loaded_once(db: None) -> None:
    demo.load(ROOT, "one")
    before = counts()
    assert min(before) > 0
    Organisation.objects.filter(slug="zilverbeek").update(name="Changed by hand")
    demo.load(ROOT, "two")
    assert counts() == before
    assert Organisation.objects.get(slug="zilverbeek").name == "Changed by hand"
    assert all(user.check_password("two") for user in User.objects.all())


def test_demo_people_have_their_keys_and_roles(db: None) -> None:
    demo.load(ROOT, "one")
    people = demo.people_by_slug(ROOT)
    administrator, provider, agent = (people[s] for s in ("nadia-rosaria", "ines-carvalho", "bas-hoekstra"))
    assert administrator.has_perm("accounts.manage_people")
    assert administrator in Group.objects.get(name="role:administrator").user_set.all()
    assert STAFF in viewer_for(agent).keys
    assert STAFF not in viewer_for(provider).keys
    assert Unit.objects.get(slug="zilverbeek-storingsdienst").get_depth() == 3
    assert Team.objects.get(slug="credit").parent == Team.objects.get(slug="finance")
    for email, about in demo.showcase(ROOT):
        assert about
        assert EmailAddress.objects.get(email=email).verified
