"""/cms/ keeps to audiences: every address under it is told (`web.cms`), and nobody reads, lists, searches or changes
there what they could not see on the site. docs/access-cms.md says who gets what.

After a change that is meant: WRITE_ACCESS=1 pytest tests/test_access_cms.py, and read the difference.
"""

import json
import os
import re
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.signing import Signer
from django.db import transaction
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.urls import reverse
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.models import Page

from accounts import audiences
from accounts.models import Audience
from accounts.roles import Role
from accounts.sync import sync_members
from files.models import Attachment, Picture
from kb.models import ArticlePage, Faq, TopicPage
from tests.cms import MARKER, SECRET, Rows, World, address, make_world, patterns
from tests.kb.conftest import make_article, make_faq, make_topic
from tests.kb.test_pages import client_of
from tests.people import People
from tests.test_access import PERSONS, Written, bare_refusals
from web import cms

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).resolve().parent.parent / "docs" / "access-cms.md"
WRITING = "WRITE_ACCESS" in os.environ
# Wagtail's own: a page that is not there, and a template for its tests.
NAMELESS = {"django.views.generic.base.View.as_view.<locals>.view", "wagtail.admin.views.home.default"}
SEARCHES = ["\"verlof 'x", "(a OR " * 300]
NUMBERS = ["9" * 30, "-" + "9" * 30, "9_9" * 10]
SEARCHED = re.compile(r"_results$|choose_page_search$|search_pick$")  # asked for the word in hidden titles
INTRODUCTION = """# Who gets what under /cms/

Written by `WRITE_ACCESS=1 pytest tests/test_access_cms.py`, and held to the product by the same test. `theirs`: rows
that are not for this person; otherwise rows that are for everyone, or a list. Each cell: the answer to GET; POST with
rows that are not for somebody is 404 as well. `login` sends to the sign-in page, `→` leads elsewhere; 404 is also the
answer for what does not exist. Empty is what was not asked: who may not enter is turned away at the door, and
the administrator gets pages of rows that are for everyone as permissions say. What is not here is closed: 404 for
everybody.

"""


@pytest.fixture
def world(people: People) -> World:
    """Rows that are for the owner's circle alone, and rows for everyone."""
    return make_world(people)


def told() -> list[tuple[str, Any]]:
    """The addresses that are open, with their patterns."""
    found = []
    for name, pattern in patterns():
        route = cms.route_of(name)
        if route is not None and not route.closed and not name.endswith("logout"):
            found.append((name, pattern))
    return found


def body(response: Any) -> str:
    """All that was sent."""
    sent = b"".join(response.streaming_content) if response.streaming else response.content
    for close in response._resource_closers:  # not `close()`, which ends the database connection as well
        close()
    return str(sent.decode(errors="replace"))


def short(response: HttpResponse) -> str:
    """A status as the table shows it."""
    if response.status_code in (301, 302, 303):
        away = response["Location"]
        return "login" if "login" in away else "→"
    return str(response.status_code)


def ask(client: Client, method: str, path: str, data: Any = None) -> HttpResponse:
    """The answer, of which nothing stays in the database."""
    cache.clear()
    try:
        with transaction.atomic():
            response = getattr(client, method)(path, data or {})
            response.read = body(response)
            raise Written
    except Written:
        return response


def test_every_address_is_told() -> None:
    names = {name for name, _pattern in patterns()}
    missing, stale = names - cms.names() - NAMELESS, cms.names() - names
    assert not missing, f"describe in `Package.cms_routes`: {sorted(missing)}"
    assert not stale, f"these addresses are no more: {sorted(stale)}"


def test_what_is_closed_or_not_told_is_not_found(people: People, client: Client) -> None:
    client = client_of(people, "curator")
    paths = [address(name, pattern, Rows())[0] for name, pattern in patterns() if closed(name)]
    found = {path: client.get(path).status_code for path in [*paths, "/cms/test404/", "/cms/nothing/"]}
    assert {path: status for path, status in found.items() if status != 404} == {}


def closed(name: str) -> bool:
    """Whether an address is not part of the product."""
    route = cms.route_of(name)
    return route is not None and route.closed


def state(world: World) -> list[Any]:
    """What acts could change of the hidden rows."""
    return [
        list(model._base_manager.order_by("pk").values()) for model in dict.fromkeys(type(row) for row in world.secret)
    ] + [list(Page._base_manager.order_by("pk").values())]


def test_nobody_acts_on_what_is_hidden(world: World) -> None:
    """POST to every address with the numbers of hidden rows: 404, and everything is as it was."""
    before, wrong = state(world), []
    with bare_refusals():
        for person in ("curator", "administrator"):
            client = client_of(world.people, person)
            for name, pattern in told():
                path, named = address(name, pattern, world.hidden)
                if not named:
                    continue
                answer = client.post(path, {"action-publish": "1", "new_parent_page": "1"})
                if answer.status_code != 404:
                    wrong.append(f"{person} {name} {path}: {answer.status_code}")
    assert not wrong, "expected 404\n" + "\n".join(wrong)
    assert state(world) == before


def test_numbers_that_are_sent_name_only_rows_that_exist_for_the_reader(world: World) -> None:
    client = client_of(world.people, "curator")
    page, faq = world.hidden.by_model["Page"], world.hidden.by_model["Faq"]
    shown = world.shown.by_model["Page"]
    before, wrong = state(world), []
    bulk = [("wagtailcore", "page", page.pk, ("delete", "move", "publish", "unpublish"))]
    bulk += [("kb", "faq", faq.pk, ("delete",))]
    bulk += [("files", "picture", world.hidden.by_model["Picture"].pk, ("delete", "add_tags", "add_to_collection"))]
    bulk += [("files", "attachment", world.hidden.by_model["Attachment"].pk, ("delete", "add_tags"))]
    paths = [
        f"{reverse('wagtail_bulk_action', args=[app, model, act])}?id={pk}"
        for app, model, pk, acts in bulk
        for act in acts
    ]
    for path in paths:
        for method in ("get", "post"):
            if (answer := ask(client, method, path)).status_code != 404:
                wrong.append(f"{method} {path}: {answer.status_code}")
    topic = TopicPage.objects.get(title=f"{MARKER} {SECRET} thema")
    for path, data in (
        (reverse("wagtailadmin_pages:copy", args=[shown.pk]), {"new_parent_page": topic.pk}),
        (reverse("wagtailadmin_pages:move", args=[shown.pk]), {"new_parent_page": topic.pk}),
        (reverse("wagtailsnippets_kb_faq:add"), {"topic": topic.pk}),
        (reverse("wagtailadmin_choose_page_chosen_multiple"), {"id": page.pk}),
    ):
        for method in ("get", "post"):
            if (answer := ask(client, method, path, data)).status_code != 404:
                wrong.append(f"{method} {path} {data}: {answer.status_code}")
    assert not wrong, "expected 404\n" + "\n".join(wrong)
    assert state(world) == before


def test_all_of_a_list_is_what_exists_for_the_reader(people: People) -> None:
    topic = make_topic("Verlof", {audiences.PUBLIC})
    shown, theirs = (
        make_faq("Voor ons?", {audiences.STAFF}, topic),
        make_faq("Niet?", {audiences.user(people.owner.pk)}, topic),
    )
    client = client_of(people, "curator")
    path = reverse("wagtail_bulk_action", args=["kb", "faq", "delete"])
    assert client.post(f"{path}?id=all").status_code == 302
    assert [Faq.objects.filter(pk=faq.pk).exists() for faq in (shown, theirs)] == [False, True]


def test_pages_below_that_are_hidden_are_not_moved_or_deleted_with_their_page(people: People) -> None:
    topic, other = make_topic("Verlof", {audiences.PUBLIC}), make_topic("Reizen", {audiences.PUBLIC})
    theirs = make_article("Van hen", {audiences.user(people.owner.pk)}, topic)
    client = client_of(people, "curator")
    for path in (
        reverse("wagtailadmin_pages:delete", args=[topic.pk]),
        reverse("wagtailadmin_pages:move_confirm", args=[topic.pk, other.pk]),
        f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', 'delete'])}?id={topic.pk}",
    ):
        answer = client.post(path, follow=True)
        assert "niet voor jou" in answer.content.decode(), path
        assert ArticlePage.objects.get(pk=theirs.pk).get_parent().pk == topic.pk, path


def test_a_draft_with_a_narrower_audience_is_for_both(people: People) -> None:
    """Whoever is not in the audience of the newest draft does not find the row; older drafts keep to theirs."""
    topic = make_topic("Verlof", {audiences.PUBLIC})
    faq = make_faq("Openbaar?", {audiences.PUBLIC}, topic)
    faq.own_audience = Audience.objects.of({audiences.user(people.owner.pk)})
    narrow = faq.save_revision()
    client = client_of(people, "curator")
    edit = reverse("wagtailsnippets_kb_faq:edit", args=[faq.pk])
    assert client.get(edit).status_code == 404
    faq.own_audience = Audience.objects.of({audiences.PUBLIC})
    faq.save_revision()
    assert client.get(edit).status_code == 200
    for name in ("revisions_view", "revisions_revert"):
        path = reverse(f"wagtailsnippets_kb_faq:{name}", args=[faq.pk, narrow.pk])
        assert client.get(path).status_code == 404, name


def test_nobody_closes_a_row_to_themselves(people: People) -> None:
    topic = make_topic("Verlof", {audiences.PUBLIC})
    client = client_of(people, "curator")
    sent = {"question": "Van wie?", "answer": "Van hen.", "topic": topic.pk, "locale": topic.locale_id, "tags": ""}
    answer = client.post(reverse("wagtailsnippets_kb_faq:add"), sent | {"own_audience": f"team:{people.ict.pk}"})
    assert "zelf niet meer" in answer.content.decode()
    assert not Faq.objects.exists()
    answer = client.post(reverse("wagtailsnippets_kb_faq:add"), sent | {"own_audience": f"team:{people.hr.pk}"})
    assert answer.status_code == 302, answer.content.decode()[:3000]


def test_what_is_read_under_the_cms_is_not_kept_for_others(people: People) -> None:
    """Queries are cut when they are sent: a form or list of one curator offers another one theirs."""
    mine, theirs = (
        make_topic(name, {audiences.team(team.pk)}) for name, team in (("Salaris", people.hr), ("Netwerk", people.ict))
    )
    path = reverse("wagtailsnippets_kb_faq:list")
    people.ict_agent.role_grants.create(role="curator")
    sync_members(Role.CURATOR)
    for name, seen, unseen in (("curator", mine, theirs), ("ict_agent", theirs, mine)):
        text = client_of(people, name).get(path).content.decode()
        assert seen.title in text, name
        assert unseen.title not in text, name
    assert TopicPage.objects.filter(pk__in=[mine.pk, theirs.pk]).count() == 2


def test_queries_are_cut_in_an_asynchronous_server_too(people: People) -> None:
    topic = make_topic("Verlof", {audiences.PUBLIC})
    make_faq("Voor ons?", {audiences.STAFF}, topic)
    make_faq("Voor hen?", {audiences.user(people.owner.pk)}, topic)
    client = AsyncClient()
    client.force_login(people.curator, backend="allauth.account.auth_backends.AuthenticationBackend")
    text = async_to_sync(client.get)(reverse("wagtailsnippets_kb_faq:list")).content.decode()
    assert "Voor ons?" in text
    assert "Voor hen?" not in text
    assert Faq.objects.count() == 2, "the cut outlived its request"


class Column:
    """What one person gets, and where a hidden title stood in it."""

    def __init__(self, world: World, person: str) -> None:
        self.world, self.person = world, person
        self.cells: dict[str, str] = {}
        self.leaks: list[str] = []
        self.asked: set[str] = set()
        user = world.people.persons()[person]
        self.client = Client()
        if user.is_authenticated:
            self.client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        self.enters = cms.may_enter(user)
        for name, pattern in told():
            self._address(name, pattern)

    def _address(self, name: str, pattern: Any) -> None:
        """Who may not enter is sent away at the door: one address of each kind tells that. Whom the doors are open to
        asks all of them; the administrator reads the pages about one row as the curator does."""
        path, named = address(name, pattern, self.world.shown)
        if not self.enters and self.person != "anonymous":
            kind = name.rpartition(":")[0]
            if kind in self.asked:
                return
            self.asked.add(kind)
        if not named or self.person == "curator":
            self.cells[name] = self._read(name, path, {"q": MARKER} if SEARCHED.search(name) else {})
        if named:
            path, _named = address(name, pattern, self.world.hidden)
            self.cells[f"{name} (theirs)"] = short(ask(self.client, "get", path))

    def _read(self, name: str, path: str, query: dict[str, str]) -> str:
        response = ask(self.client, "get", path, query)
        assert response.status_code < 500, f"{self.person} {name} {path}: {response.status_code}"
        if SECRET.lower() in (text := response.read.lower()):
            at = text.index(SECRET.lower())
            around = " ".join(text[max(at - 100, 0) : at + 60].split())
            self.leaks.append(f"{self.person} {name} {path} {query or ''}: …{around}…")
        return short(response)


def read_table() -> dict[str, dict[str, str]]:
    """Person → address → cell, as the document has it."""
    lines = [line.strip("|").split("|") for line in TABLE.read_text().splitlines() if line.startswith("|")]
    cells = [[c.strip() for c in line] for line in lines]
    return {name: {row[0]: row[i] for row in cells[2:]} for i, name in enumerate(cells[0]) if i}


def test_everybody_gets_what_the_table_says_and_no_hidden_title(world: World) -> None:
    """Everybody asks every address, searches every list for a word of hidden titles, and reads none of them."""
    with bare_refusals():
        columns = {person: Column(world, person) for person in PERSONS}
    leaks = [leak for column in columns.values() for leak in column.leaks]
    assert not leaks, "hidden titles in\n" + "\n".join(leaks)
    if WRITING:
        write_table(columns)
    table = read_table()
    assert set(table) == set(PERSONS)
    wrong = [
        f"{person} {label}: expected {table[person].get(label, 'no such line')}, seen {cell}"
        for person, column in columns.items()
        for label, cell in column.cells.items()
        if table[person].get(label) != cell
    ]
    assert not wrong, "\n".join(wrong)


def write_table(columns: dict[str, Column]) -> None:
    """Put what was seen in the document."""
    labels = sorted({label for column in columns.values() for label in column.cells})
    lines = ["| address | " + " | ".join(PERSONS) + " |", "| --- |" + " --- |" * len(PERSONS)]
    lines += [
        f"| {label} | " + " | ".join(columns[name].cells.get(label, "") for name in PERSONS) + " |" for label in labels
    ]
    TABLE.write_text(INTRODUCTION + "\n".join(lines) + "\n")


def article_fields(article: ArticlePage, body: str) -> dict[str, Any]:
    """What the editor of an article sends, with one block of text."""
    return {
        "title": article.title, "slug": article.slug, "action-publish": "1", "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0", "body-count": "1", "body-0-deleted": "", "body-0-order": "0",
        "body-0-type": "text", "body-0-id": "", "body-0-value": body,
    }  # fmt: skip


def test_nobody_names_in_a_text_what_is_hidden_from_them(world: World) -> None:
    """A document that a text names is for who reads the text, so naming one would open it."""
    shown, hidden = world.shown.by_model, world.hidden.by_model
    article = make_article("Plan", {audiences.PUBLIC}, make_topic("Plannen", {audiences.PUBLIC}))
    client, wrong = client_of(world.people, "curator"), []
    for kind, model in (("DOCUMENT", "Attachment"), ("LINK", "Page")):
        for rows, published in ((hidden, False), (shown, True)):
            row = rows[model]
            data = {"id": row.pk, "url": "/", "parentId": 1}
            text = {
                "blocks": [{"key": "a", "text": "x", "type": "unstyled", "depth": 0,
                            "inlineStyleRanges": [], "entityRanges": [{"offset": 0, "length": 1, "key": 0}]}],
                "entityMap": {"0": {"type": kind, "mutability": "IMMUTABLE", "data": data}},
            }  # fmt: skip
            sent = article_fields(article, json.dumps(text))
            answer = ask(client, "post", reverse("wagtailadmin_pages:edit", args=[article.pk]), sent)
            if (answer.status_code == 302) != published:
                wrong.append(f"{kind} {'shown' if published else 'hidden'}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_a_text_that_is_none_is_refused(world: World) -> None:
    """Of the editor's JSON: each field of each kind that JSON has, and nested until Python gives up."""
    article = make_article("Plan", {audiences.PUBLIC}, make_topic("Plannen", {audiences.PUBLIC}))
    block = {"key": "a", "text": "x", "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}
    ranges = {"offset": 0, "length": 1, "key": 7, "style": "BOLD"}
    odd: list[Any] = [None, 1, -1, "x", [1], {"a": 1}]
    texts = ["[" * 100_000, '{"a":' * 20_000, *map(json.dumps, odd)]
    texts += [json.dumps({"blocks": value, "entityMap": {}}) for value in odd]
    texts += [json.dumps({"blocks": [block], "entityMap": value}) for value in odd]
    texts += [json.dumps({"blocks": [block | {name: value}], "entityMap": {}}) for name in block for value in odd]
    texts += [json.dumps({"blocks": [block | {"type": "unordered-list-item", "depth": 30_000}], "entityMap": {}})]
    texts += [json.dumps({"blocks": [block | {name: [ranges]}], "entityMap": {}}) for name in block]
    texts += ["[1]", '"x"', "7"]
    client, wrong = client_of(world.people, "curator"), []
    path = reverse("wagtailadmin_pages:preview_on_edit", args=[article.pk])
    for text in texts:
        answer = ask(client, "post", path, article_fields(article, text))
        if answer.status_code not in (200, 400):
            wrong.append(f"{answer.status_code}: {text[:150]}")
    assert not wrong, "\n".join(wrong)


def test_a_number_is_a_number_however_it_is_written(world: World) -> None:
    topic, hidden = world.shown.by_model["Page"], world.hidden.by_model["Page"]
    client, wrong = client_of(world.people, "curator"), []
    for written in ("{}", " {}", "+{}", "{} ", "0{}", "{}\n", "{}_"):
        for name in ("copy", "move"):
            path = reverse(f"wagtailadmin_pages:{name}", args=[topic.pk])
            sent = {"new_parent_page": written.format(hidden.pk), "new_title": "x", "new_slug": "x"}
            answer = ask(client, "post", path, sent)
            if answer.status_code != 404 or SECRET in answer.read:
                wrong.append(f"{name} {written!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_what_wagtail_cannot_take_is_refused(world: World) -> None:
    page = world.shown.by_model["Page"]
    client = client_of(world.people, "curator")
    listing = reverse("wagtailadmin_explore", args=[page.pk])
    copy, edit = (reverse(f"wagtailadmin_pages:{name}", args=[page.pk]) for name in ("copy", "edit"))
    api = reverse("wagtailadmin_api:pages:listing")
    searches = [
        listing,
        reverse("wagtailadmin_choose_page_search"),
        reverse("wagtailsnippetchoosers_kb_faq:choose_results"),
    ]
    searches += [reverse(f"{name}:index_results") for name in ("wagtailimages", "wagtaildocs")]
    answers = {
        **{f"search {path}": ask(client, "get", path, {"q": text}) for path in searches for text in SEARCHES},
        **{f"api {text}": ask(client, "get", api, {"search": text}) for text in SEARCHES},
        **{f"{name} {n[:5]}": ask(client, "get", api, {name: n}) for name in ("offset", "limit") for n in NUMBERS},
        "a long number": ask(client, "get", listing, {"owner": "9" * 30}),
        "long ago": ask(client, "get", listing, {"latest_revision_created_at_from": "0001-01-01"}),
        "signs": ask(client, "get", listing, {"q": "'\"><"}),
        **{f"copy to {to!r}": ask(client, "post", copy, {"new_parent_page": to}) for to in ("", "x", "-1", "1.5")},
        "copy to nowhere": ask(client, "post", copy),
        "an odd revision": ask(client, "post", edit, {"overwrite_revision_id": "x"}),
    }
    assert {what: a.status_code for what, a in answers.items() if a.status_code >= 500} == {}
    refused = [what for what, a in answers.items() if what.startswith(("search", "api")) and a.status_code != 200]
    assert not refused, "what is searched for is made words, not refused"
    article = make_article("Plan", {audiences.PUBLIC}, make_topic("Plannen", {audiences.PUBLIC}))
    edit, sent = reverse("wagtailadmin_pages:edit", args=[article.pk]), article_fields(article, "null")
    for count, status in (("2000", 400), ("9" * 30, 400), (" 12", 400), ("12", 400), ("0", 200)):  # 11 fields
        answer = ask(client, "post", edit, sent | {"comments-TOTAL_FORMS": count})
        assert answer.status_code == status, count


def test_an_import_of_redirects_goes_on_with_its_own_file_only(people: People) -> None:
    client, wrong = client_of(people, "curator"), []
    client.raise_request_exception = False
    for name, kind in (("", ""), ("/etc/passwd", "0"), (Signer().sign("gone"), Signer().sign("0")), (None, None)):
        sent = {"import_file_name": name, "input_format": kind} if name is not None else {}
        answer = client.post(reverse("wagtailredirects:process_import"), sent)
        if answer.status_code != 400 or "Kies het nog een keer." not in answer.text:
            wrong.append((name, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_an_editor_says_beside_a_date_that_nobody_means_it(people: People, year: str) -> None:
    topic = make_topic("Verlof", {audiences.PUBLIC})
    article, client = make_article("Plan", {audiences.PUBLIC}, topic), client_of(people, "curator")
    moment = f"{year}-12-31 23:59" if year == "9999" else f"{year}-01-01 00:00"
    page = article_fields(article, "null") | {"title": "Getypt", "go_live_at": moment, "expire_at": moment}
    faq = {"question": "Getypt?", "answer": "Ja.", "topic": topic.pk, "locale": topic.locale_id, "verified_at": moment}
    for path, sent, fields in (
        (reverse("wagtailadmin_pages:edit", args=[article.pk]), page, 2),
        (reverse("wagtailsnippets_kb_faq:add"), faq, 1),
    ):
        answer = ask(client, "post", path, sent)
        assert (answer.status_code, answer.read.count("Kies een jaar van")) == (200, fields), path
        assert "Getypt" in answer.read, path


def test_a_title_or_an_answer_of_which_nothing_shows_is_refused_beside_its_field(people: People) -> None:
    topic = make_topic("Verlof", {audiences.PUBLIC})
    article, client = make_article("Plan", {audiences.PUBLIC}, topic), client_of(people, "curator")
    edit, nothing, required = "wagtailadmin_pages:edit", "\u200b\u2060", "Dit is een verplicht veld."
    faq = {"question": "Hoe?", "answer": "Zo.", "topic": topic.pk, "locale": topic.locale_id}
    add = reverse("wagtailsnippets_kb_faq:add")
    copy = {"new_title": nothing, "new_slug": "x", "new_parent_page": topic.pk}
    for path, sent in (
        (reverse(edit, args=[article.pk]), article_fields(article, "null") | {"title": nothing}),
        (reverse("wagtailadmin_pages:copy", args=[article.pk]), copy),
        (add, faq | {"question": nothing}),
        (add, faq | {"answer": f"**{nothing}**"}),
    ):
        answer = ask(client, "post", path, sent)
        assert (answer.status_code, required in answer.read) == (200, True), sent
    answer = ask(client, "post", add, faq | {"answer": "a" * 20_001})
    assert (answer.status_code, "20000" in answer.read) == (200, True)
    with pytest.raises(ValidationError):
        Faq(
            **{name: value for name, value in faq.items() if name != "locale"} | {"topic": topic, "question": nothing},
            locale=topic.locale,
        ).full_clean()


def test_every_address_takes_an_empty_form_and_all_of_a_list(world: World) -> None:
    """No error of ours for POST with nothing in it, nor for GET with `id=all` where such numbers are told. Over a
    second: it asks every address, and draws no page."""
    client, wrong = client_of(world.people, "curator"), []
    client.raise_request_exception = False
    asked = []
    for name, pattern in told():
        path, route = address(name, pattern, world.shown)[0], cms.route_of(name)
        asked += [("post", name, path), *([("get", name, path)] if route and "id" in route.sent else [])]
    for model in (Page, Faq, Picture, Attachment):
        names = model._meta.app_label, model._meta.model_name
        for act in bulk_action_registry.get_bulk_actions_for_model(*names):
            path = reverse("wagtail_bulk_action", args=[*names, act.action_type])
            asked += [("get", f"{act.__name__} {more}", path + more) for more in ("", "?childOf=", "?childOf=x")]
    drawn = patch("django.template.response.SimpleTemplateResponse.rendered_content", "")
    with bare_refusals(), drawn:
        for way, name, path in asked:
            to = path if way == "post" else f"{path}{'&' if '?' in path else '?'}id=all"
            if (answer := ask(client, way, to)).status_code >= 500:
                wrong.append(f"{way} {name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
