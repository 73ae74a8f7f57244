"""The query log: what is written, what is not, and that nothing is written in a request."""

import io
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import audiences
from discovery.analytics import pseudonym, query_log, query_log_writer
from discovery.analytics.buffer import Buffer
from discovery.models import Click, DailyFigures, LoggedSearch
from search import engines
from search.engines import EngineError
from tests.community.conftest import make_space
from tests.people import People
from tests.search import shelf

pytestmark = pytest.mark.django_db
TYPING = {"HX-Request": "true", "HX-Trigger": "search-form"}


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    query_log.buffer.clear()
    pseudonym.forget_salt()
    yield
    query_log.buffer.clear()
    pseudonym.forget_salt()


@pytest.fixture
def books(people: People, indexed: Callable[[], int], a_shelf: None) -> None:
    """Create three public notes."""
    shelf.note("Verlof aanvragen", "Met het formulier.", topic="t1")
    shelf.note("Verlof vervalt", "In juli.", topic="t1")
    shelf.note("Salaris", "Elke maand.", topic="t2")
    indexed()


def ask(client: Client, text: str, **options: Any) -> Any:
    """Return the results page for a text."""
    return client.get("/nl/zoeken/", {"q": text, **options.pop("more", {})}, **options)


def note(response: Any) -> str:
    """Return the page's signed note, as its script reads it."""
    found = re.search(r'data-search="([^"]+)"', response.text)
    assert found
    return found[1]


def opened(response: Any) -> str:
    """Return the key of the first hit."""
    found = re.search(r'data-hit="([^"]+)"', response.text)
    return found[1] if found else ""


def rows() -> list[LoggedSearch]:
    """Return the logged searches in their order."""
    query_log.flush()
    return list(LoggedSearch.objects.order_by("at"))


def test_a_search_is_logged_beside_the_request_and_not_in_it(client: Client, books: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        ask(client, "  Verlof   AANVRAGEN? ")
    assert not [q for q in queries.captured_queries if re.match(r"insert|update|delete", q["sql"], re.I)]
    assert LoggedSearch.objects.count() == 0
    (row,) = rows()
    assert (row.text, row.language, row.hits, row.degraded, row.typed) == ("verlof aanvragen", "nl", 2, False, False)
    assert row.day == pseudonym.now().date()


def test_nothing_says_who_asked(client: Client, books: None, people: People) -> None:
    client.force_login(people.owner)
    ask(client, "verlof", headers={"User-Agent": "Curious/1.0"}, REMOTE_ADDR="192.0.2.7")
    (row,) = rows()
    stored = " ".join(str(getattr(row, f.attname)) for f in row._meta.fields if f.attname not in {"at", "id"})
    for secret in ("192.0.2.7", "Curious", people.owner.email, client.session.session_key):
        assert secret not in stored
    assert {f.name for f in LoggedSearch._meta.fields} == {
        "id", "text", "language", "day", "hour", "at", "searcher", "hits", "unfit", "degraded", "typed", "personal",
        "filters", "clicked_rank", "reformulated", "helped", "found_as", "outcome",
    }  # fmt: skip


def test_the_pseudonym_changes_with_the_day_and_cannot_be_made_again(client: Client, books: None) -> None:
    keys = set()
    for day in ("2026-03-02", "2026-03-03"):
        with time_machine.travel(f"{day}T10:00:00Z"):
            ask(client, "verlof")
            ask(client, "salaris")
    keys = {row.searcher for row in rows()}
    assert len(rows()) == 4
    assert len(keys) == 2
    cache.clear()  # what the end of the day does to the salt
    pseudonym.forget_salt()
    with time_machine.travel("2026-03-03T11:00:00Z"):
        ask(client, "verlof")
    assert len({row.searcher for row in rows()}) == 3


def test_different_people_have_different_pseudonyms(client: Client, books: None, people: People) -> None:
    ask(client, "verlof")
    client.force_login(people.owner)
    ask(client, "verlof")
    client.force_login(people.colleague)
    ask(client, "verlof")
    assert len({row.searcher for row in rows()}) == 3


def test_pages_filters_and_repeats_are_one_search(client: Client, books: None) -> None:
    ask(client, "verlof")
    ask(client, "verlof", more={"topic": "t1"})
    ask(client, "Verlof", more={"page": "2"})
    query_log.flush()
    ask(client, "verlof", more={"kind": "note"})
    (row,) = rows()
    assert (row.filters, row.hits) == ("kind,topic", 2)


def test_results_while_typing_are_logged_only_once_they_rested(client: Client, books: None) -> None:
    for text in ("ver", "verl", "verlof aan"):
        last = ask(client, text, headers=TYPING)
    assert rows() == []
    assert "data-typed" in last.text
    assert client.post("/nl/zoeken/gezien/", {"search": note(last)}).status_code == 204
    (row,) = rows()
    assert (row.text, row.typed) == ("verlof aan", True)


def test_what_was_typed_on_or_submitted_replaces_what_rested(client: Client, books: None) -> None:
    first = ask(client, "ver", headers=TYPING)
    client.post("/nl/zoeken/gezien/", {"search": note(first)})
    second = ask(client, "verlof aan", headers=TYPING)
    client.post("/nl/zoeken/gezien/", {"search": note(second)})
    ask(client, "verlof aan")
    (row,) = rows()
    assert (row.text, row.typed, row.reformulated) == ("verlof aan", False, False)


def test_other_words_soon_after_are_a_reformulation(client: Client, books: None) -> None:
    with time_machine.travel("2026-03-02T10:00:00Z", tick=False) as clock:
        ask(client, "vrije dagen")
        clock.shift(timedelta(seconds=90))
        ask(client, "verlof")
        clock.shift(timedelta(minutes=3))
        ask(client, "salaris")
        query_log.flush()
        clock.shift(timedelta(seconds=30))
        ask(client, "loon")
    assert [(row.text, row.reformulated) for row in rows()] == [
        ("vrije dagen", True), ("verlof", False), ("salaris", True), ("loon", False),
    ]  # fmt: skip


def test_after_a_click_other_words_are_another_search(client: Client, books: None) -> None:
    page = ask(client, "verlof")
    client.post("/nl/zoeken/gezien/", {"search": note(page), "hit": opened(page)})
    ask(client, "salaris")
    assert [row.reformulated for row in rows()] == [False, False]


def test_zero_results_are_those_of_the_engine(client: Client, books: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(client, "xylofoon")

    def down(*_arguments: Any, **_options: Any) -> None:
        raise EngineError("down")

    monkeypatch.setattr(type(engines.get()), "search", down)
    ask(client, "ukelele")
    found, degraded = rows()
    assert (found.hits, found.degraded) == (0, False)
    assert (degraded.hits, degraded.degraded) == (None, True)


def test_a_click_has_the_rank_and_the_document(client: Client, books: None) -> None:
    page = ask(client, "verlof")
    keys = re.findall(r'data-hit="([^"]+)"', page.text)
    for hit in (keys[1], keys[0], keys[1]):
        client.post("/nl/zoeken/gezien/", {"search": note(page), "hit": hit})
    (row,) = rows()
    assert row.clicked_rank == 1
    assert [(c.rank, c.key) for c in Click.objects.order_by("rank")] == [(1, keys[0]), (2, keys[1])]


@pytest.mark.parametrize("hit", ["faq:1", "note:999", "x" * 500, ""])
def test_a_click_on_what_was_not_shown_is_none(client: Client, books: None, hit: str) -> None:
    page = ask(client, "verlof")
    assert client.post("/nl/zoeken/gezien/", {"search": note(page), "hit": hit}).status_code == 204
    rows()
    assert Click.objects.count() == 0


@pytest.mark.parametrize("forged", ["", "x", "a:b:c", "WzFd:1abc:xyz"])
def test_a_forged_note_is_answered_the_same_and_logs_nothing(client: Client, books: None, forged: str) -> None:
    assert client.post("/nl/zoeken/gezien/", {"search": forged, "hit": "note:1"}).status_code == 204
    assert rows() == []


def test_a_report_needs_no_token_but_the_note(books: None) -> None:
    client = Client(enforce_csrf_checks=True)
    page = ask(client, "verlof")
    assert client.post("/nl/zoeken/gezien/", {"search": note(page), "hit": opened(page)}).status_code == 204
    assert rows()[0].clicked_rank == 1


@pytest.mark.parametrize(
    "text", ["bel 06-12345678", "mail jan@voorbeeld.example", "NL91 ABNA 0417 1643 00", "bsn 111222333"]
)
def test_what_looks_personal_is_counted_and_not_kept(client: Client, books: None, text: str) -> None:
    ask(client, text)
    ask(client, "salaris")
    first, second = rows()
    assert (first.text, first.personal) == ("", True)
    assert (second.text, second.personal) == ("salaris", False)


def test_full_names_of_people_here_are_personal(client: Client, books: None, people: People) -> None:
    people.ict_agent.name = "Sanne de Vries"
    people.ict_agent.save()
    ask(client, "telefoonnummer SANNE de vries ict")
    ask(client, "vries verlof")
    assert [(row.text, row.personal) for row in rows()] == [("", True), ("vries verlof", False)]


@pytest.mark.parametrize(
    "headers", [{"DNT": "1"}, {"Sec-GPC": "1"}, {"Cookie": "search_log=off"}, {"User-Agent": "Googlebot/2.1"}]
)
def test_who_does_not_want_it_is_not_logged(client: Client, books: None, headers: dict[str, str]) -> None:
    page = ask(client, "verlof", headers=headers)
    assert "data-search" not in page.text
    assert "data-hit" not in page.text
    assert "search=" not in page.text
    assert rows() == []


def test_the_choice_is_kept_on_the_device_and_can_be_undone(client: Client, books: None) -> None:
    page = ask(client, "verlof")
    response = client.post("/nl/zoeken/tellen/", {"count": "0", "next": "/nl/privacy/"})
    assert response["Location"] == "/nl/privacy/"
    client.post("/nl/zoeken/gezien/", {"search": note(page), "hit": opened(page)})
    ask(client, "salaris")
    assert [(row.text, row.clicked_rank) for row in rows()] == [("verlof", None)]
    assert "niet meegeteld" in client.get("/nl/privacy/").text
    client.post("/nl/zoeken/tellen/", {"count": "1", "next": "https://elders.example/"})
    ask(client, "salaris")
    assert len(rows()) == 2


def test_the_choice_of_who_is_signed_in_holds_on_their_other_devices(books: None, people: People) -> None:
    here, elsewhere, colleague = Client(), Client(), Client()
    for client, person in ((here, people.owner), (elsewhere, people.owner), (colleague, people.colleague)):
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = ask(elsewhere, "verlof")
    here.post("/nl/zoeken/tellen/", {"count": "0", "next": "/nl/privacy/"})
    assert here.cookies["search_log"].value == "off"  # also when they sign out here
    for client in (here, elsewhere, colleague):
        ask(client, "salaris")
    elsewhere.post("/nl/zoeken/gezien/", {"search": note(page), "hit": opened(page)})
    assert [(row.text, row.clicked_rank) for row in rows()] == [("verlof", None), ("salaris", None)]
    assert "Je zoekvragen worden niet meegeteld." in elsewhere.get("/nl/privacy/").text
    elsewhere.post("/nl/zoeken/tellen/", {"count": "1", "next": "/nl/privacy/"})
    ask(elsewhere, "loon")
    assert len(rows()) == 3


def test_the_choice_costs_no_query(books: None, people: People) -> None:
    client = Client()
    client.force_login(people.owner, backend="allauth.account.auth_backends.AuthenticationBackend")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            ask(client, "verlof")
        return len(captured)

    ask(client, "verlof")
    before = queries()
    client.post("/nl/zoeken/tellen/", {"count": "0"})
    del client.cookies["search_log"]
    assert queries() == before


def test_a_search_that_ends_with_a_person(client: Client, books: None) -> None:
    page = ask(client, "xylofoon")
    ref = re.search(r"search=([0-9a-f]{32}%3A[^\"&]+)", page.text)
    assert ref
    query_log.log_outcome(search_id=unquote(ref[1]), outcome="chat")
    for forged in ("", "x", "0" * 32 + ":x"):
        query_log.log_outcome(search_id=forged, outcome="chat")
    assert [row.outcome for row in rows()] == ["chat"]


def test_what_does_not_fit_is_dropped_and_counted(client: Client, books: None) -> None:
    wrote: list[Any] = []
    small = Buffer(lambda entries, dropped: wrote.append((entries, dropped)), most=2)
    for number in range(5):
        small.put(number)
    assert small.flush() == 2
    assert wrote == [([0, 1], 3)]
    query_log_writer.write([], 3)
    query_log_writer.write([], 2)
    assert DailyFigures.objects.get(language="").dropped == 5


def test_a_failing_database_gets_the_entries_again_but_not_for_ever() -> None:
    wrote: list[Any] = []
    failures = [3]

    def write(entries: list[Any], dropped: int) -> None:
        if failures[0]:
            failures[0] -= 1
            raise OperationalError("locked")
        wrote.append((entries, dropped))

    buffer = Buffer(write)
    buffer.put(1)
    for _time in range(3):
        assert buffer.flush() == 0
        buffer.put(2)
    buffer.flush()
    assert wrote == [([1, 2, 2, 2], 0)]
    failures[0] = 5
    for number in range(6):
        buffer.put(number)
        buffer.flush()
    assert wrote[1] == ([5], 5)


def test_a_thread_of_its_own_writes(settings: Any) -> None:
    settings.SEARCH_LOG_SECONDS = 0.02
    written = threading.Event()
    threads: list[threading.Thread] = []

    def write(entries: list[Any], dropped: int) -> None:
        threads.append(threading.current_thread())
        written.set()

    buffer = Buffer(write)
    buffer.put(1)
    assert written.wait(10)
    assert [thread.name for thread in threads] == ["search-log"]
    settings.SEARCH_LOG_SECONDS = 0
    threads[0].join(10)
    assert not threads[0].is_alive(), "turned off, it does not run without a pause"


def test_writing_many_is_a_constant_number_of_queries(client: Client, books: None, people: People) -> None:
    def queries(count: int, prefix: str) -> int:
        for number in range(count):
            page = ask(client, f"{prefix} verlof {number // 2}", REMOTE_ADDR=f"192.0.2.{number // 3}")
            client.post(
                "/nl/zoeken/gezien/", {"search": note(page), "hit": opened(page)}, REMOTE_ADDR=f"192.0.2.{number // 3}"
            )
        with CaptureQueriesContext(connection) as captured:
            query_log.flush()
        return len(captured)

    assert queries(6, "een") == queries(24, "twee")


# -- where a search ends -----------------------------------------------------------------------


def test_the_ask_form_and_the_chat_say_which_search_led_there(books: None, people: People) -> None:
    client = Client()
    client.force_login(people.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    space = make_space("t-open", audiences.PUBLIC)
    people.hr.takes_chats = True
    people.hr.save()
    for text in ("xylofoon huren", "ukelele lenen"):
        page = ask(client, text)
        ref = unquote(re.search(r"search=([0-9a-f]{32}%3A[^\"&]+)", page.text)[1])
        if text.startswith("xylofoon"):
            assert ref in client.get(reverse("community:ask"), {"q": text, "search": ref}).text
            data = {"q": "Waar huur ik een xylofoon?", "space": space.pk, "language": "nl", "body": "", "search": ref}
            assert client.post(reverse("community:ask"), data).status_code == 302
        else:
            assert ref in client.get(reverse("chat:start"), {"q": text, "search": ref}).text
            data = {"q": text, "team": people.hr.pk, "search": ref}
            assert client.post(reverse("chat:start"), data).status_code == 302
    assert [(row.text, row.outcome) for row in rows()] == [("xylofoon huren", "question"), ("ukelele lenen", "chat")]


def test_from_the_ask_form_to_the_chat_the_search_goes_along(books: None) -> None:
    client = Client()
    response = client.post(reverse("community:ask"), {"q": "xylofoon", "chat": "1", "search": "abc"})
    assert response["Location"].endswith("?q=xylofoon&search=abc")


def test_the_command_purges(books: None, client: Client) -> None:
    ask(client, "verlof")
    query_log.flush()
    old = LoggedSearch.objects.get()
    LoggedSearch.objects.update(day=old.day - timedelta(days=100))
    ask(client, "salaris")
    call_command("purge_search_log", verbosity=0, stdout=io.StringIO())
    assert [row.text for row in rows()] == ["salaris"]
    assert DailyFigures.objects.count() == 2
    call_command("purge_search_log", "--all", stdout=io.StringIO())
    assert rows() == []
