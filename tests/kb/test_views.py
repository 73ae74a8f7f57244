"""Capture, feedback, the curator's home, and review through Wagtail's editor."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience
from kb import actions
from kb.capture import Exchange, OriginValue, Turn
from kb.models import Faq, Feedback
from kb.personal import Found
from notifications.models import Notification
from tests.described import described
from tests.kb.conftest import Shelf
from tests.kb.test_actions import draft
from tests.kb.test_pages import client_of
from web.descriptions import Capturable
from web.http import Viewer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
URL = "/nl/kennis/capture/test/5/"


@pytest.fixture
def exchange(shelf: Shelf) -> Iterator[dict[str, object]]:
    """Register an exchange of kind "test" that staff may load. The test may change its values."""
    people = shelf.people
    values: dict[str, object] = {
        "turns": [
            Turn(author_label="Owner", is_staff=False, text="Hoe neem ik ouderschapsverlof op?", at=NOW),
            Turn(author_label="Agent", is_staff=True, text="Dat kan per dag.", at=NOW),
            Turn(author_label="Agent", is_staff=True, text="Vul formulier 3 in.", at=NOW),
        ],
        "suggested_question": "Hoe neem ik ouderschapsverlof op?",
        "suggested_answer": "Dat kan per dag.\n\nVul formulier 3 in.",
        "language": "nl",
        "topic": shelf.topic,
        "audience": frozenset({audiences.organisation(people.business.pk)}),
        "names": ("Ayla de Vries",),
        "origin": OriginValue(
            key="test:5",
            url="/nl/onderwerpen/",
            asker_id=people.owner.pk,
            audience_keys=frozenset({audiences.STAFF}),
        ),
    }

    def loader(viewer: Viewer, pk: int) -> Exchange | None:
        return Exchange(**values) if pk == 5 and audiences.STAFF in viewer.keys else None

    with described(capturable=(Capturable(kind="test", load=loader),)):
        yield values


def fields_of(page: str) -> dict[str, str]:
    """Return what a browser sends if nothing is changed."""
    sent = dict.fromkeys(("question", "answer", "topic", "language", "audience"), "")
    for name in ("question", "answer"):
        text = re.search(rf'<textarea name="{name}"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
        assert text
        sent[name] = text[1]
    for name in ("topic", "language"):
        select = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)
        assert select
        chosen = re.search(r'<option value="([^"]*)" selected', select[0])
        sent[name] = chosen[1] if chosen else ""
    radio = re.search(r'name="audience" value="(\w+)"[^>]*checked', page)
    assert radio
    sent["audience"] = radio[1]
    return sent


def test_two_clicks_make_a_draft_in_the_queue(shelf: Shelf, exchange: dict[str, object]) -> None:
    client = client_of(shelf.people, "agent")
    page = client.get(URL).content.decode()
    sent = fields_of(page)
    assert (sent["topic"], sent["audience"], sent["language"]) == (str(shelf.topic.pk), "staff", "nl")
    response = client.post(URL, sent)
    assert (response.status_code, response["Location"]) == (302, "/nl/onderwerpen/")
    faq = Faq.objects.get(question="Hoe neem ik ouderschapsverlof op?")
    assert (faq.live, faq.own_audience.key_set, faq.topic_id) == (False, {audiences.STAFF}, shelf.topic.pk)
    assert faq.workflow_in_progress
    assert faq.origins.get().asker == shelf.people.owner
    assert faq.question in client.get(reverse("kb:drafts")).content.decode()
    queue = client_of(shelf.people, "curator").get("/nl/kennis/beheer/").content.decode()
    assert faq.question in queue


@pytest.mark.parametrize("name", ["owner", "outsider", "administrator"])
def test_only_those_who_may_draft_find_the_page(shelf: Shelf, exchange: dict[str, object], name: str) -> None:
    client = client_of(shelf.people, name)
    for url in (URL, "/nl/kennis/capture/test/6/", "/nl/kennis/capture/none/5/", "/nl/kennis/beheer/"):
        assert client.get(url).status_code == 404
    assert client_of(shelf.people, "anonymous").get(URL).status_code == 302


def test_a_wider_audience_is_a_wish_until_a_curator_confirms_it(shelf: Shelf, exchange: dict[str, object]) -> None:
    client = client_of(shelf.people, "agent")
    client.post(URL, fields_of(client.get(URL).content.decode()) | {"audience": "guess"})
    faq = Faq.objects.get(question="Hoe neem ik ouderschapsverlof op?")
    organisation = audiences.organisation(shelf.people.business.pk)
    assert faq.audience.key_set == {audiences.STAFF}, "a captured FAQ starts with staff"
    assert faq.get_latest_revision_as_object().own_audience.key_set == {organisation, audiences.STAFF}


def test_personal_data_is_marked_and_each_piece_decided(shelf: Shelf, exchange: dict[str, object]) -> None:
    exchange["suggested_answer"] = "Mail naar ayla@waterland.example, zegt Ayla de Vries. Of ayla@waterland.example."
    client = client_of(shelf.people, "agent")
    page = client.get(URL).content.decode()
    assert page.count("<mark>ayla@waterland.example</mark>") == 3
    sent = fields_of(page)
    refused = client.post(URL, sent)
    assert refused.status_code == 422
    text = refused.content.decode()
    assert exchange["suggested_answer"] in text
    assert not Faq.objects.filter(question=sent["question"]).exists()
    mail, name = Found("ayla@waterland.example", "email").field, Found("Ayla de Vries", "name").field
    assert client.post(URL, sent | {mail: "replace"}).status_code == 422
    assert client.post(URL, sent | {mail: "replace", name: "keep"}).status_code == 302
    faq = Faq.objects.get(question=sent["question"])
    assert faq.answer == "Mail naar [e-mailadres], zegt Ayla de Vries. Of [e-mailadres]."


def test_ticked_messages_fill_the_draft_again(shelf: Shelf, exchange: dict[str, object]) -> None:
    client = client_of(shelf.people, "agent")
    sent = fields_of(client.get(URL).content.decode())
    page = client.post(URL, sent | {"compose": "1", "asked": ["0"], "answered": ["2", "99"]})
    assert page.status_code == 200
    assert fields_of(page.content.decode())["answer"] == "Vul formulier 3 in."
    part = client.post(URL, sent | {"compose": "1", "asked": ["0"], "answered": []}, headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith("<form")
    assert not Faq.objects.filter(question=sent["question"]).exists()


def test_linking_to_an_existing_faq(shelf: Shelf, exchange: dict[str, object]) -> None:
    client = client_of(shelf.people, "agent")
    faq = shelf.faqs["public"]
    assert client.post(URL, {"link": str(faq.pk)}).status_code == 302
    assert faq.origins.get().key == "test:5"
    assert Notification.objects.filter(recipient=shelf.people.owner, key=f"faq:{faq.pk}").exists()
    assert client.post(URL, {"link": str(shelf.faqs["user"].pk)}).status_code == 404
    assert client.post(URL, {"link": "x"}).status_code == 404


def test_only_staff_sees_where_an_faq_came_from(shelf: Shelf) -> None:
    faq = shelf.faqs["public"]
    hr_only = frozenset({audiences.team(shelf.people.hr.pk)})
    actions.link_faq(
        by=Person(shelf.people.agent),
        faq=faq,
        origin=OriginValue(key="conversation:9", url="/nl/chat/9/", audience_keys=hr_only),
    )
    for name in shelf.people.persons():
        text = client_of(shelf.people, name).get(faq.get_absolute_url()).content.decode()
        assert ("/nl/chat/9/" in text) == (name in {"agent", "curator"}), name


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_feedback_once_for_each_visitor(shelf: Shelf, headers: dict[str, str]) -> None:
    for kind, target in (("faq", shelf.faqs["public"]), ("article", shelf.articles["public"])):
        client = Client()
        url = f"/nl/kennis/oordeel/{kind}/{target.pk}/"
        for sent in ({"helpful": "no"}, {"helpful": "no", "reason": "Het bedrag."}):
            response = client.post(url, sent, headers=headers)
            assert response.status_code == (200 if headers else 302)
        assert Feedback.objects.filter(reason="Het bedrag.", **{kind: target}).count() == 1
        assert client.post(url, {"helpful": "maybe"}).status_code == 302
        assert (
            Client().post(f"/nl/kennis/oordeel/{kind}/{shelf.faqs['staff'].pk}000/", {"helpful": "yes"}).status_code
            == 404
        )
    assert "Het bedrag." in client_of(shelf.people, "curator").get("/nl/kennis/beheer/").content.decode()


def test_feedback_is_limited(shelf: Shelf, settings: object) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "feedback": (2, 3600)}
    client = client_of(shelf.people, "owner")
    url = f"/nl/kennis/oordeel/faq/{shelf.faqs['public'].pk}/"
    answers = [client.post(url, {"helpful": "yes"}, headers={"HX-Request": "true"}).status_code for _n in range(3)]
    assert answers == [200, 200, 429]


def test_hidden_faqs_take_no_feedback(shelf: Shelf) -> None:
    client = client_of(shelf.people, "outsider")
    assert client.post(f"/nl/kennis/oordeel/faq/{shelf.faqs['staff'].pk}/", {"helpful": "yes"}).status_code == 404


def test_a_draft_is_shown_to_its_writer_and_to_curators(shelf: Shelf) -> None:
    faq = draft(shelf)
    url = f"/nl/kennis/concepten/{faq.pk}/"
    for name in shelf.people.persons():
        status = client_of(shelf.people, name).get(url).status_code
        assert (status == 200) == (name in {"agent", "curator"}), name
    assert "Dat kan" in client_of(shelf.people, "agent").get(url).content.decode()


# -- Wagtail's editor


def editor_fields(faq: Faq, keys: set[str]) -> dict[str, object]:
    """Return what the editor sends."""
    return {
        "question": faq.question,
        "answer": faq.answer,
        "topic": faq.topic_id,
        "own_audience": sorted(keys),
        "tags": faq.tags,
        "owner": faq.owner_id or "",
        "verified_by": "",
        "verified_at": "",
    }


def test_a_curator_approves_and_thereby_publishes(shelf: Shelf) -> None:
    faq = draft(shelf)
    client = client_of(shelf.people, "curator")
    edit = reverse("wagtailsnippets_kb_faq:edit", args=[faq.pk])
    page = client.get(edit)
    assert page.status_code == 200
    text = page.content.decode()
    assert 'name="own_audience"' in text
    assert 'value="public"' in text
    sent = editor_fields(faq, {audiences.PUBLIC}) | {
        "action-workflow-action": "1",
        "workflow-action-name": "approve",
        "workflow-action-extra-data": "{}",
    }
    asked = client.post(edit, sent)
    assert asked.status_code == 200
    assert 'name="action-workflow-action" value="public"' in asked.content.decode()
    assert not Faq.objects.get(pk=faq.pk).live
    response = client.post(edit, sent | {"confirm_widening": "public"})
    assert response.status_code == 302, response.content.decode()[:3000]
    faq.refresh_from_db()
    assert (faq.live, faq.audience.key_set) == (True, {audiences.PUBLIC})
    assert Notification.objects.filter(recipient=shelf.people.owner, key=f"faq:{faq.pk}").exists()
    assert Client().get(faq.get_absolute_url()).status_code == 200


def test_a_curator_publishes_at_once(shelf: Shelf) -> None:
    client = client_of(shelf.people, "curator")
    add = reverse("wagtailsnippets_kb_faq:add") + "?locale=nl"
    assert client.get(add).status_code == 200
    sent = editor_fields(shelf.faqs["public"], {audiences.EMPLOYEES}) | {"question": "Nieuw?", "action-publish": "1"}
    assert client.post(add, sent).status_code == 302
    assert Faq.objects.get(question="Nieuw?").audience.key_set == {audiences.EMPLOYEES}


def test_the_list_and_its_filters(shelf: Shelf) -> None:
    client = client_of(shelf.people, "curator")
    url = reverse("wagtailsnippets_kb_faq:list")
    assert "Hoe werkt verlof" in client.get(url).content.decode()
    assert "Hoe werkt verlof" in client.get(url, {"q": "verlof voor staff", "locale": "nl"}).content.decode()
    assert "Hoe werkt verlof" not in client.get(url, {"q": "verlof voor unit", "locale": "nl"}).content.decode()
    assert client.get(url, {"topic": shelf.topic.pk, "live": "true"}).status_code == 200


@pytest.mark.parametrize("name", ["owner", "agent", "outsider", "provider", "administrator"])
def test_others_do_not_get_into_the_editor(shelf: Shelf, name: str) -> None:
    client = client_of(shelf.people, name)
    for url in (
        reverse("wagtailsnippets_kb_faq:edit", args=[shelf.faqs["public"].pk]),
        reverse("wagtailsnippets_kb_faq:add") + "?locale=nl",
    ):
        assert client.get(url).status_code in {302, 403, 404}


def test_preview_of_faq_and_article(shelf: Shelf) -> None:
    faq, article = shelf.faqs["public"], shelf.articles["public"]
    client = client_of(shelf.people, "curator")
    preview = reverse("wagtailsnippets_kb_faq:preview_on_edit", args=[faq.pk])
    sent = editor_fields(faq, {audiences.STAFF}) | {"answer": "Een **concept**."}
    assert client.post(preview, sent).json()["is_valid"]
    assert "Een <strong>concept</strong>." in client.get(preview).content.decode()
    assert client.get(reverse("wagtailadmin_pages:view_draft", args=[article.pk])).status_code == 200
    for name in ("owner", "agent", "anonymous"):
        other = client_of(shelf.people, name)
        assert other.get(preview).status_code in {302, 403, 404}
        assert other.get(reverse("wagtailadmin_pages:view_draft", args=[article.pk])).status_code in {302, 403, 404}


def test_curators_edit_pages_of_both_languages(shelf: Shelf) -> None:
    client = client_of(shelf.people, "curator")
    for page in (shelf.topic, shelf.articles["public"]):
        text = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
        assert 'name="own_audience"' in text
        assert Audience.objects.exists()


def test_an_faq_is_looked_after_by_who_may_write(shelf: Shelf) -> None:
    """Customers and employees are not offered as owners; the present owner always is."""
    people, faq = shelf.people, shelf.faqs["public"]
    edit = reverse("wagtailsnippets_kb_faq:edit", args=[faq.pk])

    def offered() -> set[object]:
        return set(client_of(people, "curator").get(edit).context["form"].fields["owner"].queryset)

    assert {people.agent, people.curator} <= offered() and people.colleague not in offered()
    Faq.objects.filter(pk=faq.pk).update(owner=people.colleague)
    assert people.colleague in offered() and people.neighbour not in offered()
