"""Loading the demo's knowledge."""

from pathlib import Path

import pytest
from django.db.models import Q
from django.test import Client

from accounts import demo as people_demo
from kb import demo
from kb.addresses import page_url
from kb.documents import ArticleSource, FaqSource
from kb.models import ArticlePage, Faq, TopicPage

ROOT = Path(__file__).resolve().parents[2] / "demo"


@pytest.mark.django_db
def test_the_demo_loads_once(client: Client) -> None:
    people_demo.load(ROOT, "secret")
    for _twice in range(2):
        demo.load(ROOT)
        assert Faq.objects.count() == len(list((ROOT / "faqs").rglob("*.md")))
        assert ArticlePage.objects.count() == len(list((ROOT / "articles").rglob("*.md")))
    english = Faq.objects.get(source_id="vakantiedagen-aanvragen.en")
    assert english.get_translations().get().source_id == "vakantiedagen-aanvragen.nl"
    assert english.verified_by.slug == "hr"
    article = ArticlePage.objects.filter(locale__language_code="en").first()
    assert article.get_translations().get().slug == article.slug
    for source in (FaqSource(), ArticleSource()):
        for row in source.queryset():
            document = source.to_document(row)
            assert document.title and document.body and document.topic and document.url.startswith("/")
            if "public" in document.audience:
                assert client.get(document.url).status_code == 200
    assert client.get("/nl/").status_code == client.get("/en/").status_code == 200
    text = client.get("/nl/onderwerpen/").content.decode()
    assert "Verlof en vakantie" in text
    assert "Ziek en weer beter" not in text
    topics = TopicPage.objects.filter(depth__gt=3)
    assert not topics.filter(Q(has_unpublished_changes=True) | Q(live_revision=None)).exists(), "live and no draft"
    page = TopicPage.objects.get(slug="verlof")
    assert client.get(page_url(page)).status_code == 200
