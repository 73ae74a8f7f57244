"""Whatever is put in an address, a parameter, a field, a header or a cookie: no answer is an error of ours.

The names of parameters and fields are those that the views themselves ask for, so that no list needs keeping. By
default one value for each (always the same) is sent; FULL=1 sends all, HOSTILE_SEED=n others, HOSTILE_VALUES=n more.
"""

import logging
import os
import random
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation
from django.utils.timezone import localdate

from discovery.models import Gap
from kb.models import HomePage
from tests.examples import all_examples
from tests.people import People, make_people
from tests.test_access import OURS, SINGLE, Written, bare_refusals

FULL = os.environ.get("FULL") == "1"
SEED = os.environ.get("HOSTILE_SEED", "2026")
PERSONS = ["anonymous", "owner", "agent", "curator", "administrator"]
OURS_IN_CMS = re.compile(r"search_|wagtailsnippets_kb_faq:(list|add|edit)$")
# As they stand in an address: already percent-encoded where they are bytes that are no text.
BYTES = ["%00", "a%00b", "%ED%A0%80", "%FF%FE", "%C0%AF", "%0D%0AX-Injected:%201"]
TEXTS = [
    "", "0", "-1", "+1", " 1 ", "1_000", "1e9", "1.5", "²", "١٢", "𝟘", "NaN", "null", "[]", "{}",
    str(2**31), str(2**63), str(2**64), "9" * 30, "9" * 5000, "0" * 5000 + "1", "-" + "9" * 30,
    "u:" + "9" * 30, "o:²", "question:" + "9" * 30, "faq:²", "faq:" + "9" * 5000, "user:" + "9" * 18,
    "a" * 51_000, "%" * 51_000, "_" * 51_000, "é " * 20_000, "🙂" * 5_000, "(" * 5_000, '"' * 5_001, "-" * 5_000,
    "\r\nSet-Cookie: a=b", "../../../../etc/passwd", "//host.example/", "/\t/host.example", "javascript:alert(1)",
    "\u202e\u0000"[:1], "' or 1=1 --", "<script>", "{{ 7 * 7 }}", "%s%n%d", "kind: topic: language:", "*:* AND NOT [",
    "0001-01-01", "9999-12-31 23:59",
]  # fmt: skip
VALUES = [*BYTES, *(quote(text, safe="") for text in TEXTS)]
IN_PATH = [*BYTES, *(quote(text, safe="") for text in TEXTS if text and len(text) < 6_000)]
SELECTED = len(VALUES) if FULL else int(os.environ.get("HOSTILE_VALUES", "1"))  # for each parameter of each address
# What lets a view go on to the field that is hostile.
PLAUSIBLE = {
    "q": "Hoe vraag ik verlof aan?", "title": "Waar staat de printer?", "question": "Hoe vraag ik verlof aan?",
    "answer": "Op de gang.", "body": "Op de gang.", "language": "nl", "reason": "other", "name": "Ayla",
    "email": "ayla@example.com", "helpful": "yes", "terms": "verlof\nvakantie", "to": "", "word": "verlof", "on": "1",
    "time_zone": "Europe/Amsterdam", "country": "NL", "languages": "nl", "text": "Dubbel", "queries": "verlof",
    "act": "hide", "kind": "business",
    "audience": "staff", "samples": "verlof", "login": "ayla@example.com", "password": "geheim", "key": "question:1",
}  # fmt: skip


@dataclass
class Route:
    """An address with an example, and what its view was seen to read."""

    name: str
    path: str
    parameters: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, set[str]] = field(default_factory=lambda: {"get": set(), "post": set()})
    buttons: set[str] = field(default_factory=set)
    persons: dict[str, list[str]] = field(default_factory=lambda: {"get": [], "post": []})  # who get that far


@dataclass(frozen=True)
class Case:
    """One request."""

    route: Route
    person: str
    method: str
    path: str
    data: str = ""

    def __str__(self) -> str:
        sent = f" with {self.data[:150]}" if self.data else ""
        return f"{self.route.name} as {self.person}: {self.method} {self.path[:200]}{sent}"


def patterns() -> Iterator[tuple[str, URLPattern]]:
    """Every named address that is ours, with its name as `reverse` takes it; those of our pages under /cms/ too."""

    def walk(resolver: URLResolver, spaces: tuple[str, ...]) -> Iterator[tuple[str, URLPattern]]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, (*spaces, pattern.namespace) if pattern.namespace else spaces)
            elif pattern.name:
                name = ":".join([*spaces, str(pattern.name)])
                ours = (spaces[-1:] or ("",))[0] in OURS or name.startswith(("account_", "set_language", "javascript"))
                if ours or OURS_IN_CMS.match(name):
                    yield name, pattern

    yield from walk(get_resolver(), ())


def routes(people: People) -> list[Route]:
    """Every address of ours with an example of each."""
    examples = all_examples(people)
    gap = Gap.objects.create(text="verlof", language="nl", since=localdate(), words="verlof")
    found: dict[str, Route] = {}
    for name, pattern in patterns():
        for number, (_label, parameters) in enumerate(examples.get(name) or [("", _guess(pattern, gap))]):
            try:
                path = reverse(name, kwargs=parameters)
            except NoReverseMatch:
                path = reverse(name, args=list(parameters.values()))
            found[f"{name} {number}"] = Route(name, path, parameters)
    for name in SINGLE:
        found[name] = Route(name, reverse(name))
    found["document"] = Route("document", "/documents/1/x.pdf", {"pk": 1, "name": "x.pdf"})
    for page in HomePage.objects.get(locale__language_code="nl").get_descendants(inclusive=True).live():
        found[f"page {page.pk}"] = Route(f"page: {page.title}", page.get_url())
    return list(found.values())


def _guess(pattern: URLPattern, gap: Gap) -> dict[str, Any]:
    names = [*pattern.pattern.converters] or list(pattern.pattern.regex.groupindex)
    return {name: {"pk": gap.pk, "kind": "synonyms"}.get(name, "1") for name in names}


class Asked:
    """Records which parameters views ask for, and which of them they only look for, as for a button."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: set[str] = set()
        self.buttons: set[str] = set()
        for method in ("__getitem__", "__contains__", "get", "getlist"):
            recorded = self._recording(getattr(QueryDict, method), method == "__contains__")
            monkeypatch.setattr(QueryDict, method, recorded)

    def _recording(self, read: Callable[..., Any], button: bool) -> Callable[..., Any]:
        def recorded(query: QueryDict, name: Any, *rest: Any, **more: Any) -> Any:
            if isinstance(name, str) and len(name) < 100:
                self.names.add(name)
                if button:
                    self.buttons.add(name)
            return read(query, name, *rest, **more)

        return recorded


class World:
    """Everybody's browser."""

    def __init__(self, people: People) -> None:
        self.routes = routes(people)
        self.plausible = PLAUSIBLE | {
            name: str(value)
            for route in self.routes
            for name, value in route.parameters.items()
            if name not in PLAUSIBLE
        }
        self.plausible |= {"team": str(people.hr.pk), "organisation": str(people.ssc.pk), "csrfmiddlewaretoken": ""}
        self.clients = {}
        for name in PERSONS:
            client = Client(raise_request_exception=False)
            user = people.persons()[name]
            if user.is_authenticated:
                client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            self.clients[name] = client

    def others(self, route: Route, button: str, without: str = "") -> dict[str, str]:
        """Plausible values for what the view reads, with one button."""
        names = route.asked["post"] - route.buttons - {without} | ({button} if button else set())
        return {name: self.plausible.get(name, "1") for name in sorted(names)}

    def send(self, case: Case) -> HttpResponse:
        """The answer; whatever was written is undone."""
        client, response = self.clients[case.person], HttpResponse()
        cookies = client.cookies.copy()
        path, _mark, query = case.path.partition("?")
        extra = {"QUERY_STRING": query, "PATH_INFO": _unquoted(path)}
        try:
            with transaction.atomic():
                if case.method == "get":
                    response = client.get("/", **extra)
                else:
                    kind = "application/x-www-form-urlencoded"
                    response = client.post("/", case.data, content_type=kind, **extra)
                raise Written
        except Written:
            pass
        client.cookies = cookies
        return response


def _unquoted(path: str) -> str:
    """As WSGI has it: bytes as latin-1."""
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path).decode("latin-1")


def discover(world: World, asked: Asked) -> None:
    """Find out what each view reads, and who gets that far: first of nothing, then of plausible values with each
    button."""
    for route in world.routes:
        for method in ("get", "post"):
            for person in ("administrator", "agent", "owner", "anonymous"):
                asked.names, asked.buttons = set(), set()
                response = world.send(Case(route, person, method, route.path))
                route.asked[method] |= asked.names
                to_sign_in = "/login/" in response.get("Location", "")
                if response.status_code == 405:
                    break  # for everybody
                if response.status_code not in (401, 403, 404) and not to_sign_in:
                    route.persons[method].append(person)
                    if method == "post":
                        route.buttons |= asked.buttons - {"csrfmiddlewaretoken"}
                    if not FULL:
                        break
        if route.persons["post"]:
            for button in sorted(route.buttons) or [""]:
                asked.names = set()
                data = urlencode(world.others(route, button))
                world.send(Case(route, route.persons["post"][0], "post", route.path, data))
                route.asked["post"] |= asked.names


def cases(world: World, chance: random.Random) -> Iterator[Case]:
    """The requests to send."""

    def some(values: list[str], able: list[str]) -> list[tuple[str, str]]:
        several = chance.sample(values, min(SELECTED, len(values)))
        return [(chance.choice(able * 3 + PERSONS if able else PERSONS), value) for value in several]

    for route in world.routes:
        for value in route.parameters.values():
            for person, hostile in some(IN_PATH, route.persons["get"]):
                place = rf"(?<=/){re.escape(quote(str(value)))}(?=[/-]|$)"
                path = re.sub(place, lambda _found, put=hostile: put, route.path, count=1)
                yield Case(route, person, chance.choice(("get", "post")), path)
        for name in sorted(route.asked["get"]):
            for person, hostile in some(VALUES, route.persons["get"]):
                yield Case(route, person, "get", f"{route.path}?{quote(name)}={hostile}")
        if not route.persons["post"]:
            continue
        for name in sorted(route.asked["post"]):
            for person, hostile in some(VALUES, route.persons["post"]):
                sent = urlencode(world.others(route, chance.choice([*sorted(route.buttons), ""]), name))
                yield Case(route, person, "post", route.path, f"{sent}&{quote(name)}={hostile}")


def told(case: Case, response: HttpResponse) -> str:
    """A failure in two lines."""
    info = getattr(response, "exc_info", None)
    where = " ← ".join(traceback.format_exception_only(info[0], info[1])[-1:]).strip()[:200] if info else ""
    frames = [f for f in traceback.extract_tb(info[2]) if "site-packages" not in f.filename] if info else []
    at = f" at {frames[-1].filename.rpartition('/main/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{response.status_code} {case}\n    {where}{at}"


def failed(response: HttpResponse) -> bool:
    """An error of ours. 503 is no error when search says so."""
    return response.status_code >= 500 and response.status_code != 503


@pytest.fixture
def world(db: None, settings: Any, indexed: Callable[[], int]) -> World:
    """The addresses, with rows behind them, and nobody who is too fast."""
    settings.RATE_LIMITS, settings.ADDRESS_LIMITS = dict.fromkeys(django_settings.RATE_LIMITS, (1_000_000, 60)), {}
    people = make_people()
    with translation.override("nl"):
        found = World(people)
    indexed()
    return found


def test_no_parameter_and_no_field_of_any_address_makes_an_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)  # each refusal is a warning in the log
    asked = Asked(monkeypatch)
    with bare_refusals():
        discover(world, asked)
    read = {name for route in world.routes for name in route.asked["get"] | route.asked["post"]}
    assert {"q", "topic", "team", "link", "asked", "page", "space", "place", "search"} <= read, read
    failures: dict[tuple[str, str], str] = {}
    for case in cases(world, random.Random(SEED)):  # noqa: S311  # a selection, no secret
        response = world.send(case)
        if failed(response):
            line = told(case, response)
            failures.setdefault((case.route.name, line.partition("\n")[2]), line)
    assert not failures, f"{len(failures)} kinds of errors, seed {SEED}:\n" + "\n".join(failures.values())
