"""Every form of the product that creates something, sent twice: one row of everything, and both times the same page."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from kb.models import Faq
from tests.examples import all_examples
from tests.people import People
from tests.standing import Standing
from tests.test_access import OURS, read_table
from web import cms

SAYS_SO = "Dit was al verstuurd"
CREATES = re.compile(r":(add|copy|create)")
APART = {"sessions.session", "web.sentform", "wagtailadmin.editingsession"}
EACH_TIME = {"accounts.auditevent", "search.outboxentry"}
# Routes that take a POST and may do it again: why a second one adds nothing.
AGAIN = {
    "accounts:invited": "a link; opening it is remembered in the session",
    "accounts:manage": "reads nothing of what is sent",
    "accounts:members": "is in it, or out of it",
    "accounts:profile": "changes",
    "chat:act": "a state; a repeated one changes nothing",
    "chat:link": "one participant of each visitor, and the form makes one visitor",
    "chat:post": "the message has a client_id",
    "community:accept": "a state",
    "community:edit_answer": "changes",
    "community:edit_question": "changes",
    "community:follow_space": "follows, or does not",
    "community:hide_answer": "a state",
    "community:hide_question": "a state",
    "community:move": "a state",
    "community:preview": "stores nothing",
    "community:vote_answer": "one vote of each person",
    "community:vote_question": "one vote of each person",
    "kb:feedback": "one opinion of each person or visitor, and the form makes one visitor",
    "moderation:decide": "a state",
    "moderation:look": "each reading is recorded",
    "notifications:choose": "a state",
    "notifications:follow": "follows, or does not",
    "notifications:mark": "a state",
    "notifications:mark_all": "a state",
    "notifications:sent_mail_detail": "each showing is recorded",
    "search:choose_log": "a state",
    "search:seen": "a log that is counted by search",
    "search:wish": "one alert of each person for the same words",
    "search:wish_confirm": "a state",
    "search:wish_end": "deletes",
    "search:wish_end_mine": "deletes",
}
# Under /cms/, where Wagtail's buttons are pressed once, what creates and is not led back by `web.once`.
AGAIN_IN_CMS = {
    "wagtailadmin_pages:add": "one page of a short name in each place",
    "wagtailadmin_pages:copy": "one page of a short name in each place",
    "wagtailredirects:add": "one of each address",
    "wagtailadmin_pages:add_subpage": "stores nothing",
    "wagtailsnippets_kb_faq:copy": "its form is sent to the page that adds",
    **dict.fromkeys(
        """wagtaildocs:add wagtaildocs:add_multiple wagtaildocs:create_multiple_from_uploaded_document
        wagtaildocs_chooser:create wagtailimages:add wagtailimages:add_multiple
        wagtailimages:create_multiple_from_uploaded_image wagtailimages_chooser:create
        wagtailsnippetchoosers_kb_faq:create""".split(),
        "a file that stands there twice is seen and deleted",
    ),
}


@dataclass(frozen=True)
class Form:
    """A form on a page: `route` takes it. The rest is as the page gives it."""

    route: str
    person: str
    page: str  # a route
    fields: dict[str, Any] = field(default_factory=dict)
    example: int = 0  # of those in tests/<package>/addresses.py
    query: str = ""


QUESTION = {"q": "Waar staat de koffieautomaat?", "body": "Op welke *gang*?"}
NAMES = {"name": "Nieuwe afdeling", "name_en": ""}
TEAM = NAMES | {"organisation": "the first", "languages": ["nl"]}
CREATING = [
    Form("community:ask", "owner", "community:ask", QUESTION | {"space": "the first", "anyway": "1"}),
    Form("community:answer", "agent", "community:question", {"body": "Naast de lift."}),
    Form("chat:start", "owner", "chat:start", {"q": "Klopt mijn saldo?", "team": "the first"}),
    Form("chat:start", "anonymous", "chat:start", {"q": "Klopt mijn saldo?", "team": "the first"}),
    Form("kb:capture", "agent", "kb:capture", {"question": "Klopt mijn salaris?", "answer": "Ja."}),
    Form("moderation:flag", "owner", "moderation:flag", {"reason": "rude", "text": "Lelijk"}, query="key=question:{q}"),
    Form("accounts:add_person", "administrator", "accounts:add_person", {"name": "Bo", "email": "bo@example.org"}),
    Form("accounts:invite", "administrator", "accounts:invite", {"email": "bo@example.org"}),
    Form("accounts:system", "administrator", "accounts:system"),
    Form("accounts:add_organisation", "administrator", "accounts:add_organisation", NAMES | {"kind": "business"}),
    Form("accounts:add_unit", "administrator", "accounts:add_unit", NAMES),
    Form("accounts:add_team", "administrator", "accounts:add_team", TEAM),
    Form("accounts:add_circle", "administrator", "accounts:add_circle", NAMES),
    Form("wagtailsnippets_kb_faq:add", "curator", "wagtailsnippets_kb_faq:add",
         {"question": "Hoe werkt het?", "answer": "Zo.", "topic": "{topic}"}, query="locale=nl"),
    Form("search_synonyms:add", "curator", "search_synonyms:add", {"terms": "fiets\nrijwiel", "language": "nl"}),
    Form("search_protected_words:add", "curator", "search_protected_words:add", {"word": "Zaakbaak"}),
    Form("search_best_bets:add", "curator", "search_best_bets:add", {"queries": "koffie", "document": "faq:{faq}"}),
]  # fmt: skip
REPEATED = [
    Form("kb:feedback", "anonymous", "kb:faq", {"helpful": "yes"}),
    Form("kb:feedback", "owner", "kb:faq", {"helpful": "yes"}),
    Form("accounts:members", "administrator", "accounts:team", {"email": "owner@t-waterland.example"}),
    Form("moderation:decide", "curator", "moderation:queue", {"act": "hide"}),
    Form("community:vote_question", "colleague", "community:question"),
    Form("notifications:follow", "colleague", "community:question"),
]


class Browser:
    """Fills in forms as they stand on the page."""

    def __init__(self, people: People, person: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        if person != "anonymous":
            self.client.force_login(getattr(people, person), backend="accounts.backends.RoleBackend")

    def fill(self, page: str, action: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Where a form of the page is sent, and what."""
        answer = self.client.get(page)
        assert answer.status_code == 200, (page, answer.status_code)
        forms = BeautifulSoup(answer.content, "html.parser").find_all(
            "form", method=lambda m: (m or "").lower() == "post"
        )
        whole = page.partition("?")[0]
        fitting = [f for f in forms if str(f.get("action") or page).partition("?")[0] == action.partition("?")[0]]
        # The page's own form last: its head holds others that are sent to the same place.
        assert fitting, f"{whole} has no form for {action}: {[f.get('action') for f in forms]}"
        sent = _as_it_stands(fitting[-1])
        for name, value in values.items():
            sent[name] = _first(fitting[-1], name) if value == "the first" else value
        return str(fitting[-1].get("action") or page), sent


def _as_it_stands(form: Tag) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for box in form.find_all(["input", "textarea", "select"]):
        name, kind = box.get("name"), box.get("type", "text")
        if not name or kind in ("submit", "button", "file"):
            continue
        if box.name == "select":
            chosen = [o.get("value", "") for o in box.find_all("option", selected=True)]
            sent[name] = chosen if box.has_attr("multiple") else (chosen or [_options(box)[0]])[0]
        elif box.name == "textarea":
            sent[name] = box.text.removeprefix("\n")
        elif kind not in ("checkbox", "radio"):
            sent[name] = box.get("value", "")
        elif box.has_attr("checked"):
            sent.setdefault(name, []).append(box.get("value", "on"))
    return sent


def _options(box: Tag) -> list[str]:
    return [str(o.get("value", "")) for o in box.find_all("option")] or [""]


def _first(form: Tag, name: str) -> str:
    values = [str(b.get("value", "")) for b in form.find_all("input", {"name": name})]
    values += [value for box in form.find_all("select", {"name": name}) for value in _options(box)]
    return next(filter(None, values))


def rows() -> Counter[str]:
    """How many rows each table has."""
    return Counter({m._meta.label_lower: m._base_manager.count() for m in apps.get_models()})


def _counted(before: Counter[str], apart: set[str] = APART) -> dict[str, int]:
    return {label: count for label, count in (rows() - before).items() if label not in apart}


@dataclass
class World:
    """Everybody, and an example of each address."""

    people: People
    examples: dict[str, list[tuple[str, dict[str, Any]]]]

    def path(self, route: str, form: Form) -> str:
        """The address of a route."""
        known = self.examples.get(route, [("", {})])[form.example][1]
        return reverse(route, kwargs=known)

    def filled(self, form: Form) -> tuple[Browser, str, dict[str, Any]]:
        """Somebody's browser with the form filled in."""
        faq = Faq.objects.get(pk=self.examples["kb:faq"][0][1]["pk"])
        of = {"q": self.examples["community:question"][0][1]["pk"], "faq": faq.pk, "topic": faq.topic_id}
        browser = Browser(self.people, form.person)
        values = {name: value.format(**of) if isinstance(value, str) else value for name, value in form.fields.items()}
        page = self.path(form.page, form) + (f"?{form.query.format(**of)}" if form.query else "")
        return browser, *browser.fill(page, self.path(form.route, form), values)


@pytest.fixture
def world(people: People, made: Standing, indexed: Callable[[], int]) -> World:
    """Rows behind every address."""
    examples = made("content", lambda: all_examples(people))
    slugs = {"kb:faq": "kb.Faq", "community:question": "community.Question"}
    for route, label in slugs.items():  # a wrong slug is led on
        for _label, known in examples[route]:
            known["slug"] = apps.get_model(label).objects.get(pk=known["pk"]).slug
    return World(people, examples)


def ident(form: Form) -> str:
    return f"{form.route} {form.person}"


@pytest.mark.parametrize("form", CREATING, ids=ident)
def test_sent_twice_it_is_there_once(world: World, form: Form) -> None:
    browser, action, sent = world.filled(form)
    client, before, cookies = browser.client, rows(), browser.client.cookies.copy()
    first = client.post(action, sent)
    assert first.status_code == 302, BeautifulSoup(first.content, "html.parser").get_text(" ", strip=True)
    made, after = _counted(before), client.cookies
    assert made, "nothing was made"
    for known in (after, cookies):  # a tab is restored; a second click, before the first answer with its cookies came
        client.cookies = known.copy()
        again = client.post(action, sent)
        assert (again.status_code, again["Location"]) == (302, first["Location"])
        assert _counted(before) == made
        shown = client.get(again["Location"], follow=True)
        assert shown.status_code == 200
        assert SAYS_SO in shown.content.decode()


@pytest.mark.parametrize("form", REPEATED, ids=ident)
def test_what_may_be_done_again_adds_nothing(world: World, form: Form) -> None:
    assert form.route in AGAIN
    browser, action, sent = world.filled(form)
    client, before, cookies = browser.client, rows(), browser.client.cookies.copy()
    assert client.post(action, sent).status_code == 302
    made = _counted(before, APART | EACH_TIME)
    client.cookies = cookies
    assert client.post(action, sent).status_code == 302
    assert _counted(before, APART | EACH_TIME) == made


def _routes() -> dict[str, bool]:
    """Every route that takes a POST of somebody, of ours and of what creates under /cms/: whether it creates once."""
    cells = [cell for cells in read_table().values() for cell in cells.items()]
    takes = {label.partition(" (")[0] for label, cell in cells if cell.split()[-1] not in ("405", "login", "403")}
    found: dict[str, bool] = {}

    def walk(resolver: URLResolver, spaces: tuple[str, ...]) -> None:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern, (*spaces, pattern.namespace) if pattern.namespace else spaces)
            elif pattern.name:
                name = ":".join([*spaces, pattern.name])
                route = cms.route_of(name)
                creates = route is not None and not route.closed and CREATES.search(name)
                if creates or (spaces[-1:] and spaces[-1] in OURS and name in takes):
                    found[name] = _once(pattern)

    walk(get_resolver(), ())
    return found


def _once(pattern: URLPattern) -> bool:
    view: Any = pattern.callback
    return bool(getattr(getattr(view, "view_class", view), "creates_once", False))


def test_every_route_creates_once_or_may_be_done_again() -> None:
    found = _routes()
    once, again = {name for name, yes in found.items() if yes}, {name for name, yes in found.items() if not yes}
    assert again == {*AGAIN, *AGAIN_IN_CMS}, "create with `web.once`, or say why a second one adds nothing"
    changing = {"accounts:person", "accounts:organisation", "accounts:unit", "accounts:team", "accounts:circle"}
    assert once - changing == {form.route for form in CREATING}
