"""Every address × every person, by GET and by an empty POST: what docs/access.md says, no more and no less.

After a change that is meant: WRITE_ACCESS=1 pytest tests/test_access.py, and read the difference.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from kb.models import HomePage
from tests.examples import all_examples
from tests.looks import FULL
from tests.people import People, make_people
from web.packages import packages

TABLE = Path(__file__).resolve().parent.parent / "docs" / "access.md"
# The namespaces of our packages' addresses: that of `<package>/urls.py`, or the package's name.
OURS = {
    getattr(import_module(f"{package.name}.urls"), "app_name", package.name)
    for package in packages()
    if find_spec(f"{package.name}.urls")
}
# Addresses of the project itself and Wagtail's entrance; the rest of /cms/ is Wagtail's own and tested there.
SINGLE = [
    "privacy",
    "accessibility",
    "offline",
    "styleguide",
    "health",
    "robots",
    "security_txt",
    "manifest",
    "sitemap",
    "wagtailadmin_home",
]
INTRODUCTION = """# Who gets what

Written by `WRITE_ACCESS=1 pytest tests/test_access.py`, and held to the product by the same test. Each cell: the answer
to GET, then to an empty POST. `login` sends to the sign-in page, `→` leads elsewhere; 404 is also the answer for what
exists and is not for this person. The people are those of `tests/people.py`.

"""


class Written(Exception):
    """Ends a request's transaction, so that nothing it wrote stays."""


@contextmanager
def bare_refusals() -> Iterator[None]:
    """Refusals without their page, for tests of thousands of requests that are about the status. It is always the
    same page, looked at elsewhere."""

    def bare(_request: Any, _resolver: Any, status: int, _exception: Any) -> HttpResponse:
        return HttpResponse(status=status)

    with patch("django.core.handlers.exception.get_exception_response", bare):
        yield


def names() -> Iterator[tuple[str, URLPattern]]:
    """Every named address of our packages."""

    def walk(resolver: URLResolver, namespace: str) -> Iterator[tuple[str, URLPattern]]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, pattern.namespace or namespace)
            elif namespace in OURS and pattern.name:
                yield f"{namespace}:{pattern.name}", pattern

    yield from walk(get_resolver(), "")


def addresses(people: People) -> list[tuple[str, str]]:
    """Label and path of everything that is asked for."""
    examples = all_examples(people)
    found: dict[str, str] = {}
    for name, pattern in names():
        if name == "files:rendition":
            continue  # tests/files asks it with a picture
        cases = examples.get(name, [("", {})])
        for label, parameters in cases:
            found[f"{name} ({label})" if label else name] = reverse(name, kwargs=parameters)
        assert cases, f"{name} needs an example in tests/<package>/addresses.py"
        assert name in examples or not pattern.pattern.converters, (
            f"{name} needs an example in tests/<package>/addresses.py"
        )
    for name in SINGLE:
        found[name] = reverse(name)
    for page in HomePage.objects.get(locale__language_code="nl").get_descendants(inclusive=True).live().specific():
        found[f"page: {page.title} ({type(page).__name__})"] = page.get_url()
    return sorted(found.items())


def cell(client: Client, path: str) -> str:
    """The answers to GET and POST; whatever they wrote is undone."""
    answers = []
    for method in ("get", "post"):
        caches["limits"].clear()
        caches["default"].clear()
        try:
            with transaction.atomic():
                answers.append(short(getattr(client, method)(path)))
                raise Written
        except Written:
            pass
    return " ".join(answers)


def short(response: HttpResponse) -> str:
    """A status as the table shows it."""
    assert response.status_code < 500, response
    if response.status_code in (301, 302, 303):
        return "login" if "/account/login/" in response["Location"] or "/cms/login/" in response["Location"] else "→"
    return str(response.status_code)


def column(people: People, name: str, rows: list[tuple[str, str]]) -> dict[str, str]:
    """What one person gets."""
    client = Client()
    user = people.persons()[name]
    if user.is_authenticated:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    with bare_refusals():
        return {label: cell(client, path) for label, path in rows}


def read_table() -> dict[str, dict[str, str]]:
    """Person → address → cell, as the document has it."""
    lines = [line.strip("|").split("|") for line in TABLE.read_text().splitlines() if line.startswith("|")]
    cells = [[c.strip() for c in line] for line in lines]
    header, rows = cells[0], cells[2:]
    return {name: {row[0]: row[i] for row in rows} for i, name in enumerate(header) if i}


PERSONS = [
    "anonymous",
    "owner",
    "colleague",
    "neighbour",
    "outsider",
    "provider",
    "agent",
    "ict_agent",
    "curator",
    "administrator",
]


# On the services the addresses matter more than who asks: their queries are PostgreSQL's there.
ASKED = PERSONS if FULL or connection.vendor == "sqlite" else ["anonymous", "owner", "agent", "administrator"]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[People, list[tuple[str, str]]]]:
    """The people, and every address with an example: made once, since `cell` undoes whatever is written."""
    with django_db_blocker.unblock(), transaction.atomic(), translation.override("nl"):
        people = make_people()
        try:
            yield people, addresses(people)
        finally:
            transaction.set_rollback(True)


@pytest.mark.skipif("WRITE_ACCESS" in os.environ, reason="the table is being written")
@pytest.mark.parametrize("name", ASKED)
def test_everybody_gets_what_the_table_says(world: tuple[People, list[tuple[str, str]]], name: str) -> None:
    people, rows = world
    assert set(people.persons()) == set(PERSONS)
    seen, said = column(people, name, rows), read_table()[name]
    wrong = [
        f"{name} at {label}: {seen.get(label, 'not asked')} instead of {said.get(label, 'nothing')}"
        for label in sorted({*seen, *said})
        if seen.get(label) != said.get(label)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif("WRITE_ACCESS" not in os.environ, reason="only when asked for")
def test_write_the_table(world: tuple[People, list[tuple[str, str]]]) -> None:
    people, rows = world
    columns = {name: column(people, name, rows) for name in PERSONS}
    lines = ["| address | " + " | ".join(PERSONS) + " |", "| --- |" + " --- |" * len(PERSONS)]
    lines += ["| " + " | ".join([label, *(columns[name][label] for name in PERSONS)]) + " |" for label, _path in rows]
    TABLE.write_text(INTRODUCTION + "\n".join(lines) + "\n")
