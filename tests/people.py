"""The people of the tests, by name. Each test that is about who may see something asks all of them."""

from dataclasses import dataclass, fields

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser

from accounts.audiences import Person, viewer_for
from accounts.models import Membership, Organisation, RoleGrant, Team, TeamMembership, Unit, User
from accounts.roles import Role
from accounts.sync import sync_members


@dataclass
class People:
    """Who is who. `owner` and `colleague` share a unit of one organisation; `outsider` is of a third party."""

    owner: User
    colleague: User
    neighbour: User  # another business organisation
    outsider: User  # a third party's
    provider: User  # an external provider's, answers in one team
    agent: User  # HR team
    ict_agent: User
    curator: User  # HR team
    administrator: User
    anonymous: AnonymousUser

    business: Organisation
    other_business: Organisation
    ssc: Organisation
    unit: Unit
    hr: Team
    ict: Team

    def persons(self) -> dict[str, "User | AnonymousUser"]:
        """Everybody, by name."""
        return {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if isinstance(getattr(self, f.name), User | AnonymousUser)
        }

    def viewer(self, name: str) -> Person:
        """What `request.viewer` would be for that person, with keys as they are now."""
        return viewer_for(getattr(self, name))


def make_people() -> People:
    """All of them, in the database."""
    kind = Organisation.Kind
    ssc = Organisation.objects.create(name="De Brug SSC", slug="t-ssc", kind=kind.SSC)
    business = Organisation.objects.create(name="Waterland", slug="t-waterland", kind=kind.BUSINESS)
    other = Organisation.objects.create(name="Noorderhaven", slug="t-noorderhaven", kind=kind.BUSINESS)
    third = Organisation.objects.create(name="Stichting Oever", slug="t-oever", kind=kind.THIRD_PARTY)
    outside = Organisation.objects.create(name="Callwerk", slug="t-callwerk", kind=kind.PROVIDER)
    division = Unit.add_root(organisation=business, name="Bedrijfsvoering", slug="t-bedrijfsvoering")
    unit = division.add_child(organisation=business, name="Inkoop", slug="t-inkoop")
    hr = Team.objects.create(name="HR", slug="t-hr", organisation=ssc)
    ict = Team.objects.create(name="ICT", slug="t-ict", organisation=ssc)

    def person(
        name: str, organisation: Organisation, unit: Unit | None = None, team: Team | None = None, role: str = ""
    ) -> User:
        user = User.objects.create_user(
            f"{name}@{organisation.slug}.example", "test", name=name.replace("_", " ").title()
        )
        Membership.objects.create(user=user, organisation=organisation, unit=unit)
        if team:
            TeamMembership.objects.create(user=user, team=team)
        if role:
            RoleGrant.objects.create(user=user, role=role)
            sync_members(Role(role))
        return user

    return People(
        owner=person("owner", business, unit),
        colleague=person("colleague", business, unit),
        neighbour=person("neighbour", other),
        outsider=person("outsider", third),
        provider=person("provider", outside, team=ict, role=Role.AGENT),
        agent=person("agent", ssc, team=hr, role=Role.AGENT),
        ict_agent=person("ict_agent", ssc, team=ict, role=Role.AGENT),
        curator=person("curator", ssc, team=hr, role=Role.CURATOR),
        administrator=person("administrator", ssc, role=Role.ADMINISTRATOR),
        anonymous=AnonymousUser(),
        business=business,
        other_business=other,
        ssc=ssc,
        unit=unit,
        hr=hr,
        ict=ict,
    )


def confirm_addresses() -> None:
    """Let everybody sign in by form: their addresses count as confirmed."""
    for user in User.objects.all():
        EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
