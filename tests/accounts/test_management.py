"""Management: every page, who may open it, and what it does."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dates import MONTHS

from accounts import audiences
from accounts.audiences import Person, viewer_for
from accounts.audit import record
from accounts.models import AuditEvent, Circle, CircleMembership, Invitation, Organisation, RoleGrant, Team, Unit, User
from accounts.models.person import hashed
from community.actions import ask
from community.models import SpacePage
from tests.community.conftest import make_space
from tests.people import People

SCREENS = [
    "manage",
    "people",
    "add_person",
    "invite",
    "person",
    "organisations",
    "add_organisation",
    "organisation",
    "add_unit",
    "unit",
    "teams",
    "add_team",
    "team",
    "add_circle",
    "circle",
    "audit",
    "system",
]


@pytest.fixture
def circle(db: None) -> Circle:
    return Circle.objects.create(name="Klankbord", slug="t-klankbord")


def address(name: str, people: People, circle: Circle) -> str:
    pks = {
        "person": [people.owner.pk],
        "organisation": [people.business.pk],
        "add_unit": [people.business.pk],
        "unit": [people.business.pk, people.unit.pk],
        "team": [people.hr.pk],
        "circle": [circle.pk],
    }
    return reverse(f"accounts:{name}", args=pks.get(name, []))


@pytest.fixture
def admin(people: People, client: Client) -> Client:
    client.force_login(people.administrator, backend="accounts.backends.RoleBackend")
    return client


@pytest.mark.parametrize("screen", SCREENS)
def test_administrators_may(people: People, circle: Circle, admin: Client, screen: str) -> None:
    for language in ("nl", "en"):
        with translation.override(language):
            url = address(screen, people, circle)
        assert url.startswith({"nl": "/nl/beheer/", "en": "/en/manage/"}[language])
        assert admin.get(url).status_code == 200


@pytest.mark.parametrize("name", ["owner", "outsider", "provider", "agent", "curator"])
def test_others_may_not(people: People, circle: Circle, client: Client, name: str) -> None:
    client.force_login(getattr(people, name), backend="accounts.backends.RoleBackend")
    before = (User.objects.count(), Team.objects.count(), Organisation.objects.count(), RoleGrant.objects.count())
    for screen in SCREENS:
        url = address(screen, people, circle)
        assert client.get(url).status_code == 403, url
        assert client.post(url, {"name": "x", "email": "x@example.org"}).status_code == 403, url
    members = reverse("accounts:members", args=["team", people.hr.pk])
    assert client.post(members, {"email": "owner@t-waterland.example"}).status_code == 403
    assert before == (
        User.objects.count(),
        Team.objects.count(),
        Organisation.objects.count(),
        RoleGrant.objects.count(),
    )


def test_visitors_are_asked_to_sign_in(people: People, circle: Circle, client: Client) -> None:
    for screen in SCREENS:
        response = client.get(address(screen, people, circle))
        assert response.status_code == 302
        assert reverse("account_login") in response.url


def filled(person: User | None = None, **changes) -> dict:
    values = {
        "name": person.name if person else "Nieuwe Collega",
        "job_title": "",
        "language": "nl",
        "time_zone": "Europe/Amsterdam",
        "place": "",
        "is_active": "on",
    }
    if person is None:
        values["email"] = "nieuw@t-waterland.example"
    return values | changes


def test_add_somebody(people: People, admin: Client, mailoutbox, circle: Circle) -> None:
    url = reverse("accounts:add_person")
    data = filled(
        place=f"u:{people.unit.pk}", teams=[people.hr.pk], circles=[circle.pk], roles=["agent"], language="en"
    )
    assert admin.post(url, data).status_code == 302
    person = User.objects.get(email="nieuw@t-waterland.example")
    assert not person.has_usable_password()
    assert EmailAddress.objects.get(user=person).verified
    keys = viewer_for(person).keys
    assert {f"unit:{people.unit.pk}", f"team:{people.hr.pk}", f"circle:{circle.pk}"} <= keys
    assert person.has_perm("chat.answer")
    assert Group.objects.get(name="role:agent") in person.groups.all()
    (mail,) = mailoutbox
    assert mail.to == [person.email]
    assert mail.subject == "Your account at Vraagbaak"
    link = next(line for line in mail.body.splitlines() if line.startswith("http://127.0.0.1:8000/en/"))
    admin.logout()
    assert admin.get(link.removeprefix("http://127.0.0.1:8000"), follow=True).status_code == 200


def test_an_address_that_is_in_use_is_refused(people: People, admin: Client) -> None:
    for name in ("add_person", "invite"):
        response = admin.post(reverse(f"accounts:{name}"), filled(email="Owner@t-waterland.example"))
        assert response.status_code == 422
        assert response.context["form"].errors["email"]


def test_change_where_somebody_belongs(people: People, admin: Client) -> None:
    url = reverse("accounts:person", args=[people.owner.pk])
    admin.post(url, filled(people.owner, place=f"o:{people.other_business.pk}", place_2=f"u:{people.unit.pk}"))
    assert people.owner.memberships.count() == 2
    response = admin.post(url, filled(people.owner, place=f"o:{people.business.pk}", place_2=f"u:{people.unit.pk}"))
    assert "place_2" in response.context["form"].errors, "two places in one organisation"
    admin.post(url, filled(people.owner))
    assert not people.owner.memberships.exists()
    assert AuditEvent.objects.filter(event="accounts.memberships_changed", by=people.administrator).count() == 2


def test_the_last_administrator_stays(people: People, admin: Client) -> None:
    url = reverse("accounts:person", args=[people.administrator.pk])
    response = admin.post(url, filled(people.administrator, name="Other Name", roles=[]))
    assert response.context["form"].errors["roles"]
    response = admin.post(url, filled(people.administrator, roles=["administrator"], is_active=""))
    assert response.context["form"].errors["is_active"]
    people.administrator.refresh_from_db()
    assert people.administrator.is_active
    assert people.administrator.name == "Administrator", "nothing changes when a part is refused"
    assert people.administrator.role_grants.exists()


def test_another_administrator_may_be_replaced_but_not_the_last(people: People, admin: Client) -> None:
    RoleGrant.objects.create(user=people.curator, role="administrator")
    url = reverse("accounts:person", args=[people.curator.pk])
    assert admin.post(url, filled(people.curator, roles=["curator"])).status_code == 302
    assert not people.curator.role_grants.filter(role="administrator").exists()
    RoleGrant.objects.create(user=people.curator, role="administrator")
    RoleGrant.objects.filter(user=people.administrator).delete()
    people.administrator.is_superuser = True  # may, without being counted as administrator
    people.administrator.save()
    assert admin.post(url, filled(people.curator, roles=["curator"])).status_code == 422
    assert people.curator.role_grants.filter(role="administrator").exists()


def test_deactivating_somebody_ends_their_sessions(people: People, admin: Client) -> None:
    visitor = Client()
    visitor.force_login(people.agent, backend="accounts.backends.RoleBackend")
    assert visitor.get(reverse("accounts:profile")).status_code == 200
    url = reverse("accounts:person", args=[people.agent.pk])
    admin.post(url, filled(people.agent, roles=["agent"], is_active=""))
    assert visitor.get(reverse("accounts:profile")).status_code == 302
    assert Session.objects.count() == 1, "only the administrator's is left"
    assert people.agent not in Group.objects.get(name="role:agent").user_set.all()
    admin.post(url, filled(people.agent, roles=["agent"]))
    assert visitor.get(reverse("accounts:profile")).status_code == 302, "the old session stays gone"
    assert people.agent in Group.objects.get(name="role:agent").user_set.all()


def test_invitation_is_mailed_in_a_language_and_replaced_by_the_next(people: People, admin: Client, mailoutbox) -> None:
    data = {"email": "Gast@example.org", "place": f"u:{people.unit.pk}", "language": "en"}
    admin.post(reverse("accounts:invite"), data)
    first = Invitation.objects.get()
    assert (first.email, first.organisation, first.unit) == ("gast@example.org", people.business, people.unit)
    admin.post(reverse("accounts:invite"), data | {"language": "nl"})
    second = Invitation.objects.get()
    assert second.token_hash != first.token_hash
    assert [mail.subject for mail in mailoutbox] == [
        "You are invited to Vraagbaak",
        "Je bent uitgenodigd voor Vraagbaak",
    ]
    (token,) = re.findall(r"http://127.0.0.1:8000/nl/account/invited/(\S+)/", mailoutbox[1].body)
    assert second.token_hash == hashed(token)


def test_people_are_searched_and_filtered(people: People, admin: Client) -> None:
    def found(**query) -> set[str]:
        return {p.name for p in admin.get(reverse("accounts:people"), query).context["page_obj"]}

    assert found(q="OWNER@") == {"Owner"}
    assert found(organisation=people.business.pk) == {"Owner", "Colleague"}
    assert found(team=people.ict.pk) == {"Provider", "Ict Agent"}
    assert found(role="curator") == {"Curator"}
    assert found(state="no") == set()
    assert len(found(role="nonsense")) == User.objects.count()


def test_lists_cost_a_constant_number_of_queries(people: People, admin: Client, django_assert_max_num_queries) -> None:
    for n in range(40):
        User.objects.create_user(f"extra{n}@example.org", name=f"Extra {n}")
    for name, most in (("people", 20), ("organisations", 12), ("teams", 12), ("audit", 12)):
        with django_assert_max_num_queries(most):
            admin.get(reverse(f"accounts:{name}"))


def test_the_audit_log_shows_and_searches_event_labels(people: People, admin: Client) -> None:
    record("accounts.shut_out", by=people.agent, target=people.owner)
    record("chat.closed", by=people.agent, target="chat.conversation:7")

    def shown(query: str) -> list[str]:
        page = admin.get(reverse("accounts:audit"), {"q": query})
        assert b"accounts.shut_out" not in page.content
        return [event.name for event in page.context["page_obj"]]

    with translation.override("nl"):
        assert shown("de toegang ontzegd") == ["Persoon de toegang ontzegd"]
        assert shown("chat afgesloten") == shown("chat.closed") == ["Chat afgesloten"]


def test_an_event_without_a_label_cannot_be_recorded(people: People) -> None:
    with pytest.raises(ValueError, match=r"without a name.*chat\.vanished"):
        record("chat.vanished", by=people.agent)


def test_the_audit_log_shows_targets_and_details_in_words(
    people: People, admin: Client, django_assert_max_num_queries
) -> None:
    """Rows are shown by name if the administrator may see them, otherwise by kind. Deleted rows are marked.

    No key or field name is shown.
    """
    told = [
        ("accounts.teams_changed", people.owner, {"added": [people.hr.pk], "removed": []}),
        ("accounts.sign_in_failed", people.owner, {"times": 5}),
        ("accounts.shut_out", "accounts.user:987654", {}),
        ("accounts.roles_changed", people.owner, {"roles": ["curator"], "from_the": "command line"}),
        ("accounts.memberships_changed", people.agent, {"before": [f"organisation:{people.ssc.pk}"], "now": []}),
        ("accounts.signed_in", people.administrator, {}),
        ("accounts.audience_widened", "kb.topicpage:3", {"before": ["staff"], "after": None, "below": {"kb.faq": 2}}),
    ]
    for event, target, details in told:
        record(event, by=people.administrator if event.endswith("signed_in") else None, target=target, **details)
    circle = Circle.objects.create(name="Kring", slug="t-kring")
    CircleMembership.objects.create(circle=circle, user=people.owner)
    for title, key in (("Voor iedereen", audiences.PUBLIC), ("Geheim", audiences.circle(circle.pk))):
        make_space(f"t-{title[:3].lower()}", key)
        space = SpacePage.objects.get(slug=f"t-{title[:3].lower()}")
        row = ask(by=Person(people.owner), space=space, title=title, body="", language="nl")
        record("moderation.flagged", by=people.owner, target=row.key, reason="spam", flag=1)
    with django_assert_max_num_queries(40):
        page = admin.get(reverse("accounts:audit"))
    rows = [(r.event.who, str(r.target or ""), dict(r.details)) for r in page.context["rows"]]
    assert rows[::-1][: len(told)] == [
        ("Het systeem", "Owner", {"Erbij": "HR"}),
        ("Iemand die niet was ingelogd", "Owner", {"Aantal keer": "5"}),
        ("Het systeem", "Persoon (verwijderd)", {}),
        ("Het systeem", "Owner", {"Rollen": "kennisredacteur", "Via": "de opdrachtregel"}),
        ("Het systeem", "Agent", {"Eerst": "De Brug SSC", "Nu": "geen"}),
        ("Administrator", "", {}),
        (
            "Het systeem",
            "Onderwerp (verwijderd)",
            {"Eerst": "Medewerkers van het Shared Service Center", "Nu": "Wie een pagina mag zien waar het op staat",
             "Gingen mee": "2 FAQ’s"},
        ),
    ]  # fmt: skip
    flagged = [(who, target) for who, target, details in rows if details.get("Reden")]
    assert sorted(flagged) == [("Owner", "Voor iedereen"), ("Owner", "Vraag")]
    assert "Geheim" not in page.text
    now = timezone.localtime(AuditEvent.objects.latest("at").at)
    with translation.override("nl"):
        assert f"{now.day} {MONTHS[now.month]} {now.year}, {now:%H:%M:%S}</time>" in page.text
    assert f'href="{reverse("accounts:person", args=[people.owner.pk])}"' in page.text
    many = [record("accounts.let_in", by=None, target=person) for person in User.objects.all() for _time in range(4)]
    assert len(many) > 30
    with django_assert_max_num_queries(40):
        assert admin.get(reverse("accounts:audit"), {"q": "Owner"}).context["rows"]


def test_a_detail_without_a_label_cannot_be_recorded(people: People) -> None:
    with pytest.raises(ValueError, match=r"without a name.*shoe_size"):
        record("accounts.let_in", by=people.agent, target=people.owner, shoe_size=43)


def test_organisation_with_units(people: People, admin: Client) -> None:
    admin.post(reverse("accounts:add_organisation"), {"name": "Waterland", "name_en": "", "kind": "provider"})
    row = Organisation.objects.get(kind="provider", name="Waterland")
    assert row.slug == "waterland"
    admin.post(reverse("accounts:organisation", args=[row.pk]), {"name": "Waterweg", "kind": "ssc"})
    row.refresh_from_db()
    assert (row.name, row.kind) == ("Waterweg", "provider"), "the kind stays"
    admin.post(reverse("accounts:add_unit", args=[row.pk]), {"name": "Noord"})
    noord = Unit.objects.get(name="Noord")
    admin.post(reverse("accounts:add_unit", args=[row.pk]), {"name": "Kade", "parent": noord.pk})
    kade = Unit.objects.get(name="Kade")
    assert kade.get_parent() == noord
    refused = admin.post(reverse("accounts:add_unit", args=[row.pk]), {"name": "X", "parent": people.unit.pk})
    assert refused.context["form"].errors["parent"], "a unit of another organisation"
    admin.post(reverse("accounts:unit", args=[row.pk, kade.pk]), {"name": "Kades", "name_en": "Quays"})
    kade.refresh_from_db()
    assert kade.name_en == "Quays"
    delete = reverse("accounts:unit", args=[row.pk, noord.pk])
    assert "Noord" in admin.post(delete, {"name": "Noord", "delete": "1"}).content.decode()
    assert Unit.objects.filter(pk=noord.pk).exists(), "there is a unit below it"
    admin.post(reverse("accounts:unit", args=[row.pk, kade.pk]), {"name": "Kades", "delete": "1"})
    admin.post(delete, {"name": "Noord", "delete": "1"})
    assert not Unit.objects.filter(organisation=row).exists()
    assert admin.get(reverse("accounts:unit", args=[row.pk, people.unit.pk])).status_code == 404


def team_data(people: People, **changes) -> dict:
    return {
        "name": "Salaris",
        "organisation": people.ssc.pk,
        "time_zone": "America/Curacao",
        "country": "cw",
        "languages": ["nl"],
        "takes_chats": "on",
    } | changes


def test_team_and_its_members(people: People, admin: Client) -> None:
    admin.post(reverse("accounts:add_team"), team_data(people, parent=people.hr.pk))
    team = Team.objects.get(name="Salaris")
    assert (team.country, team.languages, team.parent) == ("CW", "nl", people.hr)
    url = reverse("accounts:team", args=[people.hr.pk])
    response = admin.post(url, team_data(people, parent=team.pk))
    assert "parent" in response.context["form"].errors, "no circles"
    business = admin.post(url, team_data(people, organisation=people.business.pk))
    assert "organisation" in business.context["form"].errors, "teams answer for the SSC or a provider"
    members = reverse("accounts:members", args=["team", team.pk])
    admin.post(members, {"email": people.owner.email.upper()})
    assert list(team.people.all()) == [people.owner]
    assert admin.post(members, {"email": "nobody@example.org"}).context["member_form"].errors
    admin.post(members, {"remove": people.owner.pk})
    assert not team.people.exists()
    assert admin.post(reverse("accounts:members", args=["choir", 1]), {}).status_code == 404


def test_circle_and_its_members(people: People, admin: Client) -> None:
    admin.post(reverse("accounts:add_circle"), {"name": "Kern", "name_en": "Core"})
    circle = Circle.objects.get(name="Kern")
    admin.post(reverse("accounts:members", args=["circle", circle.pk]), {"email": people.outsider.email})
    assert f"circle:{circle.pk}" in viewer_for(people.outsider).keys
    assert admin.get(reverse("accounts:circle", args=[circle.pk])).status_code == 200
    assert AuditEvent.objects.filter(event="accounts.member_added", target=f"accounts.circle:{circle.pk}").exists()
