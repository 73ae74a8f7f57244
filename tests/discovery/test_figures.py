"""Figures, gaps, suggested queries and the zero-result alert from the log, and the curators' page of them."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from discovery.analytics import (
    export,
    figures,
    gap_report,
    metrics,
    pseudonym,
    query_log,
    suggested_queries,
    zero_result_rate,
)
from discovery.models import Click, DailyFigures, DailyQueryFigures, LoggedSearch, SuggestedQuery, ZeroResultAlert
from notifications.models import Notification
from tests.discovery.logged import logged
from tests.people import People
from tests.search import shelf

pytestmark = pytest.mark.django_db
PAGE = "/cms/search/figures/"


def today() -> Any:
    """Return today in the log's time zone."""
    return pseudonym.now().date()


def counted() -> tuple[Any, Any]:
    """Count everything that was logged in the last week. Return its first and last day."""
    for day in metrics.open_days():
        metrics.roll_up(day)
    return today() - timedelta(days=6), today()


def test_a_day_in_figures() -> None:
    logged("verlof", who="a", key="faq:1", rank=1)
    logged("verlof", who="b", key="faq:2", rank=4)
    logged("loon", who="a", reformulated=True)
    logged("kolibrie", who="c", hits=0, outcome="chat")
    logged("gefilterd", who="c", hits=0, filters="kind")
    logged("stuk", who="c", hits=None, degraded=True)
    logged("", who="d", personal=True, outcome="question")
    total = figures.total(figures.by_day(*counted()))
    assert (total.searches, total.people, total.zero, total.clicked) == (6, 4, 1, 2)
    assert (total.zero_share, total.click_through, total.place) == (1 / 6, 2 / 6, 2 / (1 + 1 / 4))
    assert (total.reformulated, total.chats, total.questions) == (1, 1, 1)
    row = DailyFigures.objects.get()
    assert (row.personal, row.degraded) == (1, 1)
    assert set(DailyQueryFigures.objects.values_list("text", flat=True)) == {"verlof", "loon", "kolibrie", "gefilterd"}


def test_counting_again_gives_the_same() -> None:
    logged("verlof", who="a", key="faq:1")
    period = counted()
    before = figures.total(figures.by_day(*period))
    metrics.roll_up(today())
    assert figures.total(figures.by_day(*period)) == before
    assert DailyQueryFigures.objects.count() == 1


def test_gaps_are_ranked_by_people_then_by_times() -> None:
    for _time in range(5):
        logged("vaak door een", who="a", hits=0)
    for who in "abc":
        logged("door drie", who=who, reformulated=True)
    for who in "ab":
        logged("past niet", who=who, unfit=True)
    logged("past toch", who="a", unfit=True, key="faq:1")
    logged("goed", who="a", key="faq:1", reformulated=True)
    found = [(gap.text, gap.people, gap.times) for gap in gap_report.gaps(*counted())]
    assert found == [("door drie", 3, 3), ("past niet", 2, 2), ("vaak door een", 1, 5)]


def test_people_are_counted_for_each_day() -> None:
    yesterday = today() - timedelta(days=1)
    for day in (yesterday, today()):
        logged("kolibrie", who=f"a{day}", day=day, hits=0)
        logged("kolibrie", who=f"a{day}", day=day, hits=0)
    assert [(gap.people, gap.times) for gap in gap_report.gaps(*counted())] == [(2, 4)]


def test_what_is_found_and_seldom_opened() -> None:
    for number in range(6):
        logged("reiskosten", who=str(number), key="faq:1" if number == 0 else "")
        logged("verlof", who=str(number), key="faq:2" if number > 1 else "")
        logged("niets", who=str(number), hits=0)
    assert [row.text for row in figures.least_clicked(*counted())] == ["reiskosten"]


def test_a_day_that_is_over_forgets_its_moments_and_keeps_its_figures(settings: Any) -> None:
    from discovery import jobs

    old, yesterday = today() - timedelta(days=settings.SEARCH_LOG_DAYS + 1), today() - timedelta(days=1)
    for day in (old, yesterday, today()):
        logged("verlof", day=day, key="faq:1")
    jobs.count_searches()
    assert LoggedSearch.objects.get(day=yesterday).at is None
    assert LoggedSearch.objects.get(day=today()).at is not None
    jobs.purge()
    assert set(LoggedSearch.objects.values_list("day", flat=True)) == {yesterday, today()}
    assert not DailyQueryFigures.objects.filter(day=old).exists()
    assert DailyFigures.objects.filter(day=old).exists()
    assert Click.objects.count() == 2


# -- suggestions -------------------------------------------------------------------------------


@pytest.fixture
def notes(people: People, indexed: Callable[[], int], a_shelf: None) -> dict[str, str]:
    """Return the keys of a public note and of one for HR."""
    public = shelf.note("Verlof aanvragen", "Met het formulier.")
    hidden = shelf.note("Salarisschalen van de directie", "Geheim.", audience=f"team:{people.hr.pk}")
    return {"public": f"note:{public.pk}", "hidden": f"note:{hidden.pk}"}


def asked(text: str, key: str, people: str = "abcde", **values: Any) -> None:
    """Log today's search of each of these people, with a click on the document."""
    for who in people:
        logged(text, who=who, key=key, **values)


def good(prefix: str) -> list[str]:
    """Return what is suggested now."""
    counted()
    suggested_queries.choose()
    return query_log.suggested_queries(prefix, "nl")


def test_a_query_of_five_people_that_led_to_something_public_is_suggested(notes: dict[str, str]) -> None:
    asked("verlof aanvragen", notes["public"])
    assert good("ver") == ["verlof aanvragen"]
    assert query_log.suggested_queries("Verlof  A", "nl") == ["verlof aanvragen"]
    assert (
        query_log.suggested_queries("ver", "en")
        == query_log.suggested_queries("lof", "nl")
        == query_log.suggested_queries("v", "nl")
        == []
    )


def test_a_query_of_four_is_not(notes: dict[str, str]) -> None:
    asked("verlof aanvragen", notes["public"], "abcd")
    assert good("ver") == []


def test_nobody_makes_a_suggestion_alone_day_after_day(notes: dict[str, str]) -> None:
    for number in range(6):
        day = today() - timedelta(days=number)
        logged("verlof aanvragen", who=f"a{number}", day=day, key=notes["public"])
    assert good("ver") == []


def test_what_only_some_may_see_is_never_suggested(notes: dict[str, str]) -> None:
    asked("salarisschalen van de directie", notes["hidden"])
    assert good("sal") == []
    shelf.Note.objects.filter(title__startswith="Verlof").update(audience="staff")
    asked("verlof aanvragen", notes["public"])
    assert good("ver") == []


def test_words_that_are_not_in_what_was_opened_are_never_suggested(notes: dict[str, str]) -> None:
    asked("jansen steelt printerpapier", notes["public"])
    assert good("jan") == []


def test_without_a_click_nothing_is_suggested(notes: dict[str, str]) -> None:
    for who in "abcdef":
        logged("verlof aanvragen", who=who)
    assert good("ver") == []


def test_a_suggestion_goes_when_its_answer_goes(notes: dict[str, str]) -> None:
    asked("verlof aanvragen", notes["public"])
    assert good("ver")
    shelf.Note.objects.filter(title__startswith="Verlof").update(out=False)
    assert good("ver") == []
    assert SuggestedQuery.objects.count() == 0


def test_looking_them_up_is_one_query_in_all(
    notes: dict[str, str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        query_log.suggested_queries("ver", "nl")
        query_log.suggested_queries("verl", "nl")


# -- the alert ---------------------------------------------------------------------------------


def test_curators_are_told_once_when_much_is_asked_in_vain(people: People, settings: Any) -> None:
    settings.SEARCH_ALERT_SEARCHES, settings.SEARCH_ALERT_PERCENT = 10, 30
    for number in range(10):
        logged(f"vraag {number}", who=str(number), hits=0 if number < 3 else 5)
    counted()
    assert zero_result_rate.alert_if_high()
    assert zero_result_rate.alert_if_high() is None
    alert = ZeroResultAlert.objects.get()
    assert (alert.searches, alert.zero) == (10, 3)
    told = Notification.objects.filter(event="search.zero_results_high")
    assert {row.recipient for row in told} == {people.curator, people.administrator}
    assert {row.title for row in told} == {"30% van wat mensen zoeken levert niets op"}
    assert {row.url for row in told} == {f"{PAGE}?days=7#h-gaps"}
    assert {row.body for row in told} == {
        "In de laatste 7 dagen leverden 3 van de 10 zoekvragen niets op. Kijk wat mensen missen, en schrijf het. "
        "Het meest gemist: “vraag 0”, “vraag 1”, “vraag 2”"
    }


@pytest.mark.parametrize(("searches", "zero"), [(9, 9), (10, 2)])
def test_few_searches_or_a_small_share_alert_nobody(settings: Any, searches: int, zero: int) -> None:
    settings.SEARCH_ALERT_SEARCHES, settings.SEARCH_ALERT_PERCENT = 10, 30
    for number in range(searches):
        logged(f"vraag {number}", hits=0 if number < zero else 5)
    counted()
    assert zero_result_rate.alert_if_high() is None


# -- the page ----------------------------------------------------------------------------------


def as_person(person: Any) -> Client:
    """Return a client signed in as that person."""
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_only_those_who_may_curate_see_it(people: People) -> None:
    found = {name: as_person(user).get(PAGE).status_code for name, user in people.persons().items() if user.pk}
    assert {name for name, status in found.items() if status == 200} == {"curator", "administrator"}
    assert Client().get(PAGE).status_code == 302
    assert as_person(people.curator).post(PAGE).status_code == 405


def test_the_page_shows_gaps_with_one_click_to_the_answer(people: People) -> None:
    for who in "abc":
        logged("stagevergoeding <b>hoogte", who=who, hits=0)
    counted()
    text = as_person(people.curator).get(PAGE).text
    assert "stagevergoeding &lt;b&gt;hoogte" in text
    assert "/cms/snippets/kb/faq/add/?locale=nl&amp;question=stagevergoeding" in text
    assert text.count("<svg aria-hidden") == 4
    assert "<script" not in text[text.index("figures-charts") : text.index("figures-note")]
    assert "100%" in text
    assert "Schrijf het antwoord" in text
    # administrators do not write FAQs
    assert "Schrijf het antwoord" not in as_person(people.administrator).get(PAGE).text


def test_the_form_begins_with_the_question(people: People) -> None:
    from tests.kb.conftest import make_topic

    make_topic("Stage", {"public"})
    address = "/cms/snippets/kb/faq/add/?locale=nl&question=stagevergoeding+%22hoogte"
    text = as_person(people.curator).get(address).text
    assert 'value="Stagevergoeding &quot;hoogte"' in text


def test_period_and_language_can_be_chosen(people: People) -> None:
    logged("verlof", hits=0)
    logged("leave", language="en", hits=0)
    logged("lang geleden", day=today() - timedelta(days=20), hits=0)
    for day in metrics.open_days():
        metrics.roll_up(day)
    client = as_person(people.curator)

    def shown(**choice: Any) -> set[str]:
        text = client.get(PAGE, choice).text
        return {word for word in ("verlof", "leave", "lang geleden") if f"?q={word.replace(' ', '%20')}" in text}

    assert shown() == {"verlof", "leave", "lang geleden"}
    assert shown(days=7) == {"verlof", "leave"}
    assert shown(language="en") == {"leave"}
    assert shown(days="x", language="zz") == shown()


def rows_of(response: Any, delimiter: str = ";") -> list[dict[str, str]]:
    """Return a table as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=delimiter))


def test_tables_as_csv_hold_no_formulas(people: People) -> None:
    for text in ("=1+1", "@sum", "-verlof", "verlof"):
        logged(text, hits=0)
    counted()
    response = as_person(people.curator).get(PAGE, {"csv": "gaps"})
    assert response["Content-Disposition"].startswith('attachment; filename="search-gaps-')
    rows = rows_of(response)
    assert {row["Gezocht naar"] for row in rows} == {"'=1+1", "'@sum", "'-verlof", "verlof"}
    assert rows[0]["Keren"] == "1"
    assert as_person(people.agent).get(PAGE, {"csv": "gaps"}).status_code != 200
    assert export.cell(" \t=1") == "' \t=1"


def test_csv_is_in_the_readers_own_notation(people: People) -> None:
    for number in range(6):
        logged("verlof", who=str(number), key="faq:1" if number < 2 else "", rank=1 + number)
    for number in (1, 2):
        logged("vrije dagen", who=str(number), helped=True, found_as="verlof")
    counted()
    client = as_person(people.curator)
    days = rows_of(client.get(PAGE, {"csv": "days"}))
    assert len(days) == 30
    assert days[-1]["Plaats van wat geopend werd"] == "1,33"
    (pair,) = rows_of(client.get(PAGE, {"csv": "otherwise"}))
    assert (pair["Gezocht naar"], pair["Zocht daarna op"], pair["Mensen"]) == ("vrije dagen", "verlof", "2")
    days = rows_of(client.get(PAGE, {"csv": "days"}, headers={"Accept-Language": "en"}), ",")
    assert days[-1]["Rank of the opened result"] == "1.33"
    for name in export.TABLES:
        assert client.get(PAGE, {"csv": name}).status_code == 200


def test_as_many_queries_for_much_as_for_little(people: People, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries(count: int) -> int:
        for number in range(count):
            logged(f"vraag {number}", day=today() - timedelta(days=number % 30), hits=0)
        for day in metrics.open_days():
            metrics.roll_up(day)
        client = as_person(people.curator)
        client.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            client.get(PAGE)
        return len(captured)

    assert queries(2) == queries(60)


def test_a_busy_day_is_counted_with_as_many_statements_as_a_quiet_one(people: People) -> None:
    """Count the statements of the count that runs each minute."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements(first: int, last: int) -> int:
        at = {"day": today(), "hour": 9, "at": pseudonym.now(), "language": "nl"}
        LoggedSearch.objects.bulk_create(
            LoggedSearch(id=searcher_id(n), text=f"vraag {n % 70}", searcher=f"p{n % 30}", hits=n % 5, **at)
            for n in range(first, last)
        )
        with CaptureQueriesContext(connection) as captured:
            metrics.roll_up(today())
        return len(captured)

    statements(0, 100)  # every wording has its row now
    assert statements(100, 200) == statements(200, 1200)


def searcher_id(number: int) -> Any:
    """Return a stable id."""
    import uuid

    return uuid.UUID(int=number + 1)
