"""Wagtail's history shows no titles and no texts of comments (`kb.cms.history`)."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.log_actions import registry
from wagtail.models import Comment, ModelLogEntry, PageLogEntry

from accounts import audiences, audit
from accounts.models import AuditEvent
from kb.models import ArticlePage, Faq
from tests.kb.conftest import make_article, make_faq, make_topic
from tests.kb.test_pages import client_of
from tests.people import People

pytestmark = pytest.mark.django_db
SECRET = "Zwaluwplan"


def test_what_was_done_to_pages_and_faqs_is_kept_without_words(people: People) -> None:
    topic = make_topic("Verlof", {audiences.PUBLIC})
    before = make_topic(f"{SECRET} thema", {audiences.PUBLIC})
    page, faq = make_article(SECRET, {audiences.PUBLIC}, before), make_faq(SECRET, {audiences.PUBLIC}, topic)
    for row, title in ((page, "title"), (faq, "question")):
        row.save_revision(user=people.curator, log_action=True).publish(user=people.curator)
        row.refresh_from_db()
        setattr(row, title, "Heet nu anders")
        row.save_revision(user=people.curator, log_action=True).publish(user=people.curator)
        row.refresh_from_db()
    comment = Comment.objects.create(page=page, user=people.curator, text=SECRET, contentpath="title")
    comment.log_create(user=people.curator)
    beside = make_article(f"{SECRET} elders", {audiences.PUBLIC}, topic)
    beside.copy(update_attrs={"title": "Kopie", "slug": "kopie"}, user=people.curator)
    page.move(topic, pos="last-child", user=people.curator)
    entries = [*PageLogEntry._base_manager.values(), *ModelLogEntry._base_manager.values()]
    assert {"wagtail.rename", "wagtail.comments.create", "wagtail.copy", "wagtail.move"} <= {
        e["action"] for e in entries
    }
    assert [entry for entry in entries if SECRET in str(entry)] == []
    client = client_of(people, "curator")
    for url in (
        reverse("wagtailadmin_pages:history", args=[page.pk]),
        reverse("wagtailsnippets_kb_faq:history", args=[faq.pk]),
    ):
        told = client.get(url)
        assert told.status_code == 200
        assert SECRET not in told.content.decode()


@pytest.mark.parametrize("model", [ArticlePage, Faq])
def test_no_kind_of_entry_tells_what_an_older_one_still_keeps(model: Any) -> None:
    words = {"id": 1, "title": SECRET, "text": SECRET, "contentpath": "title"}
    data = dict.fromkeys(("source", "destination", "page", "restriction", "comment", "reply"), words)
    data |= {"title": {"old": SECRET, "new": SECRET}, "source_locale": {"language_code": "nl"}}
    kind = ContentType.objects.get_for_model(model)
    told = []
    for action in dict(registry.get_choices()):
        if model is Faq and action.startswith("wagtail.comments"):
            continue  # only pages have comments
        for comment in (words, SECRET):
            about = {"action": action, "data": data | {"comment": comment}, "content_type": kind, "label": SECRET}
            entry = PageLogEntry(page_id=1, **about) if model is ArticlePage else ModelLogEntry(object_id="1", **about)
            told.append((action, str(entry.message), str(entry.comment)))
    assert len(told) > 40
    assert [line for line in told if SECRET in str(line)] == []


def test_reviews_are_named() -> None:
    data = {"workflow": {"title": "Curator", "next": {"id": 1, "title": "Eerst lezen"}}, "comment": SECRET}
    kind = ContentType.objects.get_for_model(Faq)
    entry = ModelLogEntry(action="wagtail.workflow.start", data=data, content_type=kind, object_id="1")
    assert "Eerst lezen" in entry.message


def test_what_is_done_to_pages_and_faqs_is_in_the_audit(people: People) -> None:
    """Publishing, moving, unpublishing and deleting leave audit rows, whatever code in Wagtail does it."""
    topic, other = make_topic("Verlof", {audiences.PUBLIC}), make_topic("Reizen", {audiences.PUBLIC})
    page, faq = make_article("Reisgids", {audiences.STAFF}, other), make_faq("Hoe?", {audiences.PUBLIC}, topic)
    AuditEvent.objects.all().delete()
    with audit.acting(lambda: people.curator):
        for row in (page, faq):
            row.save_revision(user=people.curator).publish(user=people.curator)
            row.refresh_from_db()
        page.move(topic, pos="last-child", user=people.curator)
        page.refresh_from_db()
        page.move(topic, pos="first-child", user=people.curator)  # only its position
        for row in (ArticlePage.objects.get(), faq):
            row.unpublish(user=people.curator)
        other.delete()
        topic_key, page_key, faq_key = f"kb.topicpage:{topic.pk}", f"kb.articlepage:{page.pk}", f"kb.faq:{faq.pk}"
        faq.delete()
        topic.specific.delete()
    done = [(each.event, each.target, each.details) for each in AuditEvent.objects.order_by("pk")]
    assert done == [
        ("kb.publish_page", page_key, {"audience": ["staff"]}),
        ("kb.publish_faq", faq_key, {"audience": ["public"]}),
        ("kb.move_page", page_key, {"before": f"kb.topicpage:{other.pk}", "below": topic_key}),
        ("kb.unpublish_page", page_key, {}),
        ("kb.unpublish_faq", faq_key, {}),
        ("kb.unpublish_page", f"kb.topicpage:{other.pk}", {}),  # the first step of deleting in Wagtail
        ("kb.delete_page", f"kb.topicpage:{other.pk}", {}),
        ("kb.delete_faq", faq_key, {}),
        ("kb.unpublish_page", topic_key, {}),
        ("kb.delete_page", topic_key, {}),
        ("kb.delete_page", page_key, {}),  # with the topic above it
    ]
    assert set(AuditEvent.objects.values_list("by", flat=True)) == {people.curator.pk}
