"""The language switch keeps the page, and never reveals a page to somebody who may not see it."""

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Locale

from accounts.audiences import PUBLIC, STAFF
from accounts.models import Audience
from kb.models import HomePage, TopicPage
from kb.templatetags.links import language_links
from tests.people import People

pytestmark = pytest.mark.django_db


def make_pair(english_audience: set[str]) -> tuple[TopicPage, TopicPage]:
    """Return a topic in Dutch, and its translation with another slug."""
    pages = []
    for language, slug, keys in (("nl", "verlof-hier", {PUBLIC}), ("en", "leave-here", english_audience)):
        home = HomePage.objects.get(locale__language_code=language)
        page = TopicPage(
            title=slug,
            slug=slug,
            locale=Locale.objects.get(language_code=language),
            own_audience=Audience.objects.of(keys),
        )
        if pages:
            page.translation_key = pages[0].translation_key
        pages.append(home.add_child(instance=page))
    return pages[0], pages[1]


def test_a_page_leads_to_its_translation(client: Client) -> None:
    dutch, english = make_pair({PUBLIC})
    text = client.get(dutch.url).text
    assert f'href="{english.url}" hreflang="en"' in text
    assert f'<link rel="alternate" hreflang="en" href="http://127.0.0.1:8000{english.url}">' in text


def test_a_translation_for_others_does_not_show(client: Client) -> None:
    dutch, english = make_pair({STAFF})
    text = client.get(dutch.url).text
    assert english.url not in text
    assert 'href="/en/" hreflang="en"' in text


def test_other_views_change_their_prefix_and_keep_their_question(client: Client) -> None:
    text = client.get("/nl/toegankelijkheid/?a=1&b=2").text
    assert 'href="/en/accessibility/?a=1&amp;b=2"' in text


def test_given_translations_win() -> None:
    request = RequestFactory().get("/nl/faq/1-verlof/")
    with translation.override("nl"):
        links = language_links(Context({"request": request, "translations": {"nl": "/nl/a/", "en": "/en/b/"}}))
    assert [(link.code, link.url, link.current, link.exists) for link in links] == [
        ("nl", "/nl/faq/1-verlof/", True, True),
        ("en", "/en/b/", False, True),
    ]


def test_without_a_request_it_leads_home() -> None:
    with translation.override("en"):
        assert [link.url for link in language_links(Context())] == ["/nl/", "/en/"]


def test_url_or_empty() -> None:
    with translation.override("en"):
        assert (
            Template('{% url_or_empty "privacy" %}|{% url_or_empty "no:such" %}').render(Context()) == "/en/privacy/|"
        )


def test_the_frame_costs_little(
    client: Client, people: People, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(0):
        client.get("/nl/privacy/")
    client.force_login(people.curator, backend="accounts.backends.RoleBackend")
    client.get("/nl/privacy/")
    # Session, person, roles, permissions of person and of groups, unread notifications.
    with django_assert_max_num_queries(6):
        client.get("/nl/privacy/")
