"""An article shows no address of a page or file that its reader may not see, since addresses hold titles."""

import re

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries
from wagtail.contrib.redirects.models import Redirect

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience
from community import actions as community
from community.models import Question
from files.models import Attachment, Picture
from kb.addresses import page_url
from kb.models import ArticlePage, Faq
from kb.typed_links import for_reader
from markup.text import render
from search import sources
from tests.community.conftest import make_space
from tests.files.test_serving import picture_bytes
from tests.kb.conftest import make_article, make_faq, make_topic
from tests.kb.test_pages import client_of
from tests.people import People

pytestmark = pytest.mark.django_db
SECRET = "bloemknop"  # noqa: S105  # a word in titles, addresses and names of files


def close(row: ArticlePage | Attachment | Picture) -> None:
    """Make it staff only."""
    staff = Audience.objects.of({audiences.STAFF})
    if isinstance(row, ArticlePage):
        row.own_audience = staff
        row.save_audience()
    row.audience = staff
    row.save()


def make_linking(people: People) -> tuple[ArticlePage, list[ArticlePage | Attachment | Picture]]:
    """Return a public article that links to a page and files in every kind of block, and what it links to."""
    topic = make_topic("Verlof", {audiences.PUBLIC})
    other = make_article(f"Over {SECRET}", {audiences.PUBLIC}, topic)
    audience = Audience.objects.of({audiences.PUBLIC})
    given = {"audience": audience, "uploaded_by_user": people.owner}
    plan = Attachment.objects.create(title=SECRET, file=ContentFile(b"%PDF-1.4 x", f"{SECRET}.pdf"), **given)
    photo = Picture.objects.create(
        title="Foto", file=ContentFile(picture_bytes(), f"{SECRET}.jpg"), **given | {"audience": audience}
    )
    links = (
        f'<p>Zie <a linktype="page" id="{other.pk}">hier</a> en <a linktype="document" id="{plan.pk}">daar</a>, '
        '<a linktype="page" id="999999">nergens</a>.</p>'
    )
    page = make_article("Links", {audiences.PUBLIC}, topic)
    picture = {"image": photo.pk, "decorative": True, "alt_text": ""}
    page.body = page.body.stream_block.to_python(
        [
            {"type": "text", "value": links},
            {"type": "callout", "value": {"kind": "tip", "text": links}},
            {"type": "steps", "value": [{"title": "Eerst", "text": links, "image": picture}]},
            {"type": "document", "value": plan.pk},
            {"type": "image", "value": picture},
        ]
    )
    page.save()
    return page, [other, plan, photo]


def test_an_article_names_nothing_that_was_closed_later(people: People, client: Client) -> None:
    """In drafts too, and for every kind of block. Readers who may see the targets get the links."""
    page, targets = make_linking(people)
    other, plan, _photo = targets
    assert isinstance(other, ArticlePage)
    html = client.get(page_url(page)).content.decode()
    assert html.count(f'href="{page_url(other)}"') == 3, html
    assert html.count(f'href="{plan.url}"') == 4, html
    assert html.count(SECRET) == 10, html  # three links to the page, four to the document, its title, two pictures
    for row in targets:
        close(row)
    assert SECRET not in client.get(page_url(page)).content.decode()
    agent = client_of(people, "agent").get(page_url(page)).content.decode()
    assert agent.count(SECRET) == html.count(SECRET)
    other.refresh_from_db()
    other.unpublish()
    assert page_url(other) not in client_of(people, "agent").get(page_url(page)).content.decode()
    assert SECRET not in str(page.body[0].value), "without a reader"


def test_an_old_address_names_nothing_that_was_closed(people: People, client: Client) -> None:
    """A redirect to a page works only for readers who may see the page."""
    page = make_article(f"Over {SECRET}", {audiences.STAFF}, make_topic("Verlof", {audiences.PUBLIC}))
    Redirect.objects.create(old_path="/oud", redirect_page=page)
    Redirect.objects.create(old_path="/elders", redirect_link="/nl/zoeken/")
    assert client_of(people, "agent").get("/oud/").headers.get("Location") == page_url(page)
    assert client.get("/elders/").headers.get("Location") == "/nl/zoeken/"
    assert client.get("/oud/", follow=True).status_code == 404
    assert SECRET not in client.get("/oud/").headers.get("Location", "")


def test_a_slug_of_a_hidden_page_is_refused_to_nobody(people: People) -> None:
    """An error "in use" would reveal a hidden page; a free slug is chosen instead."""
    topic = make_topic("Verlof", {audiences.PUBLIC})
    hidden = make_article(SECRET, {audiences.user(people.owner.pk)}, topic)
    seen, page = make_article("Gezien", {audiences.PUBLIC}, topic), make_article("Pagina", {audiences.PUBLIC}, topic)
    client = client_of(people, "curator")
    fields = {"title": "Pagina", "body-count": "0", "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    add = reverse("wagtailadmin_pages:add", args=["kb", "articlepage", topic.pk])
    edit, copy = (reverse(f"wagtailadmin_pages:{name}", args=[page.pk]) for name in ("edit", "copy"))
    for n, (path, field) in enumerate(((add, "slug"), (edit, "slug"), (copy, "new_slug")), start=2):
        sent = fields | {"new_title": "Kopie", "new_parent_page": topic.pk, "action-publish": "1"}
        assert client.post(path, sent | {field: hidden.slug}).status_code == 302, path
        assert ArticlePage.objects.filter(slug=f"{hidden.slug}-{n}").exists(), path
        assert client.post(path, sent | {field: seen.slug}).status_code == 200, path


def test_markdown_names_nothing_that_was_closed_later(
    people: People,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Links in an FAQ, a question with its answers, an article and an instant answer cost one query. They lead to pages
    (by their address, an old one, or one with our host), FAQs, questions, documents and pictures."""
    page, (other, plan, photo) = make_linking(people)
    assert isinstance(other, ArticlePage)
    assert isinstance(photo, Picture)
    topic = make_topic("Links in Markdown", {audiences.PUBLIC})
    space = make_space("t-loket", audiences.PUBLIC)
    faq = make_faq(f"Hoe bloeit {SECRET}?", {audiences.PUBLIC}, topic)
    asked = community.ask(by=Person(people.agent), space=space, title=f"Wie heeft {SECRET}?", body="", language="nl")
    Redirect.objects.create(old_path=f"/oude-{SECRET}", redirect_page=other)
    Redirect.objects.create(old_path="/kort", redirect_link="/nl/zoeken/")
    closing = [
        page_url(other), f"http://testserver{page_url(other)}?a=1&b=2#c", f"/oude-{SECRET}/", faq.get_absolute_url(),
        asked.get_absolute_url(), plan.url,
    ]  # fmt: skip
    staying = [
        page_url(topic),
        f"{page_url(space)}onbeantwoord/",
        "/kort/",
        "/nl/zoeken/?q=x",
        "https://elders.nl/nl/x/",
    ]
    gone = ["/nl/verlof/er-is-niets/", "/nl/faq/999999-niets/"]
    text = " ".join(f"[woord{n}]({address})" for n, address in enumerate([*closing, *staying, *gone]))
    text += f" ![plaat]({photo.get_rendition('width-20').url}) Zie http://testserver{page_url(other)}!"
    page.body = page.body.stream_block.to_python([{"type": "markdown", "value": text}])
    page.save()
    linking = make_faq("Waar vind ik het?", {audiences.PUBLIC}, topic, answer=text)
    wondering = community.ask(by=Person(people.agent), space=space, title="Waar staat dat?", body=text, language="nl")
    community.answer(by=Person(people.agent), question=wondering, body=text)
    pages = {page_url(page): 1, linking.get_absolute_url(): 1, wondering.get_absolute_url(): 2}
    before = {path: client.get(path).content.decode() for path in pages}
    for path, times in pages.items():
        for address in (*closing, *staying):
            assert before[path].count(f'href="{escape(address)}"') >= times, (path, address)
        for address in gone:
            assert address not in before[path], (path, address)
    for row in (other, plan, photo):
        close(row)
    staff = Audience.objects.of({audiences.STAFF})
    for model, pk in ((Faq, faq.pk), (Question, asked.pk)):
        model._base_manager.filter(pk=pk).update(audience=staff, own_audience=staff)
    for path in pages:
        reading = re.sub(r"(?s)<aside.*?</aside>", "", client.get(path).content.decode())
        assert SECRET not in reading, path
        assert "woord0" in reading, "the words stay"
        assert "Zie een pagina die er niet is!" in reading
        for address in staying:
            assert f'href="{escape(address)}"' in reading, (path, address)
        agent = client_of(people, "agent").get(path).content.decode()
        for address in closing:
            assert f'href="{escape(address)}"' in agent, (path, address)
    for source in sources.all():
        rows = source.queryset().filter(pk__in=[page.pk] if source.kind == "article" else [linking.pk, wondering.pk])
        assert SECRET not in "".join(source.to_document(row).body for row in rows), source.kind
    html = render(text)
    with django_assert_num_queries(2):  # with those of the agent's keys
        assert SECRET in for_reader(html, people.viewer("agent"))
    odd = "/nl/%00/ /nl/q/99999999999999999999999-x/ /documents/99999999999999999999999/x.pdf /nl/faq/٣-x/ //[/ /%ff/"
    odd_html = render(" ".join(f"[woord]({address})" for address in odd.split()))
    assert "/nl/" not in for_reader(odd_html, people.viewer("agent"))
    monkeypatch.setattr("kb.typed_links.MOST", 1)
    assert for_reader(html, people.viewer("agent")).count('href="/') == 1, "no more than so many are looked up"
    with django_assert_num_queries(0):
        for_reader(render("[x](/nl/zoeken/) https://elders.nl"), people.viewer("owner"))
