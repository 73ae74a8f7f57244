"""Pages while the database does not answer: 503, with the user's input."""

import io
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InterfaceError, OperationalError, ProgrammingError, connection
from django.db.utils import DatabaseErrorWrapper
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import reverse

from tests.kb.test_pages import client_of
from tests.people import People
from tests.web.test_bodies import Sender, ask
from tests.web.test_requests import log  # noqa: F401  # a fixture
from web.outages import KEPT_CHARACTERS, is_outage

LOCKED = OperationalError("database is locked")
NOT_LOST = "er is niets verloren"


@contextmanager
def away(sql: str = "", error: Exception = LOCKED) -> Iterator[None]:
    """Make every statement that contains `sql` fail."""

    def refuse(execute: Callable[..., Any], statement: str, *arguments: Any) -> Any:
        if sql in statement:
            raise error
        return execute(statement, *arguments)

    with connection.execute_wrapper(refuse):
        yield


@pytest.fixture
def web() -> Client:
    """A browser without a session."""
    return Client(raise_request_exception=False)


@pytest.fixture
def owner(people: People) -> Client:
    """A browser with a signed-in user."""
    client = client_of(people, "owner")
    client.raise_request_exception = False
    return client


def wrapped(error: Exception) -> Exception:
    """Return the driver's error as Django raises it."""
    try:
        with DatabaseErrorWrapper(_Postgres()):
            raise error
    except Exception as raised:  # noqa: BLE001  # that is what it is for
        return raised


class _Postgres:
    Database = psycopg
    errors_occurred = False


def sqlite_error(path: Path, how: str) -> Exception:
    """Return an error raised by SQLite itself."""
    db, other = (sqlite3.connect(path, timeout=0, isolation_level=None) for _ in range(2))
    db.execute("create table t (x)")
    try:
        if how == "locked":
            other.execute("begin immediate")
            db.execute("insert into t values (1)")
        elif how == "full":
            db.execute("pragma max_page_count = 3")
            db.execute("insert into t values (zeroblob(100000))")
        elif how == "gone":
            sqlite3.connect(path / "nowhere")
        else:
            db.execute(f"select {how}")
    except sqlite3.Error as error:
        raised = OperationalError(*error.args)
        raised.__cause__ = error
        return raised
    finally:
        db.close()
        other.close()
    raise AssertionError(how)


@pytest.mark.parametrize(("how", "outage"), [("locked", True), ("full", True), ("gone", True), ("no_column", False)])
def test_what_sqlite_says(tmp_path: Path, how: str, outage: bool) -> None:
    assert is_outage(sqlite_error(tmp_path / "db", how)) is outage


@pytest.mark.parametrize(
    ("name", "outage"),
    [
        ("OperationalError", True),  # no connection, or it was lost
        ("InterfaceError", True),
        ("LockNotAvailable", True),
        ("QueryCanceled", True),
        ("DeadlockDetected", True),
        ("DiskFull", True),
        ("TooManyConnections", True),
        ("AdminShutdown", True),
        ("CannotConnectNow", True),
        ("ReadOnlySqlTransaction", True),
        ("IdleInTransactionSessionTimeout", True),
        ("ProgramLimitExceeded", False),  # a text that an index cannot hold: never stored, however often it is sent
        ("StatementTooComplex", False),
        ("TooManyArguments", False),
        ("ObjectNotInPrerequisiteState", False),
        ("UndefinedColumn", False),
        ("UniqueViolation", False),
        ("NumericValueOutOfRange", False),
        ("InFailedSqlTransaction", False),
    ],
)
def test_what_postgresql_says(name: str, outage: bool) -> None:
    assert is_outage(wrapped(getattr(psycopg.errors, name, None) or getattr(psycopg, name))) is outage


def test_a_pool_that_gives_none_is_an_outage() -> None:
    assert is_outage(wrapped(pytest.importorskip("psycopg_pool").PoolTimeout("no connection")))


@pytest.mark.parametrize("error", [ValueError("x"), IntegrityError("x"), ProgrammingError("x"), FileNotFoundError("x")])
def test_our_own_errors_are_no_outage(error: Exception) -> None:
    assert not is_outage(error)
    assert is_outage(OSError(28, "No space left on device"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/nl/", "/en/search/?q=leave", "/nl/community/", "/nl/chat/", "/cms/", "/nl/nowhere/"]
)
@pytest.mark.parametrize("error", [LOCKED, InterfaceError("connection already closed")])
def test_every_page_answers_503(owner: Client, path: str, error: Exception) -> None:
    with away(error=error):
        answer = owner.get(path)
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "no-store" in answer["Cache-Control"]
    assert ("temporarily unavailable" if path.startswith("/en/") else "even niet bereikbaar") in answer.content.decode()
    assert 'http-equiv="refresh"' in answer.content.decode()
    assert owner.get("/nl/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["django_session", "accounts_user", "notifications_", "wagtailcore_site"])
def test_wherever_it_is_raised(owner: Client, table: str) -> None:
    """In the session, the viewer, a context processor, the first query of a view."""
    with away(table):
        assert owner.get("/nl/").status_code == 503


@pytest.mark.django_db
def test_a_session_that_cannot_be_saved(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django says that it was deleted meanwhile (400)."""

    def page(request: HttpRequest, *_arguments: object) -> HttpResponse:
        request.session["seen"] = 1
        return HttpResponse()

    monkeypatch.setattr("web.pages.render", page)
    with away('UPDATE "django_session"'):
        assert owner.get(reverse("accessibility")).status_code == 503
    assert owner.get(reverse("accessibility")).status_code == 200


@pytest.mark.django_db
def test_an_outage_is_one_short_line_in_the_log(owner: Client, log: io.StringIO) -> None:  # noqa: F811  # the fixture
    with away():
        owner.get("/nl/")
    assert log.getvalue().count("\n") == 1
    assert "Service Unavailable: /nl/ (OperationalError: database is locked)" in log.getvalue()


@pytest.mark.django_db
def test_a_missing_column_is_still_an_error_of_ours(web: Client, log: io.StringIO) -> None:  # noqa: F811  # the fixture
    with away(error=ProgrammingError("no such column")):
        assert web.get("/nl/").status_code == 500
    assert "Traceback" in log.getvalue()


def sent_again(answer: Any) -> dict[str, list[str]]:
    """Return the fields of the form on the page."""
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answer.content.decode()):
        fields.setdefault(unescape(name), []).append(unescape(value))
    return fields


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["", "django_session", "accounts_"])
def test_input_is_kept(owner: Client, table: str) -> None:
    typed = {"q": 'Waarom "&" <script>?', "tags": ["a", "b"], "csrfmiddlewaretoken": "x" * 64, "body": "Een\r\ntwee €"}
    with away(table):
        answer = owner.post(reverse("community:ask") + "?space=1", typed)
        plain = owner.post(reverse("community:ask"), "q=Waarom&leeg=", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 503
    assert sent_again(answer) == {n: v if isinstance(v, list) else [v] for n, v in typed.items()}
    assert NOT_LOST in answer.content.decode() and 'enctype="multipart/form-data"' in answer.content.decode()
    assert "<script>?" not in answer.content.decode()
    assert "http-equiv" not in answer.content.decode(), "only what was read is asked for again by itself"
    assert sent_again(plain) == {"q": ["Waarom"], "leeg": [""]}
    assert "enctype" not in plain.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_input_from_another_site_is_not_kept(owner: Client, site: str) -> None:
    """Nobody typed it, and the CSRF check may not have run."""
    with away():
        answer = owner.post(reverse("community:ask"), {"q": "Van elders"}, headers={"Sec-Fetch-Site": site})
        own = owner.post(reverse("community:ask"), {"q": "Van hier"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, sent_again(answer)) == (503, {})
    assert sent_again(own) == {"q": ["Van hier"]}


@pytest.mark.django_db
def test_passwords_and_files_are_not_kept(web: Client, owner: Client) -> None:
    with away():
        login = web.post(reverse("account_login"), {"login": "a@b.example", "password": "geheim-123"})
        file = SimpleUploadedFile("bijlage.txt", b"inhoud-van-het-bestand")
        upload = owner.post(reverse("community:ask"), {"q": "Met bijlage", "file": file})
        large = owner.post(reverse("community:ask"), {"q": "x" * (KEPT_CHARACTERS + 1)})
    assert "geheim-123" not in login.content.decode() and sent_again(login) == {}
    assert "Ga terug met je browser" in login.content.decode()
    assert "inhoud-van" not in upload.content.decode() and sent_again(upload) == {"q": ["Met bijlage"]}
    assert "kies die opnieuw" in upload.content.decode()
    assert (large.status_code, sent_again(large)) == (503, {})


@pytest.mark.django_db
def test_fragments_and_data_get_no_page(owner: Client) -> None:
    with away():
        fragment = owner.get("/nl/", headers={"HX-Request": "true"})
        data = owner.get("/cms/api/main/pages/", headers={"Accept": "application/json"})
        health = owner.get("/health/", headers={"Accept": "application/json"})
    assert (fragment.status_code, fragment.content) == (503, b"")
    assert (data.status_code, data.json()) == (503, {"error": "unavailable"})
    assert health.status_code == 503
    assert all(each["Retry-After"] for each in (fragment, data, health))
    with away():
        assert Client().get("/health/").json() == {"status": "database unreachable"}


@pytest.mark.django_db
def test_under_asgi_as_well() -> None:
    client = AsyncClient(raise_request_exception=False)
    with away():
        answer = async_to_sync(client.post)("/nl/chat/", {"q": "Mag het?"})
    assert answer.status_code == 503
    assert sent_again(answer) == {"q": ["Mag het?"]}


@pytest.mark.django_db(transaction=True)  # the handler closes connections
def test_a_body_whose_sender_cannot_be_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under /cms/ the session decides how much is read."""

    async def refuse(*_arguments: object) -> None:
        raise LOCKED

    monkeypatch.setattr(SessionStore, "aget", refuse)
    found = ask(Sender(2), "/cms/pages/1/edit/", cookie="sessionid=abc", content_length="9000000")
    assert (found.status, found.at_answer) == (503, 0)
    assert found.headers["retry-after"]
