"""Gaps: which searches make one, what closes it, and what curators do about it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import audiences
from accounts.audiences import Person
from accounts.models import AuditEvent
from community import actions as community
from discovery import jobs, search_alerts
from discovery.analytics import figures, gap_report, gaps, metrics, pseudonym, query_log, query_log_writer
from discovery.models import DailyQueryFigures, Gap, LoggedSearch, SearchAlert
from kb.models import Faq
from notifications.models import Notification
from search import embeddings, engines
from search.embeddings import vectors
from search.engines import EngineError
from search.indexing import indexer
from search.language.wording import words
from search.models import Synonym
from tests.community.conftest import make_space
from tests.discovery.logged import logged
from tests.jobs import run_due
from tests.kb.conftest import make_faq, make_topic
from tests.people import People
from tests.search.test_embeddings import StandIn

pytestmark = pytest.mark.django_db
PAGE = "/cms/search/figures/"
QUESTION = "Hoe huur ik een kolibrie?"


@pytest.fixture
def topic(people: People, indexed: Callable[[], int]) -> Any:
    """Create a public topic, and an index for this test alone."""
    return make_topic("Dieren", {audiences.PUBLIC})


def vain(text: str = "kolibrie huren", **values: Any) -> Gap:
    """Log a search without hits now, and count it. Return its gap."""
    row = logged(text, **{"hits": 0} | values)
    LoggedSearch.objects.filter(pk=row.pk).update(at=pseudonym.now())
    count()
    return Gap.objects.get(text=text)


def count() -> None:
    """Count what was logged."""
    for day in metrics.open_days():
        metrics.roll_up(day)


def period() -> tuple[Any, Any]:
    """Return the first and last day of the last week."""
    return pseudonym.now().date() - timedelta(days=6), pseudonym.now().date()


def texts(state: str = "open") -> list[str]:
    """Return the texts of the gaps in a state."""
    return [row.text for row in gap_report.gaps(*period(), state=state)]


def as_person(person: Any) -> Client:
    """Return a client signed in as that person."""
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


# -- when it closes ----------------------------------------------------------------------------


def test_a_gap_closes_once_an_answer_is_found(topic: Any, indexed: Callable[[], int]) -> None:
    gap = vain()
    assert gaps.recheck_open(60) == 0
    assert texts() == ["kolibrie huren"]
    faq = make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()
    assert gaps.recheck_open(60) == 1
    gap.refresh_from_db()
    assert (gap.state, gap.answer) == ("answered", f"faq:{faq.pk}")
    assert texts() == []
    assert texts("answered") == ["kolibrie huren"]


def test_something_else_does_not_close_it(topic: Any, indexed: Callable[[], int]) -> None:
    vain("kolibrie huren voor een feest")
    make_faq("Een auto huren", {audiences.PUBLIC}, topic)
    indexed()
    assert gaps.recheck_open(60) == 0
    assert len(texts()) == 1


def test_what_they_saw_and_did_not_open_is_no_answer_until_it_says_something_else(
    topic: Any, indexed: Callable[[], int]
) -> None:
    faq = make_faq(QUESTION, {audiences.PUBLIC}, topic, "Dat weten we niet.")
    indexed()
    gap = vain(hits=1, outcome="chat")
    assert gaps.recheck_open(60) == 0
    faq.helpful_count += 1
    faq.save()
    indexed()
    assert gaps.recheck_open(60) == 0
    faq.answer = "Bij de balie."
    faq.save()
    indexed()
    assert gaps.recheck_open(60) == 1
    gap.refresh_from_db()
    assert gap.answer == f"faq:{faq.pk}"


def test_an_answer_for_some_closes_it_and_who_still_misses_it_opens_it_again(
    people: People, topic: Any, indexed: Callable[[], int]
) -> None:
    with time_machine.travel("2026-03-02T10:00:00Z", tick=False) as clock:
        vain()
        clock.shift(60)
        make_faq(QUESTION, {audiences.organisation(people.business.pk)}, topic)
        indexed()
        assert gaps.recheck_open(60) == 1
        clock.shift(86_400)
        gap = vain(who="b")
        assert (gap.state, gap.since) == ("open", pseudonym.now().date())
        clock.shift(60)
        gaps.mark_search_changed()
        assert gaps.recheck_open(60) == 0  # it is there, and does not help
        (row,) = gap_report.gaps(*period())
        assert row.times == 1  # what was settled before is not counted
        clock.shift(60)
        make_faq("Een kolibrie huren voor iedereen", {audiences.PUBLIC}, topic)
        indexed()
        assert gaps.recheck_open(60) == 1


def test_a_synonym_closes_it(topic: Any, indexed: Callable[[], int]) -> None:
    make_faq("Een vogel lenen", {audiences.PUBLIC}, topic)
    indexed()
    vain("kolibrie")
    assert gaps.recheck_open(60) == 0
    Synonym.objects.create(terms="kolibrie\nvogel")
    assert gaps.recheck_open(60) == 1


@pytest.fixture
def model(topic: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An embedding model with one vector for "cycle" and "fiets"."""
    made = StandIn()
    monkeypatch.setattr(embeddings, "provider", lambda: made)
    embeddings.stored_table.cache_clear()
    vectors._query.cache_clear()
    monkeypatch.setattr(engines.get(), "table", embeddings.stored_table(made.name), raising=False)
    yield
    embeddings.stored_table.cache_clear()
    vectors._query.cache_clear()


@pytest.mark.skipif(bool(settings.ELASTICSEARCH_URL), reason="its index of this test has no vectors")
def test_its_meaning_closes_it_as_soon_as_the_vector_is_made(
    people: People, topic: Any, indexed: Callable[[], int], model: None
) -> None:
    vain("cycle", language="en")
    search_alerts.create(by=people.viewer("owner"), note=query_log.PageNote(text="cycle", language="en"))
    assert gaps.recheck_open(60) == 0
    faq = make_faq("Een fiets lenen", {audiences.PUBLIC}, topic)
    indexed()
    assert (gaps.recheck_open(60), search_alerts.match_new_documents(60)) == (0, 0)
    while indexer.make_pending_vectors(engines.get()):
        pass
    assert (gaps.recheck_open(60), search_alerts.match_new_documents(60)) == (1, 1)
    assert Gap.objects.get().answer == f"faq:{faq.pk}"
    assert Notification.objects.filter(recipient=people.owner, event="search.answered").count() == 1


def test_a_question_closes_it_only_once_it_is_solved(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    from community import actions as community
    from tests.community.conftest import make_space

    vain()
    space = make_space("t-dieren", audiences.PUBLIC)
    question = community.ask(by=Person(people.neighbour), space=space, title=QUESTION, body="", language="nl")
    indexed()
    assert gaps.recheck_open(60) == 0
    answer = community.answer(by=Person(people.agent), question=question, body="Bij de balie.")
    community.accept(by=Person(people.neighbour), answer=answer)
    indexed()
    assert gaps.recheck_open(60) == 1


def test_nothing_is_tried_while_nothing_changes(topic: Any, indexed: Callable[[], int]) -> None:
    vain()
    gaps.recheck_open(60)
    gaps.recheck_open(60)
    with CaptureQueriesContext(connection) as captured:
        assert gaps.recheck_open(60) == 0
    assert len(captured) <= 3


def test_a_round_ends_in_time_and_goes_on_in_the_next(topic: Any, indexed: Callable[[], int]) -> None:
    for text in ("kolibrie huren", "kolibrie lenen", "kolibrie kopen"):
        vain(text)
    make_faq("Een kolibrie huren, lenen of kopen", {audiences.PUBLIC}, topic)
    indexed()
    assert [gaps.recheck_open(0) for _round in range(4)] == [1, 1, 1, 0]


def test_a_degraded_search_closes_nothing_and_forgets_nothing(topic: Any, indexed: Callable[[], int]) -> None:
    vain()
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()

    with patch.object(engines.get(), "search", side_effect=EngineError("down")):
        assert gaps.recheck_open(60) == 0
    assert gaps.recheck_open(60) == 1


def test_a_job_tries_beside_indexing(topic: Any, indexed: Callable[[], int]) -> None:
    vain()
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()
    run_due()
    assert texts("answered") == ["kolibrie huren"]


def test_moments_go_with_the_day_and_gaps_with_their_last_search() -> None:
    with time_machine.travel("2026-03-02T10:00:00Z") as clock:
        vain()
        assert Gap.objects.get().asked
        clock.shift(timedelta(days=1))
        jobs.count_searches()
        assert Gap.objects.get().asked is None
        clock.shift(timedelta(days=settings.SEARCH_LOG_DAYS))
        metrics.purge()
        assert Gap.objects.count() == 0


# -- good abandonment --------------------------------------------------------------------------


def asked(text: str, seconds: int, **values: Any) -> LoggedSearch:
    """Log a search so many seconds after ten."""
    row = logged(text, **values)
    row.at = pseudonym.now().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(seconds=seconds)
    row.save()
    return row


def opened(row: LoggedSearch, key: str = "faq:1") -> None:
    """Log a click on a hit of a search."""
    query_log_writer.write([query_log_writer.ClickEntry(row.pk, key, 1)], 0)


def test_words_given_up_for_others_that_helped_are_no_gap() -> None:
    first, second = asked("vrije dagen", 0, reformulated=True), asked("verlof", 60, reformulated=True)
    opened(asked("verlof aanvragen", 150))
    for row in (first, second):
        row.refresh_from_db()
        assert (row.helped, row.found_as) == (True, "verlof aanvragen")
    count()
    assert texts() == []


def test_words_given_up_for_others_that_did_not_help_are_a_gap() -> None:
    asked("vrije dagen", 0, reformulated=True)
    asked("verlof", 60)
    count()
    assert texts() == ["vrije dagen"]


@pytest.mark.parametrize(
    ("seconds", "values"),
    [(121, {}), (60, {"who": "b"}), (60, {"key": "faq:2"})],
    ids=["too late", "somebody else", "opened before"],
)
def test_only_what_was_given_up_is_credited(seconds: int, values: dict[str, Any]) -> None:
    first = asked("vrije dagen", 0, reformulated=True, **values)
    opened(asked("verlof", seconds))
    first.refresh_from_db()
    assert not first.helped


def test_what_found_nothing_stays_a_gap_when_they_went_on_to_another_matter() -> None:
    asked("kolibrie", 0, hits=0, reformulated=True)
    asked("colibrie", 30, hits=0, reformulated=True)
    opened(asked("verlof", 60))
    count()
    assert sorted(texts()) == ["colibrie", "kolibrie"]


def test_what_found_nothing_is_no_gap_when_another_spelling_helped() -> None:
    asked("salarisspesificatie", 0, hits=0, reformulated=True)
    opened(asked("salarisspecificatie", 30))
    count()
    assert texts() == []


def test_who_asked_a_person_misses_it_whatever_they_opened_later() -> None:
    asked("vrije dagen", 0, outcome="chat", reformulated=True)
    opened(asked("verlof", 60))
    count()
    assert texts() == ["vrije dagen"]


def test_pairs_of_several_people_are_shown_as_synonyms_to_be(people: People) -> None:
    for who in "ab":
        asked("vrije dagen", 0, who=who, reformulated=True)
        opened(asked("verlof", 60, who=who))
    asked("loonstrook", 0, who="c", reformulated=True)
    opened(asked("salarisspecificatie", 60, who="c"))
    count()
    pairs = [(row.text, row.found_as, row.people) for row in figures.reformulated_pairs(*period())]
    assert pairs == [("vrije dagen", "verlof", 2)]
    client = as_person(people.curator)
    page = client.get(PAGE).text
    assert "?terms=vrije%20dagen%0Averlof" in page
    form = client.get("/cms/search/synonyms/new/", {"terms": "vrije dagen\nverlof"})
    assert "vrije dagen\nverlof</textarea>" in form.text


# -- the list ----------------------------------------------------------------------------------


def test_a_row_says_who_missed_it_and_what_they_did_next(people: People) -> None:
    today = pseudonym.now().date()
    for number, values in enumerate(
        [{"outcome": "chat"}, {"outcome": "chat"}, {"outcome": "question"}, {"reformulated": True}, {}, {}]
    ):
        logged("kolibrie", who=f"p{number}", hits=0, **values)
    for number in range(2):
        logged("kolibrie", who=f"p{number}", hits=0, day=today - timedelta(days=8))
    search = {"text": "kolibrie", "language": "nl"}
    SearchAlert.objects.create(owner=f"user:{people.owner.pk}", confirmed=timezone.now(), **search)
    SearchAlert.objects.create(email="b@x.example", confirmed=timezone.now(), **search)
    SearchAlert.objects.create(email="c@x.example", **search)  # not confirmed
    count()
    rows = gap_report.add_details(gap_report.gaps(*period()), *period(), people.viewer("curator"), "open")
    (row,) = rows
    assert (row.times, row.people, row.last) == (6, 6, today)
    assert (row.chats, row.questions, row.retried, row.left) == (2, 1, 1, 2)
    assert (row.before, row.change, row.waiting) == (2, 4, 2)
    page = as_person(people.curator).get(PAGE, {"days": "7"}).text
    for text in ("2 chats", "1 vraag", "1 × andere woorden", "2 × niets", '<span class="figures-waiting">2</span>'):
        assert text in page


def test_a_curator_takes_it_off_the_list_and_puts_it_back(people: People) -> None:
    gap = vain("verjaardag van de koning")
    client = as_person(people.curator)
    address = f"/cms/search/gaps/{gap.pk}/"
    data = {"reason": "not_ours", "note": "Staat op de kalender.", "next": f"{PAGE}?days=7"}
    response = client.post(f"{address}hide/", data)
    assert response["Location"] == f"{PAGE}?days=7#h-gaps"
    assert texts() == []
    page = client.get(PAGE, {"gaps": "hidden"}).text
    assert "Niet ons onderwerp: Staat op de kalender." in page
    assert str(people.curator) in page
    vain("verjaardag van de koning", who="b")
    assert texts("hidden") == ["verjaardag van de koning"]  # asked again, it stays
    client.post(f"{address}reopen/", {"next": "https://elders.example/"})
    assert texts() == ["verjaardag van de koning"]
    events = AuditEvent.objects.filter(target=f"discovery.gap:{gap.pk}").order_by("pk")
    assert [(event.event, event.by) for event in events] == [
        ("search.gap_hidden", people.curator),
        ("search.gap_reopened", people.curator),
    ]
    assert events[0].details == {
        "text": gap.text, "language": "nl", "reason": "not_ours", "note": "Staat op de kalender."
    }  # fmt: skip


def test_without_a_reason_it_stays(people: People) -> None:
    gap = vain()
    for reason in ("", "x"):
        as_person(people.curator).post(f"/cms/search/gaps/{gap.pk}/hide/", {"reason": reason})
    assert texts() == ["kolibrie huren"]


def test_an_answer_that_is_none_is_put_back_and_does_not_close_it_again(
    people: People, topic: Any, indexed: Callable[[], int]
) -> None:
    gap = vain()
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()
    gaps.recheck_open(60)
    page = as_person(people.curator).get(PAGE, {"gaps": "answered"}).text
    assert QUESTION in page
    as_person(people.curator).post(f"/cms/search/gaps/{gap.pk}/reopen/")
    gaps.mark_search_changed()
    assert gaps.recheck_open(60) == 0
    assert texts() == ["kolibrie huren"]


def test_who_wrote_the_answer_is_named(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    vain()
    faq = make_faq(QUESTION, {audiences.PUBLIC}, topic)
    faq.save_revision(user=people.curator).publish(user=people.curator)
    indexed()
    assert gaps.recheck_open(60) == 1
    page = as_person(people.administrator).get(PAGE, {"gaps": "answered"}).text
    assert f"gepubliceerd door {people.curator}" in page
    assert str(people.curator) in as_person(people.administrator).get(PAGE, {"gaps": "answered", "csv": "gaps"}).text


def test_who_gave_the_accepted_answer_is_named(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    vain()
    space = make_space("t-dieren", audiences.PUBLIC)
    question = community.ask(by=Person(people.neighbour), space=space, title=QUESTION, body="", language="nl")
    community.accept(
        by=Person(people.neighbour),
        answer=community.answer(by=Person(people.agent), question=question, body="Bij de balie."),
    )
    indexed()
    assert gaps.recheck_open(60) == 1
    page = as_person(people.curator).get(PAGE, {"gaps": "answered"}).text
    assert f"beantwoord door {people.agent}" in page
    assert str(people.agent) in as_person(people.curator).get(PAGE, {"gaps": "answered", "csv": "gaps"}).text


def test_the_answer_of_a_gap_is_named_to_those_only_who_may_see_it(
    people: People, topic: Any, indexed: Callable[[], int]
) -> None:
    vain()
    faq = make_faq(QUESTION, {audiences.organisation(people.other_business.pk)}, topic)
    indexed()
    assert gaps.recheck_open(60) == 1
    page = as_person(people.curator).get(PAGE, {"gaps": "answered"}).text
    assert QUESTION not in page
    assert "die niet voor jou te zien is" in page
    Faq.objects.filter(pk=faq.pk).update(live=False)
    assert "die er niet meer is" in as_person(people.curator).get(PAGE, {"gaps": "answered"}).text


def test_only_curators_may(people: People) -> None:
    gap = vain()
    address = f"/cms/search/gaps/{gap.pk}/hide/"
    for name, user in people.persons().items():
        if name not in ("curator", "administrator", "anonymous"):
            as_person(user).post(address, {"reason": "other"})
            with pytest.raises(PermissionDenied):
                gaps.hide(by=people.viewer(name), gap=gap, reason="other")
            with pytest.raises(PermissionDenied):
                gaps.reopen(by=people.viewer(name), gap=gap)
    Client().post(address, {"reason": "other"})
    assert texts() == ["kolibrie huren"]
    assert as_person(people.administrator).get(address).status_code == 405
    assert as_person(people.administrator).post(address, {"reason": "other"}).status_code == 302
    assert texts("hidden") == ["kolibrie huren"]


def test_a_curator_who_leaves_takes_nothing_along(people: People) -> None:
    gap = vain()
    gaps.hide(by=people.viewer("administrator"), gap=gap, reason="other")
    people.administrator.delete()
    assert "iemand die er niet meer is" in as_person(people.curator).get(PAGE, {"gaps": "hidden"}).text


@pytest.mark.parametrize("state", ["open", "answered", "hidden"])
def test_as_many_queries_for_many_gaps_as_for_few(people: People, topic: Any, state: str) -> None:
    settled = {"answered": timezone.now(), "hidden": timezone.now(), "hidden_by": people.curator, "reason": "other"}

    def queries(number: int) -> int:
        for each in range(number):
            logged(f"vraag {number} {each}", hits=0)
            faq = make_faq(f"Antwoord {number} {each}", {audiences.PUBLIC}, topic)
            SearchAlert.objects.create(email=f"{number}-{each}@x.example", text=f"vraag {number} {each}", language="nl")
            count()
            Gap.objects.filter(text=f"vraag {number} {each}").update(state=state, answer=f"faq:{faq.pk}", **settled)
        client = as_person(people.curator)
        client.get(PAGE, {"gaps": state})
        with CaptureQueriesContext(connection) as captured:
            client.get(PAGE, {"gaps": state})
        return len(captured)

    assert queries(2) == queries(5)


def test_nearly_the_same_words_are_one_gap(people: People) -> None:
    for who, text in [("a", "kolibrie huren"), ("b", "hoe huur ik een kolibrie"), ("c", "hoe huur ik een kolibrie"),
                      ("a", "huren kolibries"), ("a", "hoe huur ik een kolibrie")]:  # fmt: skip
        logged(text, who=who, hits=0)
    logged("kolibrie lenen", who="a", hits=0)
    logged("kolibrie huren", who="d", hits=0, language="en")
    for owner, text in (("user:1", "kolibrie huren"), ("user:1", "huren kolibries"), ("user:2", "huren kolibries")):
        SearchAlert.objects.create(owner=owner, text=text, language="nl", confirmed=timezone.now())
    count()
    count()
    found = gap_report.gaps(*period(), "nl")
    rows = gap_report.add_details(found, *period(), people.viewer("curator"), "open")
    asked = {row.text: (row.people, row.times, row.waiting, row.other_wordings) for row in rows}
    assert asked == {
        "hoe huur ik een kolibrie": (3, 5, 2, ["huren kolibries", "kolibrie huren"]),
        "kolibrie lenen": (1, 1, 0, []),
    }
    page = as_person(people.curator).get(PAGE).text
    assert "en in nog 2 bewoordingen" in page
    assert "huren kolibries | kolibrie huren" in as_person(people.curator).get(PAGE, {"csv": "gaps"}).text


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("stagevergoeding hoogte", "wat is de hoogte van de stage vergoeding", True),
        ("mantelzorgverlof aanvragen", "aanvraag mantelzorg verlof", True),
        ("ORA-00942", "ora-00942", True),
        ("fiets verlof", "fiets -verlof", False),
        ("fiets soort:faq", "soort fiets faq", False),
        ("formulier 12b", "formulier 12a", False),
        ("de het", "het de", False),  # nothing is said
    ],
)
def test_what_are_nearly_the_same_words(one: str, other: str, alike: bool) -> None:
    assert (words(query_log.normalise(one), "nl") == words(query_log.normalise(other), "nl")) is alike


def test_a_gap_is_hidden_and_answered_in_all_its_wordings(
    people: People, topic: Any, indexed: Callable[[], int]
) -> None:
    gap = vain("kolibrie huren")
    as_person(people.curator).post(f"/cms/search/gaps/{gap.pk}/hide/", {"reason": "not_ours"})
    assert vain_again("huren kolibrie") == "hidden"
    gaps.reopen(by=people.viewer("curator"), gap=gap)
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()
    gaps.mark_search_changed()
    assert gaps.recheck_open(60) == 1
    assert texts("answered") == ["huren kolibrie"]
    assert vain_again("hoe kan ik kolibries huren") == "open"


def test_a_gap_stays_the_same_when_words_are_stemmed_otherwise(people: People) -> None:
    gap = vain("kolibrie huren")
    gaps.hide(by=people.viewer("curator"), gap=gap, reason="not_ours")
    Gap.objects.update(words="huur kolib")
    assert vain_again("kolibrie huren") == "hidden"
    assert Gap.objects.get().words == words("kolibrie huren", "nl")


def vain_again(text: str) -> str:
    """Log a search in other words. Return the state of its gap."""
    row = logged(text, hits=0)
    LoggedSearch.objects.filter(pk=row.pk).update(at=pseudonym.now() + timedelta(seconds=1))
    count()
    return Gap.objects.get(figures__text=text).state


class Before:
    """The models by the names that they had when the migrations of search were written."""

    def get_model(self, app: str, name: str) -> Any:
        return apps.get_model({"search": "discovery"}[app], {"QueryFigures": "DailyQueryFigures"}.get(name, name))


def test_gaps_of_before_are_joined(people: People) -> None:
    open_one, hidden = vain("kolibrie huren"), vain("een papegaai")
    gaps.hide(by=people.viewer("curator"), gap=hidden, reason="not_ours")
    logged("huren kolibrie", hits=0)
    Gap.objects.filter(pk=hidden.pk).update(text="huren kolibrie", words="?")
    import_module("search.migrations.0012_wordings").join(Before(), None)
    assert list(Gap.objects.values_list("pk", "state", "words")) == [(hidden.pk, "hidden", "huur kolibrie")]
    assert set(DailyQueryFigures.objects.filter(gap=hidden).values_list("text", flat=True)) == {
        open_one.text,
        "een papegaai",
    }


def test_more_are_shown_on_demand(people: People) -> None:
    for number in range(30):
        logged(f"vraag {number}", hits=0)
    count()
    client = as_person(people.curator)
    first = client.get(PAGE).text
    assert first.count('class="figures-hide"') == 25
    assert "show=50#h-gaps" in first
    more = client.get(PAGE, {"show": "50"}).text
    assert more.count('class="figures-hide"') == 30
    assert "Toon meer" not in more
    for odd in ("x", "99999999999", "-1", "٣"):
        assert client.get(PAGE, {"show": odd, "gaps": "y"}).status_code == 200


def test_empty_states_say_what_comes(people: People) -> None:
    client = as_person(people.curator)
    page = client.get(PAGE).text
    assert "Zodra mensen zoeken" in page
    assert "<svg aria-hidden" not in page
    assert "Nog geen. Zodra een antwoord" in client.get(PAGE, {"gaps": "answered"}).text
    assert "haal je van de lijst" in client.get(PAGE, {"gaps": "hidden"}).text
    logged("verlof", key="faq:1")
    count()
    assert "wie zocht, vond iets wat past" in client.get(PAGE).text


def test_gaps_counted_before_gaps_were_kept_get_theirs() -> None:
    vain()
    DailyQueryFigures.objects.update(gap=None)
    Gap.objects.all().delete()
    import_module("search.migrations.0008_gaps_of_counted_days").keep(Before(), None)
    assert texts() == ["kolibrie huren"]
