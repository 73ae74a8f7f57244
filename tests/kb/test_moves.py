"""Moving pages and taking sources offline also change who can read something. The confirmation page says so, and what
would leave rows without readers is refused."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from accounts import audiences
from accounts.audiences import PUBLIC, STAFF, Person
from accounts.models import Audience, AuditEvent, Circle, CircleMembership, Team
from accounts.widening_form import question
from community import actions as community
from community.models import CommunityIndexPage, SpacePage
from kb.addresses import page_url
from kb.models import ArticlePage, Faq, TopicPage
from kb.models.moves import NobodyLeft
from tests.community.conftest import make_space
from tests.kb.conftest import make_article, make_faq, make_topic
from tests.kb.test_pages import client_of
from tests.kb.test_widening import PUBLISH, editor, keys, readers_of, typed
from tests.people import People

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator(people: People) -> Client:
    """Return the curator's browser; the curator is in the HR team and in a circle."""
    circle = Circle.objects.create(name="Kring", slug="t-kring")
    CircleMembership.objects.create(circle=circle, user=people.curator)
    return client_of(people, "curator")


@pytest.fixture
def kring(curator: Client) -> str:
    """Return the circle's key."""
    return audiences.circle(Circle.objects.get().pk)


def parent_of(page: Page) -> int:
    """Return the pk of the page above."""
    return int(Page.objects.get(pk=page.pk).get_parent().pk)


def move_path(page: Page, parent: Page) -> str:
    """Return the address where a move is confirmed."""
    return reverse("wagtailadmin_pages:move_confirm", args=[page.pk, parent.pk])


def test_a_move_that_leaves_something_without_readers_is_refused(people: People, curator: Client, kring: str) -> None:
    """The page, or an article or FAQ below it: the refusal names it, also in bulk, and nothing is written. Rows that
    are hidden from the mover are mentioned without a name."""
    hr = make_topic("Van HR", {audiences.team(people.hr.pk)})
    page = make_topic("Van de kring", {kring})
    topic = make_topic("Beide", {kring, audiences.team(people.hr.pk)})
    make_article("Daaronder", {kring}, topic)
    make_faq("Wie blijft?", {kring}, topic)
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "move"])
    for moved, named in ((page, ("“Van de kring”",)), (topic, ("“Daaronder”", "“Wie blijft?”"))):
        before = parent_of(moved)
        answers = [
            curator.get(move_path(moved, hr), follow=True),
            curator.post(move_path(moved, hr), follow=True),
            curator.post(f"{bulk}?id={moved.pk}", {"chooser": hr.pk}, follow=True),
        ]
        for answer in answers:
            text = answer.content.decode()
            assert "Niet verplaatst. Niemand zou" in text, moved
            assert [name for name in named if name not in text] == [], moved
        assert parent_of(moved) == before
        with pytest.raises(NobodyLeft), transaction.atomic():
            moved.move(TopicPage.objects.get(pk=hr.pk), "last-child")
    faq = Faq.objects.get(question="Wie blijft?")
    faq.own_audience = Audience.objects.of({audiences.user(people.owner.pk)})
    faq.save_revision()  # a draft that the curator may not see: the FAQ does not exist for them
    text = curator.get(move_path(topic, hr), follow=True).content.decode()
    assert "“Daaronder”" in text
    assert "Wie blijft?" not in text
    assert "Er zou iets dat niet voor jou is zonder lezers overblijven." in text


def test_who_reads_it_once_it_is_moved_is_said(people: People, curator: Client) -> None:
    closed = make_topic("Dicht", {STAFF})
    topic = make_topic("Open", {PUBLIC})
    make_faq("Gaat mee?", {PUBLIC}, topic)
    text = curator.get(move_path(topic, closed)).content.decode()
    assert "alleen door deze lezers gelezen: medewerkers van het Shared Service Center" in text
    assert "Ook de lezers van 1 FAQ daaronder veranderen." in text
    assert keys(topic) == {PUBLIC}, "asking changes nothing"
    assert parent_of(topic) != closed.pk
    assert curator.post(move_path(topic, closed)).status_code == 302
    assert (keys(topic), keys(Faq.objects.get()), parent_of(topic)) == ({STAFF}, {STAFF}, closed.pk)


def test_a_topic_is_not_narrowed_past_the_readers_of_what_is_below(people: People, curator: Client, kring: str) -> None:
    topic = make_topic("Beide", {kring, audiences.team(people.hr.pk)})
    make_faq("Wie blijft?", {kring}, topic)
    hr = {audiences.team(people.hr.pk)}
    text = curator.post(editor(topic), typed(curator, topic, hr, **PUBLISH)).content.decode()
    assert "Niemand zou “Wie blijft?” nog kunnen lezen." in text
    dialog = curator.post(readers_of(topic), {"own_audience": sorted(hr)} | PUBLISH).json()["dialog"]
    assert "Niemand zou “Wie blijft?” nog kunnen lezen." in dialog
    assert "data-readers-yes" not in dialog
    assert keys(topic) == {kring, *hr}


def test_an_faq_does_not_go_to_a_topic_where_nobody_reads_it(people: People, curator: Client, kring: str) -> None:
    faq = make_faq("Wie blijft?", {kring}, make_topic("Open", {PUBLIC}))
    hr = make_topic("Van HR", {audiences.team(people.hr.pk)})
    sent = typed(curator, faq, {kring}, **PUBLISH) | {"topic": hr.pk}
    assert "zelf niet meer" in curator.post(editor(faq), sent).content.decode()
    assert keys(faq) == {kring}


def test_approving_and_bulk_publishing_leave_readers(people: People, curator: Client, kring: str) -> None:
    hr = audiences.team(people.hr.pk)
    topic = make_topic("Beide", {kring, hr})
    faq, article = make_faq("Wie blijft?", {kring, hr}, topic), make_article("Stuk", {kring, hr}, topic)
    for row in (faq, article):
        row.own_audience = Audience.objects.of({kring})
        row.save_revision()
    topic = TopicPage.objects.get(pk=topic.pk)
    topic.own_audience = Audience.objects.of({hr})
    topic.save()  # the drafts are for the circle, which no longer sees the topic
    state = Faq.objects.get(pk=faq.pk).get_workflow().start(faq, people.agent)
    step = state.current_task_state.pk
    approve = reverse("wagtailsnippets_kb_faq:workflow_action", args=[faq.pk, "approve", step])
    assert "Niet goedgekeurd. Niemand zou “Wie blijft?”" in curator.post(approve, follow=True).content.decode()
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    text = curator.post(f"{bulk}?id={article.pk}", follow=True).content.decode()
    assert "Er is niets gepubliceerd. Niemand zou “Stuk” nog kunnen lezen." in text
    assert keys(faq) == keys(article) == {hr}


def test_a_space_is_not_moved_to_where_nobody_reads_it(people: People) -> None:
    """A space is not narrowed to nobody either: its questions count. (/cms/ moves nothing to another language.)"""
    team = Team.objects.create(name="Samen", slug="t-samen", organisation=people.ssc)
    for each in (people.hr, team):
        people.administrator.team_memberships.create(team=each)
    space = make_space("t-balie", audiences.team(people.hr.pk), audiences.team(team.pk))
    own = Audience.objects.of({audiences.team(team.pk)})
    asked = community.ask(
        by=Person(people.administrator), space=space, title="Wie blijft?", body="", language="nl", audience=own
    )
    index = CommunityIndexPage.objects.get(locale__language_code="en")
    index.own_audience = Audience.objects.of({audiences.team(people.hr.pk)})
    index.save()
    with pytest.raises(NobodyLeft) as refused, transaction.atomic():
        space.move(index, "last-child")
    assert refused.value.emptied == {"community.question": {asked.pk}}
    client = client_of(people, "administrator")
    sent = typed(client, space, {audiences.team(people.hr.pk)}, **PUBLISH)
    assert "Niemand zou “Wie blijft?” nog kunnen lezen." in client.post(editor(space), sent).content.decode()
    assert SpacePage.objects.get(pk=space.pk).get_parent().pk != index.pk
    assert keys(space) == {audiences.team(people.hr.pk), audiences.team(team.pk)}


def test_a_copy_is_not_made_where_nobody_reads_it(people: People, curator: Client, kring: str) -> None:
    article = make_article("Voor de kring", {kring}, make_topic("Open", {PUBLIC}))
    hr = make_topic("Van HR", {audiences.team(people.hr.pk)})
    sent = {"new_title": "Kopie", "new_slug": "kopie", "new_parent_page": hr.pk}
    for alias in ({}, {"alias": "on"}):
        answer = curator.post(reverse("wagtailadmin_pages:copy", args=[article.pk]), sent | alias)
        assert "Niemand zou de kopie daar kunnen lezen" in answer.content.decode()
    assert ArticlePage.objects.filter(alias_of=None).count() == ArticlePage.objects.count()
    assert not ArticlePage.objects.filter(slug="kopie").exists()


def test_what_is_hidden_below_is_not_counted(people: People, curator: Client) -> None:
    """The question before widening a topic is the same whether one or several rows below are hidden from the editor."""
    topic = make_topic("Dicht", {STAFF})
    make_faq("Gezien?", {PUBLIC}, topic)
    theirs = Audience.objects.of({audiences.user(people.owner.pk)})
    dialogs = []
    for n in range(3):
        dialogs.append(curator.post(readers_of(topic), {"own_audience": "public"} | PUBLISH).json()["dialog"])
        faq = make_faq(f"Van hen {n}?", {PUBLIC}, topic)
        faq.own_audience = theirs
        faq.save_revision()
    assert all("1 FAQ" in dialog for dialog in dialogs), dialogs
    assert "niet voor jou" not in dialogs[0]
    assert "Het geldt ook voor iets daaronder dat niet voor jou is." in dialogs[1]
    assert dialogs[1] == dialogs[2]
    topic.own_audience = Audience.objects.of({PUBLIC})
    asked = question(topic, None)
    assert asked
    assert (len(asked.change.below["kb.faq"]), asked.more) == (4, False)


def test_aliases_go_offline_with_their_source_and_that_is_said_and_written_down(
    people: People, curator: Client
) -> None:
    """Also an alias below a page that the curator cannot see: it has no text of its own."""
    theirs = make_topic("Van hen", {audiences.team(people.ict.pk)})
    article = make_article("Stuk", {PUBLIC}, make_topic("Bron", {PUBLIC}))
    seen = article.create_alias(parent=make_topic("Elders", {PUBLIC}), update_slug="stuk-2")
    hidden = article.create_alias(parent=TopicPage.objects.get(pk=theirs.pk), update_slug="stuk-3")
    assert keys(hidden) == {audiences.team(people.ict.pk)}
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])
    unpublish = reverse("wagtailadmin_pages:unpublish", args=[article.pk])
    for path in (unpublish, reverse("wagtailadmin_pages:delete", args=[article.pk]), f"{bulk}?id={article.pk}"):
        text = curator.get(path).content.decode()
        assert "Aliassen gaan samen met hun bron offline: “Stuk”." in text, path
        assert "Aliassen die niet voor jou zijn, gaan ook samen met hun bron offline." in text, path
    assert "Aliassen" not in curator.get(reverse("wagtailadmin_pages:unpublish", args=[seen.pk])).content.decode()
    curator.post(unpublish)
    assert not ArticlePage.objects.filter(pk__in=[article.pk, seen.pk, hidden.pk], live=True).exists()
    events = AuditEvent.objects.filter(event="kb.unpublish_page", details__has_key="source").order_by("target")
    assert [(e.target, e.by, e.details["source"]) for e in events] == [
        (f"kb.articlepage:{alias.pk}", people.curator, f"kb.articlepage:{article.pk}") for alias in (seen, hidden)
    ]


def test_the_old_address_of_a_moved_page_leads_only_who_may_see_it(people: People, curator: Client) -> None:
    """Wagtail leaves redirects for a moved page and the pages below it. For people who may not see the page they are
    "not found"."""
    topic, closed = make_topic("Open", {PUBLIC}), make_topic("Dicht", {STAFF})
    article = make_article("Stuk", {PUBLIC}, topic)
    old = [page_url(topic), page_url(article)]
    assert curator.post(move_path(topic, closed)).status_code == 302
    assert Redirect.objects.filter(automatically_created=True).count() == 2
    for address, page in zip(old, (TopicPage.objects.get(pk=topic.pk), ArticlePage.objects.get()), strict=True):
        assert client_of(people, "agent").get(address).headers.get("Location") == page_url(page)
        for name in ("owner", "outsider", "anonymous"):
            found, nothing = (client_of(people, name).get(path) for path in (address, "/nl/er-is-niets/"))
            assert (found.status_code, nothing.status_code) == (404, 404), name
            assert "dicht" not in found.content.decode().lower(), name
