"""Only the action `widen_audience` widens an audience: every kind of row × every way of saving, by named people."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, Page
from wagtail.test.utils.form_data import querydict_from_html

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience, AuditEvent, Circle, CircleMembership, TeamMembership
from accounts.widening import Audienced, widen_audience
from community import actions as community
from community.models import CommunityIndexPage, SpacePage
from files.models import Attachment, Picture
from kb.models import ArticlePage, Faq, HomePage, TopicPage
from tests.community.conftest import make_space
from tests.files.test_serving import make_attachment, make_picture
from tests.kb.conftest import Shelf, make_article, make_faq, make_topic
from tests.kb.test_actions import draft
from tests.kb.test_pages import client_of

pytestmark = pytest.mark.django_db
STAFF, PUBLIC = {audiences.STAFF}, {audiences.PUBLIC}


@pytest.fixture
def rows(shelf: Shelf) -> dict[str, Audienced]:
    """Return a row of each kind that only staff may read, below pages that everyone may read."""
    topic = make_topic("Binnen", STAFF)
    unpublished = make_article("Nog niet", STAFF, shelf.topic)
    unpublished.unpublish()
    english = HomePage.objects.get(locale__language_code="en")
    english.own_audience = Audience.objects.of(STAFF)
    english.save()
    return {
        "home": english,
        "topic": topic,
        "article": make_article("Binnenkort", STAFF, shelf.topic),
        "draft article": ArticlePage.objects.get(pk=unpublished.pk),
        "FAQ": make_faq("Wie heeft de sleutel?", STAFF, shelf.topic),
        "draft FAQ": draft(shelf),
        "space": make_space("t-balie", *STAFF),
        "picture": make_picture(STAFF),
        "document": make_attachment(STAFF),
    }


def stored(row: Audienced) -> Any:
    """Return the row as stored."""
    return type(row)._base_manager.select_related("audience").get(pk=row.pk)


def keys(row: Audienced) -> set[str]:
    """Return the stored audience keys."""
    return set(stored(row).audience.key_set)


def wishing(row: Audienced, wish: set[str]) -> Any:
    """Return the latest draft of a row, with another audience chosen."""
    latest = stored(row)
    if hasattr(latest, "get_latest_revision_as_object"):
        latest = latest.get_latest_revision_as_object()
    setattr(latest, row.audience_fields[0], Audience.objects.of(wish))
    return latest


def editor(row: Audienced) -> str:
    """Return the address of its editor."""
    names = {Picture: "wagtailimages:edit", Attachment: "wagtaildocs:edit", Faq: "wagtailsnippets_kb_faq:edit"}
    return reverse(names.get(type(row), "wagtailadmin_pages:edit"), args=[row.pk])


def typed(client: Client, row: Audienced, wish: set[str], **more: str) -> dict[str, Any]:
    """Return what the editor's form sends with an audience ticked and nothing else changed."""
    page = client.get(editor(row))
    assert page.status_code == 200, (row, page.status_code, page.headers.get("Location"))
    html = page.content.decode()
    start = next(
        m.start()
        for m in re.finditer("<form", html)
        if f'name="{row.audience_fields[0]}"' in html[m.start() :].partition("</form")[0]
    )
    sent = dict(querydict_from_html(html[start:].partition("</form>")[0] + "</form>").lists())
    if isinstance(row, ArticlePage):
        sent["body-count"] = "0"  # its blocks are rendered by JavaScript
    return sent | {row.audience_fields[0]: sorted(wish)} | more


def editor_of(shelf: Shelf, row: Audienced) -> Client:
    """Return somebody who manages and reads the row: the curator, or for a space an administrator in an SSC team."""
    if isinstance(row, SpacePage):
        TeamMembership.objects.get_or_create(user=shelf.people.administrator, team=shelf.people.hr)
        return client_of(shelf.people, "administrator")
    return client_of(shelf.people, "curator")


PUBLISH = {"action-publish": "1"}


def saved(row: Any) -> None:
    row.save(**({"clean": False} if isinstance(row, Page) else {}))


def published(row: Any) -> None:
    row.save_revision(clean=False).publish()


def scheduled(row: Any) -> None:
    revision = row.save_revision(clean=False)
    revision.approved_go_live_at = timezone.now() - timedelta(minutes=1)
    revision.save()
    call_command("publish_scheduled")


def reverted(row: Any) -> None:
    old = row.save_revision(clean=False)
    stored(row).save_revision(clean=False)
    old.publish()


WAYS: dict[str, Callable[[Any], None]] = {
    "saved": saved,
    "published": published,
    "scheduled": scheduled,
    "reverted": reverted,
}


def test_no_way_of_saving_widens(rows: dict[str, Audienced]) -> None:
    wider = []
    for kind, row in rows.items():
        for way, save in WAYS.items():
            if way == "saved" or hasattr(row, "latest_revision_id"):
                save(wishing(row, PUBLIC))
                if keys(row) != STAFF:
                    wider.append((kind, way, keys(row)))
    assert not wider
    assert not AuditEvent.objects.filter(event="accounts.audience_widened").exists()


def test_a_wish_stays_in_the_draft(rows: dict[str, Audienced]) -> None:
    """The editor opens with the chosen audience, so that only the confirmation is left to do."""
    for kind in ("article", "draft article", "FAQ", "draft FAQ"):
        wishing(rows[kind], PUBLIC).save_revision(clean=False)
        draft_row = stored(rows[kind]).get_latest_revision_as_object()
        assert draft_row.own_audience.key_set == PUBLIC, kind
        assert keys(rows[kind]) == STAFF, kind


def test_the_editor_asks_on_top_and_keeps_what_was_typed(shelf: Shelf, rows: dict[str, Audienced]) -> None:
    wrong = []
    for kind, row in rows.items():
        client = editor_of(shelf, row)
        name = "question" if isinstance(row, Faq) else "title"
        sent = typed(client, row, PUBLIC, **PUBLISH) | {name: "Nieuwe titel"}
        asked = client.post(editor(row), sent)
        text = asked.content.decode()
        expected = ['name="action-publish" value="public"', "iedereen, ook zonder in te loggen", "Nieuwe titel"]
        wrong += [(kind, asked.status_code, part) for part in expected if part not in text]
        if [message.level_tag for message in asked.context["messages"]] != ["warning"]:
            wrong.append((kind, "a question is no failure"))
        if keys(row) != STAFF:
            wrong.append((kind, "widened without a yes"))
        refused = client.post(editor(row), sent | {"confirm_widening": "employees"})
        if keys(row) != STAFF or refused.status_code != 200:
            wrong.append((kind, "took a yes to something else"))
        done = client.post(editor(row), sent | {"confirm_widening": "public"})
        if done.status_code != 302 or keys(row) != PUBLIC:
            wrong.append((kind, "not widened after a yes", done.status_code, keys(row)))
        events = AuditEvent.objects.filter(
            event="accounts.audience_widened", target=f"{row._meta.label_lower}:{row.pk}"
        )
        told = [(e.details["before"], e.details["after"], e.by is not None) for e in events]
        if told != [(["staff"], ["public"], True)]:
            wrong.append((kind, "audit", told))
    assert not wrong


def test_drafts_and_autosave_never_widen(shelf: Shelf, rows: dict[str, Audienced]) -> None:
    wrong = []
    for kind, row in rows.items():
        if isinstance(row, Picture | Attachment):
            continue
        client = editor_of(shelf, row)
        for headers in ({}, {"Accept": "application/json"}):
            sent = typed(client, row, PUBLIC) | {"confirm_widening": "public"}
            answer = client.post(editor(row), sent, headers=headers)
            if keys(row) != STAFF or answer.status_code not in {200, 302}:
                wrong.append((kind, headers, answer.status_code, keys(row)))
    assert not wrong


def test_narrowing_asks_nothing_and_is_written_down(shelf: Shelf, rows: dict[str, Audienced]) -> None:
    team = {audiences.team(shelf.people.hr.pk)}
    wrong = []
    for kind, row in rows.items():
        client = editor_of(shelf, row)
        widen_audience(by=None, row=stored(row), audience=Audience.objects.of(PUBLIC))
        answer = client.post(editor(row), typed(client, row, team, **PUBLISH))
        events = AuditEvent.objects.filter(event__contains="audience", target=f"{row._meta.label_lower}:{row.pk}")
        event = events.order_by("pk").last()
        seen = event and (event.event, event.details["before"], event.details["after"], event.by_id is not None)
        if keys(row) != team or seen != ("accounts.audience_narrowed", ["public"], sorted(team), True):
            wrong.append((kind, answer.status_code, keys(row), seen))
    assert not wrong


def test_moving_copying_and_translating_never_widens(shelf: Shelf) -> None:
    """A page that inherits a closed audience keeps it when it is moved or copied."""
    closed, open_ = make_topic("Dicht", STAFF), make_topic("Open", PUBLIC)
    english = Locale.objects.get(language_code="en")

    def page(title: str) -> ArticlePage:
        made = closed.add_child(instance=ArticlePage(title=title, locale=closed.locale, live=True))
        made.save_revision()
        return ArticlePage.objects.get(pk=made.pk)

    def reload(row: TopicPage) -> TopicPage:
        return TopicPage.objects.get(pk=row.pk)

    page("Verplaatst").move(reload(open_), "last-child")
    page("Bron").copy(to=reload(open_), update_attrs={"title": "Kopie", "slug": "kopie"}, keep_live=True)
    page("Echo").create_alias(parent=reload(open_), update_slug="echo-2")
    make_topic("Open too", PUBLIC, "en")
    copy = page("Vertaald").copy_for_translation(english, copy_parents=True)
    found = {p.title: set(p.audience.key_set) for p in ArticlePage.objects.child_of(reload(open_))}
    found["Vertaald"] = keys(copy)
    assert found == {"Verplaatst": STAFF, "Kopie": STAFF, "Echo": STAFF, "Vertaald": STAFF}
    reload(closed).move(reload(open_), "last-child")
    assert keys(closed) == STAFF
    copied = ArticlePage.objects.get(title="Kopie")
    copied.get_latest_revision().publish()
    assert keys(copied) == STAFF


def test_an_alias_is_never_wider_than_its_source(shelf: Shelf) -> None:
    """Publishing the source fills the alias with its text, so the alias is narrowed with it, in whatever way."""
    topic, other = make_topic("Bron", PUBLIC), make_topic("Elders", PUBLIC)
    article = make_article("Stuk", PUBLIC, topic)
    alias = article.create_alias(parent=TopicPage.objects.get(pk=other.pk), update_slug="stuk-2")
    echo = alias.create_alias(parent=TopicPage.objects.get(pk=other.pk), update_slug="stuk-3")

    def publish(title: str, audience: set[str]) -> None:
        page = ArticlePage.objects.get(pk=article.pk)
        page.title, page.own_audience = title, Audience.objects.of(audience)
        page.save_revision().publish()

    def seen() -> list[tuple[str, set[str]]]:
        return [(p.title, set(p.audience.key_set)) for p in ArticlePage.objects.filter(pk__in=[alias.pk, echo.pk])]

    topic = TopicPage.objects.get(pk=topic.pk)
    topic.own_audience = Audience.objects.of(STAFF)
    topic.save()
    publish("In een dicht onderwerp", PUBLIC)
    assert seen() == [("In een dicht onderwerp", STAFF)] * 2
    widen_audience(by=None, row=TopicPage.objects.get(pk=topic.pk), audience=Audience.objects.of(PUBLIC))
    assert seen() == [("In een dicht onderwerp", PUBLIC)] * 2
    publish("Alleen voor ons", STAFF)
    assert seen() == [("Alleen voor ons", STAFF)] * 2


def test_an_faq_in_another_topic_or_language_keeps_its_readers(shelf: Shelf) -> None:
    closed = make_topic("Dicht", STAFF)
    faq = make_faq("Wie mag dit lezen?", PUBLIC, closed)
    assert keys(faq) == STAFF
    faq.topic = shelf.topic
    faq.save_revision().publish()
    assert (keys(faq), stored(faq).topic_id) == (STAFF, shelf.topic.pk)
    english = Locale.objects.get(language_code="en")
    other = make_faq("Nog een?", PUBLIC, closed).copy_for_translation(english)
    other.topic = make_topic("Leave", PUBLIC, "en")
    other.save()
    assert keys(other) == STAFF


def test_bulk_publishing_refuses_what_would_get_more_readers(shelf: Shelf) -> None:
    """Nothing is published then, not even pages whose readers would stay the same. Drafts below count as well."""
    topic = make_topic("Reizen", PUBLIC)
    article, other = make_article("Binnenkort", STAFF, topic), make_article("Klaar", PUBLIC, topic)
    team = {audiences.team(shelf.people.hr.pk), audiences.EMPLOYEES}  # fewer readers of one group, more of another
    wishing(article, team).save_revision()
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    client = client_of(shelf.people, "curator")
    for query, sent in ((f"id={article.pk}&id={other.pk}", {}), (f"id={topic.pk}", {"include_descendants": "on"})):
        text = client.post(f"{url}?{query}", sent, follow=True).content.decode()
        assert "Er is niets gepubliceerd: “Binnenkort” zou meer lezers krijgen." in text, query
        assert stored(article).has_unpublished_changes, query
        assert keys(article) == STAFF, query
        stored(article).unpublish()
    response = client.post(f"{url}?id={other.pk}", {}, follow=True)
    assert response.redirect_chain == [(reverse("wagtailadmin_explore", args=[topic.pk]), 302)]
    assert "1 pagina is gepubliceerd" in response.content.decode()


def test_approving_without_the_editor_is_refused_where_more_would_read(
    shelf: Shelf, rows: dict[str, Audienced]
) -> None:
    """The editor opens instead, and asks."""
    wrong, client = [], client_of(shelf.people, "curator")
    for kind, name in (("FAQ", "wagtailsnippets_kb_faq"), ("article", "wagtailadmin_pages")):
        row = stored(rows[kind])
        wishing(row, PUBLIC).save_revision()
        state = stored(row).get_workflow().start(stored(row), shelf.people.agent)
        path = reverse(f"{name}:workflow_action", args=[row.pk, "approve", state.current_task_state.pk])
        response = client.post(path, follow=True)
        told = f"“{row}” zou meer lezers krijgen" in response.content.decode()
        state.refresh_from_db()
        if not told or response.redirect_chain[-1][0] != editor(row) or state.status != state.STATUS_IN_PROGRESS:
            wrong.append((kind, response.redirect_chain, state.status))
        wishing(row, STAFF).save_revision()
        done = client.post(path, headers={"x-requested-with": "XMLHttpRequest"})
        state.refresh_from_db()
        if done.status_code != 200 or state.status != state.STATUS_APPROVED or keys(row) != STAFF:
            wrong.append((kind, "not approved", done.status_code, state.status))
    assert not wrong


def readers_of(row: Any) -> str:
    """Return the address where the editor asks who could read it."""
    return reverse("readers", args=[row._meta.app_label, row._meta.model_name, row.pk])


def test_wider_than_what_stands_above_is_told_beside_the_choice(shelf: Shelf) -> None:
    """It is saved anyway: the topic may be widened later."""
    closed = make_topic("Dicht", STAFF)
    faq, article = make_faq("Wie leest dit?", PUBLIC, closed), make_article("Binnen", PUBLIC, closed)
    nobody = make_topic("Van hen", {audiences.team(shelf.people.ict.pk)})
    expected = {
        faq: ("Het onderwerp", "The topic"),
        article: ("De pagina hierboven", "The page above"),
    }
    client, wrong = client_of(shelf.people, "curator"), []
    for row, (dutch, english) in expected.items():
        said = {
            "nl": f"{dutch} is alleen voor medewerkers van het Shared Service Center, dus alleen zij lezen dit.",
            "en": f"{english} is only for staff of the Shared Service Center, so only they read this.",
        }
        for language, text in said.items():
            headers = {"Accept-Language": language}
            opened = client.get(editor(row), headers=headers).content.decode()
            sent = {"own_audience": "public", "topic": closed.pk}
            answer = client.post(readers_of(row), sent, headers=headers).json()
            if text not in opened or answer != {"beside": text, "dialog": ""}:
                wrong.append((row, language, answer))
        if client.post(editor(row), typed(client, row, PUBLIC)).status_code != 302:
            wrong.append((row, "not saved"))
    audiences_before = Audience.objects.count()
    chosen = [audiences.team(shelf.people.hr.pk), audiences.EMPLOYEES]
    answer = client.post(readers_of(faq), {"own_audience": chosen, "topic": shelf.topic.pk}).json()
    new = reverse("readers_new", args=["kb", "faq"])
    assert client.post(new, {"own_audience": "public", "topic": closed.pk}).json()["beside"].startswith("Het onderwerp")
    assert client.post(new, {"own_audience": "public", "topic": nobody.pk}).status_code == 404
    assert client.post(new, {"own_audience": "nonsense", "topic": closed.pk}).json()["beside"] == ""
    assert answer["beside"] == "Hiermee kunnen meer mensen dit lezen. Als je publiceert, vragen we eerst of dat klopt."
    assert Audience.objects.count() == audiences_before, "asking stores nothing"
    assert not wrong


def test_what_is_asked_in_the_editor_is_what_the_server_asks(shelf: Shelf) -> None:
    topic = make_topic("Dicht", STAFF)
    make_faq("Volgt?", PUBLIC, topic)
    client = client_of(shelf.people, "curator")
    asked = client.post(readers_of(topic), {"own_audience": "public", "form": "page-edit-form"} | PUBLISH).json()
    for part in ("iedereen, ook zonder in te loggen", "1 FAQ", 'name="action-publish" value="public"', "Terug"):
        assert part in asked["dialog"], part
    reviewed = {"action-workflow-action": "true", "workflow-action-name": "approve", "own_audience": "public"}
    text = client.post(readers_of(topic), reviewed).json()["dialog"]
    assert 'name="action-workflow-action" value="public"' in text
    assert 'name="workflow-action-name" value="approve"' in text
    assert "workflow-action-extra-data" not in text
    assert client.post(readers_of(topic), {"own_audience": "public"}).json()["dialog"] == "", "a draft asks nothing"
    done = client.post(editor(topic), typed(client, topic, PUBLIC) | {"action-publish": "public"})
    assert (done.status_code, keys(topic)) == (302, PUBLIC)


def home_above_a_space() -> HomePage:
    """Return the Dutch home page, now for staff only, and an open space below it."""
    make_space("t-open", *PUBLIC)
    home = HomePage.objects.get(locale__language_code="nl")
    home.own_audience = Audience.objects.of(STAFF)
    home.save()
    return home


def test_who_may_not_widen_is_told_whom_to_ask(shelf: Shelf) -> None:
    home = home_above_a_space()
    client = client_of(shelf.people, "curator")
    sent = {"own_audience": "public"} | PUBLISH
    assert "vraag een beheerder wie dat wel mag" in client.post(readers_of(home), sent).json()["dialog"]
    shelf.people.ict_agent.role_grants.create(role="curator")
    shelf.people.ict_agent.role_grants.create(role="administrator")
    for text in (
        client.post(readers_of(home), sent).json()["dialog"],
        client.post(editor(home), typed(client, home, PUBLIC, **PUBLISH)).content.decode(),
    ):
        assert "vraag het aan Ict Agent" in text
        assert "data-readers-yes" not in text
    assert keys(home) == STAFF


def test_a_wider_topic_says_what_follows(shelf: Shelf) -> None:
    topic = make_topic("Dicht", STAFF)
    make_faq("Eerste?", PUBLIC, topic)
    make_faq("Tweede?", PUBLIC, topic)
    make_faq("Blijft?", STAFF, topic)
    article = make_article("Volgt", PUBLIC, TopicPage.objects.get(pk=topic.pk))
    client = client_of(shelf.people, "curator")
    sent = typed(client, topic, PUBLIC, **PUBLISH)
    text = client.post(editor(topic), sent).content.decode()
    assert "2 FAQ’s" in text or "2 FAQ's" in text, "the FAQs that follow are counted"
    assert "1 artikel" in text
    assert (keys(article), AuditEvent.objects.filter(event__contains="audience").count()) == (STAFF, 0)
    client.post(editor(topic), sent | {"confirm_widening": "public"})
    assert keys(article) == PUBLIC
    event = AuditEvent.objects.get(event="accounts.audience_widened")
    assert event.details["below"] == {"kb.faq": 2, "kb.articlepage": 1}


def test_who_may_widen(shelf: Shelf, rows: dict[str, Audienced]) -> None:
    """Curators widen what they may read; owning an FAQ does not give access to it. Only people who manage and read a
    space widen it."""
    people = shelf.people
    circle = Circle.objects.create(name="Kring", slug="t-kring")
    CircleMembership.objects.create(circle=circle, user=people.owner)
    unseen = make_faq("Alleen de kring?", {audiences.circle(circle.pk)}, shelf.topic)
    mine = make_faq("Onder mijn hoede?", {audiences.circle(circle.pk)}, shelf.topic, owner=people.curator)
    wrong = []
    for kind, row in {**rows, "unseen": unseen, "mine": mine}.items():
        for name, person in people.persons().items():
            may = name == "curator" and kind not in {"unseen", "mine", "space"}
            try:
                widen_audience(by=Person(person), row=stored(row), audience=Audience.objects.of(PUBLIC))
                did = True
                widened = stored(row)
                setattr(widened, row.audience_fields[0], Audience.objects.of(STAFF))
                saved(widened)
            except PermissionDenied:
                did = False
            if did != may:
                wrong.append((kind, name, did))
    assert not wrong


def test_a_curator_cannot_widen_a_home_with_spaces_below(shelf: Shelf) -> None:
    home = home_above_a_space()
    client = client_of(shelf.people, "curator")
    sent = typed(client, home, PUBLIC, **PUBLISH) | {"confirm_widening": "public"}
    answer = client.post(editor(home), sent)
    assert "Je kunt dit niet door meer mensen laten lezen" in answer.content.decode()
    assert keys(home) == STAFF


def test_a_space_is_changed_only_by_who_manages_spaces_and_sees_it(shelf: Shelf) -> None:
    people = shelf.people
    TeamMembership.objects.create(user=people.administrator, team=people.hr)
    seen, unseen = make_space("t-balie", *STAFF), make_space("t-huis", audiences.organisation(people.other_business.pk))
    question = community.ask(by=Person(people.agent), space=seen, title="Waar is de sleutel?", body="", language="nl")
    index = CommunityIndexPage.objects.get(locale__language_code="nl")
    elsewhere = CommunityIndexPage.objects.get(locale__language_code="en")
    wrong = []
    for space in (seen, unseen):
        pk = space.pk
        urls = [reverse(f"wagtailadmin_pages:{name}", args=[pk]) for name in ("edit", "delete", "unpublish", "copy")]
        urls += [
            reverse("wagtailadmin_pages:add", args=["community", "spacepage", index.pk]),
            editor(index),
        ]
        for url in urls:
            for name in people.persons():
                status = client_of(people, name).get(url).status_code
                general = url == editor(index) or "/add/" in url
                may = name == "administrator" and (space is seen or general) and "/delete/" not in url
                if (status == 200) != may and not (name == "administrator" and "/delete/" in url):
                    wrong.append((url, name, status))
    assert not wrong
    curator = client_of(people, "curator")
    curator.post(editor(seen), {"title": "X", "slug": "x"} | PUBLISH)
    curator.post(reverse("wagtailadmin_pages:move_confirm", args=[seen.pk, elsewhere.pk]))
    assert (stored(seen).title, stored(seen).get_parent().pk) == ("T-balie", index.pk)
    question.refresh_from_db()
    assert (keys(seen), question.audience.key_set) == (STAFF, STAFF)
    assert seen.get_workflow() is None


def test_a_wider_space_tells_of_its_questions(shelf: Shelf) -> None:
    people = shelf.people
    space = make_space("t-balie", *STAFF)
    for title in ("Eerste vraag?", "Tweede vraag?"):
        community.ask(by=Person(people.agent), space=space, title=title, body="", language="nl")
    client = editor_of(shelf, space)
    sent = typed(client, space, PUBLIC, **PUBLISH)
    assert "2 vragen" in client.post(editor(space), sent).content.decode()
    assert client.post(editor(space), sent | {"confirm_widening": "public"}).status_code == 302
    event = AuditEvent.objects.get(event="accounts.audience_widened")
    assert (event.by, event.details["below"]) == (people.administrator, {"community.question": 2})


def test_the_audit_tells_in_words_in_both_languages(shelf: Shelf) -> None:
    topic = make_topic("Dicht", {audiences.STAFF, audiences.user(shelf.people.owner.pk)})
    make_faq("Gaat mee?", PUBLIC, topic)
    widen_audience(by=shelf.people.viewer("curator"), row=topic, audience=Audience.objects.of({audiences.EMPLOYEES}))
    client = client_of(shelf.people, "administrator")
    expected = {
        "/nl/beheer/logboek/": ["Iets voor meer mensen leesbaar gemaakt", "1 persoon", "Alle medewerkers"],
        "/en/manage/audit/": ["Widened who may see something", "1 person", "All employees", "Followed: 1 FAQ"],
    }
    for url, parts in expected.items():
        text = client.get(url).content.decode()
        assert [part for part in parts if part not in text] == [], url
