"""Pages and their audiences."""

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from accounts import audiences
from accounts.models import Audience
from accounts.widening import widen_audience
from kb.addresses import page_url
from kb.models import AudiencePage, Faq, HomePage, TopicPage
from kb.models.audience import audience_models
from search.models import OutboxEntry
from tests.kb.conftest import SEES, Shelf, make_faq, make_topic
from tests.people import People

pytestmark = pytest.mark.django_db


def client_of(people: People, name: str) -> Client:
    """Return a client signed in as that person."""
    client = Client()
    person = getattr(people, name)
    if person.is_authenticated:
        client.force_login(person)
    return client


def test_a_fresh_site_has_both_languages(client: Client) -> None:
    for language, topics in (("nl", "/nl/onderwerpen/"), ("en", "/en/topics/")):
        page = client.get(f"/{language}/")
        assert page.status_code == 200
        assert f'<html lang="{language}"' in page.content.decode()
        assert client.get(topics).status_code == 200
    dutch = HomePage.objects.get(locale__language_code="nl")
    assert dutch.get_translations().get().locale.language_code == "en"
    assert dutch.url == "/nl/"
    assert dutch.get_translations().get().url == "/en/"


def test_page_url_is_what_wagtail_says(shelf: Shelf) -> None:
    for page in [shelf.topic, *shelf.articles.values(), *HomePage.objects.all(), TopicPage.objects.get(slug="topics")]:
        assert page_url(page) == page.url


def test_who_sees_which_faq_and_article(shelf: Shelf) -> None:
    wrong = []
    for name in shelf.people.persons():
        client = client_of(shelf.people, name)
        listed = client.get(page_url(shelf.topic)).content.decode()
        for kind, readers in SEES.items():
            faq, article, reads = shelf.faqs[kind], shelf.articles[kind], name in readers
            answers = [client.get(url).status_code for url in (faq.get_absolute_url(), page_url(article))]
            shown = [title in listed for title in (faq.question, article.title)]
            if (answers, shown) != ([200, 200] if reads else [404, 404], [reads, reads]):
                wrong.append((name, kind, answers, shown))
    assert not wrong


def test_hidden_and_missing_look_the_same(shelf: Shelf, client: Client) -> None:
    hidden = client.get(shelf.faqs["staff"].get_absolute_url())
    missing = client.get(f"/nl/faq/999999-{shelf.faqs['staff'].slug}/")
    assert hidden.status_code == missing.status_code == 404
    assert client.get(page_url(shelf.closed)).status_code == 404


def test_whatever_is_not_found_offers_to_sign_in(shelf: Shelf, client: Client) -> None:
    """The same page for closed and for missing addresses, with a way back; not for people who are signed in."""
    offers = {
        "nl": ("misschien zie je dan meer", "/nl/account/login/"),
        "en": ("perhaps you may see more", "/en/account/login/"),
    }
    faq = shelf.faqs["staff"]
    for language, (words, sign_in) in offers.items():
        paths = [f"/{language}/faq/{pk}-{faq.slug}/?a=1" for pk in (faq.pk, 999999)]
        paths += [page_url(shelf.closed), f"/{language}/er-is-niets/", f"/{language}//elders.nl/"]
        lost = []
        for path in paths:
            text = client.get(path, headers={"Accept-Language": language}).content.decode()
            start = text.index('<div class="vb-empty vb-lost">')
            lost.append(text[start : text.index("</main>", start)].replace(f"?{urlencode({'next': path})}", ""))
        assert set(lost[:2]) | set(lost[3:]) == {lost[0]}, language
        assert words in lost[0]
        assert f'href="{sign_in}"' in lost[0], "the way back was taken out above; to elsewhere there was none"
    posted = client.post("/nl/er-is-niets/").content.decode()
    assert 'btn-primary" href="/nl/account/login/"' in posted, "nowhere to go back to"
    assert "misschien zie je dan meer" not in client_of(shelf.people, "owner").get("/nl/er-is-niets/").content.decode()


def test_a_wrong_slug_or_language_redirects_for_those_who_may_see(shelf: Shelf, client: Client) -> None:
    url = shelf.faqs["public"].get_absolute_url()
    pk = shelf.faqs["public"].pk
    for wrong in (f"/nl/faq/{pk}-iets-anders/", f"/nl/faq/{pk}/", f"/en/faq/{pk}-x/"):
        response = client.get(wrong)
        assert (response.status_code, response["Location"]) == (301, url)
    assert client.get(f"/nl/faq/{shelf.faqs['staff'].pk}/").status_code == 404


def test_a_child_is_never_wider_than_its_topic(shelf: Shelf) -> None:
    faq = make_faq("Wat verdien ik?", {audiences.PUBLIC}, shelf.closed)
    assert faq.audience.key_set == {audiences.EMPLOYEES}
    below = make_topic("Toeslagen", {audiences.PUBLIC}, parent=shelf.closed)
    assert below.audience.key_set == {audiences.EMPLOYEES}


def test_narrowing_a_topic_narrows_everything_below_and_marks_it_dirty(shelf: Shelf) -> None:
    below = make_topic("Zorgverlof", {audiences.PUBLIC}, parent=shelf.topic)
    faq = make_faq("Wat is zorgverlof?", {audiences.PUBLIC}, below)
    OutboxEntry.objects.all().delete()
    topic = TopicPage.objects.get(pk=shelf.topic.pk)
    topic.own_audience = Audience.objects.of([audiences.STAFF])
    topic.save_revision().publish()
    for row in (shelf.faqs["public"], shelf.faqs["employees"], faq, shelf.articles["public"], below):
        row.refresh_from_db()
        assert row.audience.key_set == {audiences.STAFF}
    dirty = set(OutboxEntry.objects.values_list("key", flat=True))
    assert {f"faq:{faq.pk}", f"faq:{shelf.faqs['public'].pk}", f"article:{shelf.articles['public'].pk}"} <= dirty
    widen_audience(by=None, row=topic, audience=Audience.objects.of([audiences.PUBLIC]))
    faq.refresh_from_db()
    assert faq.audience.key_set == {audiences.PUBLIC}


def test_moving_below_another_topic_narrows(shelf: Shelf) -> None:
    shelf.topic.move(shelf.closed, pos="last-child")
    for row in (shelf.faqs["public"], shelf.articles["public"]):
        row.refresh_from_db()
        assert row.audience.key_set == {audiences.EMPLOYEES}


def test_no_page_offers_wagtails_own_privacy(shelf: Shelf) -> None:
    for model in AudiencePage.__subclasses__():
        assert model.private_page_options == []


def test_the_sitemap_holds_what_everyone_may_see(shelf: Shelf, client: Client) -> None:
    text = client.get("/sitemap.xml").content.decode()
    assert shelf.faqs["public"].get_absolute_url() in text
    assert page_url(shelf.articles["public"]) in text
    assert "/en/topics/" in text
    for kind in SEES.keys() - {"public"}:
        assert shelf.faqs[kind].get_absolute_url() not in text
        assert page_url(shelf.articles[kind]) not in text
    curator = client_of(shelf.people, "curator").get("/sitemap.xml").content.decode()
    assert shelf.faqs["staff"].get_absolute_url() not in curator


def test_pages_make_a_constant_number_of_queries(
    shelf: Shelf, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(shelf.people, "curator")
    allowed = {
        "/nl/": 18,
        "/nl/onderwerpen/": 18,
        page_url(shelf.topic): 24,
        shelf.faqs["public"].get_absolute_url(): 17,
        page_url(shelf.articles["public"]): 24,
    }
    made = {}
    for url in allowed:
        client.get(url)  # fills the caches of content types and sites
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        made[url] = len(queries)
    assert all(made[url] <= allowed[url] for url in allowed), made
    for number in range(5):
        make_faq(f"Nog een vraag {number}?", {audiences.PUBLIC}, shelf.topic)
        make_topic(f"Onderwerp {number}", {audiences.PUBLIC})
    for url, number in made.items():
        with django_assert_max_num_queries(number):
            client.get(url)


def test_the_language_switch_of_an_faq(shelf: Shelf, client: Client) -> None:
    dutch = shelf.faqs["public"]
    english_topic = make_topic("Leave", {audiences.PUBLIC}, language="en")
    english = make_faq("How does leave work?", {audiences.PUBLIC}, english_topic)
    Faq.objects.filter(pk=english.pk).update(translation_key=dutch.translation_key)
    assert english.get_absolute_url() in client.get(dutch.get_absolute_url()).content.decode()
    with translation.override("en"):
        assert english.get_absolute_url().startswith("/en/faq/")


def test_structured_data_cannot_close_its_block(shelf: Shelf, client: Client) -> None:
    faq = make_faq("Mag </script><script>alert(1)</script>?", {audiences.PUBLIC}, shelf.topic, "Nee & `</script>`")
    text = client.get(faq.get_absolute_url()).content.decode()
    assert '<script type="application/ld+json">{"@context": "https://schema.org"' in text
    assert "<script>alert" not in text
    assert "\\u003C/script\\u003E" in text
    restricted = client_of(shelf.people, "agent").get(shelf.faqs["staff"].get_absolute_url()).content.decode()
    assert "ld+json" not in restricted


def test_every_kind_of_page_says_what_it_shows() -> None:
    reverse("kb:topics")  # imports the views
    assert [model.__name__ for model in audience_models() if model.contents is None] == []
