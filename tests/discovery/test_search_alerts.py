"""Search alerts: who is told, once, and who is not."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import audiences
from accounts.audiences import Person, viewer_for
from community import actions as community
from discovery import search_alerts
from discovery.analytics import answer_finder, gaps, metrics, pseudonym, query_log
from discovery.curation import actions
from discovery.models import FreshDocument, Gap, SearchAlert
from notifications.models import Notification
from search import engines, query
from search.engines import EngineError, Hit
from search.models import ProtectedWord, Synonym
from search.ranking_trace import RankingTrace
from tests.community.conftest import make_space
from tests.jobs import run_due
from tests.kb.conftest import make_faq, make_topic
from tests.people import People

pytestmark = pytest.mark.django_db
QUESTION = "Hoe huur ik een kolibrie?"


@pytest.fixture
def topic(people: People, indexed: Callable[[], int]) -> Any:
    """Create a public topic, and an index for this test alone."""
    return make_topic("Dieren", {audiences.PUBLIC})


def note_of(client: Client, text: str = "kolibrie huren") -> str:
    """Return the signed note of a results page."""
    page = client.get("/nl/zoeken/", {"q": text})
    found = re.search(r'name="search" value="([^"]+)"', page.text)
    assert found, "the page offers no search alert"
    return found[1]


def ask_alert_as(person: Any, text: str = "kolibrie huren") -> Client:
    """Search as that person and ask for an alert. Return the client."""
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.post("/nl/zoeken/laat-me-weten/", {"search": note_of(client, text)})
    assert response["Location"] == "/nl/zoeken/laat-me-weten/lijst/"
    return client


def told(person: Any) -> list[str]:
    """Return the titles of notifications about answers to that person."""
    return list(Notification.objects.filter(recipient=person, event="search.answered").values_list("title", flat=True))


def test_everybody_who_may_see_the_answer_is_told_and_nobody_else(
    people: People, topic: Any, indexed: Callable[[], int]
) -> None:
    named = {name: person for name, person in people.persons().items() if name != "anonymous"}
    for person in named.values():
        ask_alert_as(person)
    make_faq(QUESTION, {audiences.organisation(people.business.pk)}, topic)
    indexed()
    search_alerts.match_new_documents(60)
    expected = {"owner", "colleague"}
    assert {name for name, person in named.items() if told(person)} == expected
    assert SearchAlert.objects.count() == len(named) - 2
    make_faq("Een kolibrie huren voor iedereen", {audiences.PUBLIC}, topic)
    indexed()
    search_alerts.match_new_documents(60)
    assert {name for name, person in named.items() if told(person)} == set(named)
    assert all(len(told(person)) == 1 for person in named.values())
    assert SearchAlert.objects.count() == FreshDocument.objects.count() == 0


def test_rights_are_those_of_the_moment_of_the_answer(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    ask_alert_as(people.owner)
    people.owner.memberships.all().delete()
    make_faq(QUESTION, {audiences.organisation(people.business.pk)}, topic)
    indexed()
    assert search_alerts.match_new_documents(60) == 0
    assert told(people.owner) == []


def test_who_is_gone_is_not_told(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    ask_alert_as(people.owner)
    people.owner.is_active = False
    people.owner.save()
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()
    assert search_alerts.match_new_documents(60) == 0
    assert SearchAlert.objects.count() == 0


def test_a_question_is_no_answer_until_it_is_solved(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    ask_alert_as(people.owner)
    space = make_space("t-dieren", audiences.PUBLIC)
    question = community.ask(by=Person(people.neighbour), space=space, title=QUESTION, body="", language="nl")
    indexed()
    assert search_alerts.match_new_documents(60) == 0
    answer = community.answer(by=Person(people.agent), question=question, body="Bij de balie.")
    indexed()
    assert search_alerts.match_new_documents(60) == 0
    community.accept(by=Person(people.neighbour), answer=answer)
    indexed()
    assert search_alerts.match_new_documents(60) == 1
    assert told(people.owner) == ["Er is een antwoord op “kolibrie huren”"]


def test_what_was_seen_and_did_not_fit_is_not_told(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    faq = make_faq("Een dier huren", {audiences.PUBLIC}, topic, "Een kolibrie is een vogel.")
    indexed()
    client = Client()
    client.force_login(people.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post("/nl/zoeken/laat-me-weten/", {"search": note_of(client, "dier huren")})
    assert SearchAlert.objects.get().seen == {f"faq:{faq.pk}": False}
    faq.helpful_count += 1
    faq.save()
    indexed()
    assert search_alerts.match_new_documents(60) == 0
    make_faq("Welk dier mag ik huren?", {audiences.PUBLIC}, topic)
    indexed()
    assert search_alerts.match_new_documents(60) == 1


def test_what_was_found_and_did_not_do_is_a_gap_until_something_new_comes(
    people: People, topic: Any, indexed: Callable[[], int]
) -> None:
    for number in range(12):
        make_faq(f"Een dier huren {number}", {audiences.PUBLIC}, topic)
    indexed()
    query_log.buffer.clear()
    ask_alert_as(people.owner, "dier huren")
    query_log.flush()
    metrics.roll_up(pseudonym.now().date())
    gap = Gap.objects.get(text="dier huren")
    gaps.recheck_open(60)
    assert search_alerts.match_new_documents(60) == 0
    gap.refresh_from_db()
    assert gap.state == "open"
    make_faq("Welk dier mag ik huren?", {audiences.PUBLIC}, topic, "Een dier huren kan hier.")
    indexed()
    assert search_alerts.match_new_documents(60) == 1
    assert len(told(people.owner)) == 1


@pytest.mark.parametrize("more", [{"page": 2}, {"kind": "faq"}, {"q": "dier huren soort:faq"}])
def test_it_is_offered_below_all_that_was_found(
    people: People, topic: Any, indexed: Callable[[], int], client: Client, more: dict[str, Any]
) -> None:
    for number in range(12):
        make_faq(f"Een dier huren {number}", {audiences.PUBLIC}, topic)
    indexed()
    offer = "Laat het me weten als er iets nieuws is"
    for person in (None, people.owner):
        if person:
            client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert offer in client.get("/nl/zoeken/", {"q": "dier huren"}).text
        assert offer not in client.get("/nl/zoeken/", {"q": "dier huren"} | more).text


def test_something_else_is_not_told(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    ask_alert_as(people.owner, "kolibrie huren voor een feest")
    make_faq("Een auto huren", {audiences.PUBLIC}, topic)
    indexed()
    assert search_alerts.match_new_documents(60) == 0
    assert FreshDocument.objects.count() == 0
    assert SearchAlert.objects.get().checked > 0


def test_a_job_looks_beside_indexing(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    ask_alert_as(people.owner)
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()
    run_due()
    assert len(told(people.owner)) == 1


def test_without_alerts_nothing_is_recorded(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()
    assert FreshDocument.objects.count() == 0


def test_a_degraded_search_grants_nothing_and_forgets_nothing(
    people: People, topic: Any, indexed: Callable[[], int]
) -> None:
    ask_alert_as(people.owner)
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()

    with patch.object(engines.get(), "search", side_effect=EngineError("down")):
        assert search_alerts.match_new_documents(60) == 0
    assert search_alerts.match_new_documents(60) == 1


def test_a_round_ends_in_time_and_goes_on_in_the_next(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    for person in (people.owner, people.colleague, people.neighbour):
        ask_alert_as(person)
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()
    assert [search_alerts.match_new_documents(0) for _round in range(4)] == [1, 1, 1, 0]
    assert FreshDocument.objects.count() == 0


def test_an_answer_in_the_curators_other_words_is_told(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    ask_alert_as(people.owner, "kolibrie")
    make_faq("Een vogel lenen", {audiences.PUBLIC}, topic)
    indexed()
    assert search_alerts.match_new_documents(60) == 0
    Synonym.objects.create(terms="kolibrie\nvogel")
    make_faq("Welke vogel mag mee?", {audiences.PUBLIC}, topic)
    indexed()
    assert search_alerts.match_new_documents(60) == 1
    assert len(told(people.owner)) == 1


def test_what_curators_let_be_found_is_told(people: People, topic: Any, indexed: Callable[[], int]) -> None:
    make_faq("Een vogel lenen", {audiences.PUBLIC}, topic)
    indexed()
    ask_alert_as(people.owner, "kolibrie")
    actions.save(by=people.viewer("curator"), row=ProtectedWord(word="kolibrie"))
    assert not FreshDocument.objects.exists()
    actions.save(by=people.viewer("curator"), row=Synonym(terms="kolibrie\nvogel"))
    assert search_alerts.match_new_documents(60) == 1
    assert len(told(people.owner)) == 1
    assert not FreshDocument.objects.exists()


def test_an_answer_of_that_meaning_is_told(
    people: People, topic: Any, indexed: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_alert_as(people.owner, "kolibrie")
    make_faq("Een gevleugeld dier lenen", {audiences.PUBLIC}, topic)
    near = make_faq("Welk gevleugeld dier mag mee?", {audiences.PUBLIC}, topic)
    indexed()
    ask = query.search

    def by_meaning(*arguments: Any, **options: Any) -> Any:
        found = ask("gevleugeld dier", *arguments[1:], **options)
        return replace(found, trace=RankingTrace(by_meaning=[Hit(f"faq:{near.pk}", 0.6)]))

    monkeypatch.setattr(query, "search", by_meaning)
    assert search_alerts.match_new_documents(60) == 1
    row = Notification.objects.get(recipient=people.owner, event="search.answered")
    assert row.body == "Welk gevleugeld dier mag mee?"  # and not the other, which is no nearer by its words


def test_while_the_model_is_loaded_everybody_waits_but_not_for_ever(
    people: People, topic: Any, indexed: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Loading:
        def ready(self) -> bool:
            return False

    ask_alert_as(people.owner)
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()
    monkeypatch.setattr(answer_finder.embeddings, "provider", Loading)
    monkeypatch.setattr(answer_finder.embeddings, "warm", lambda: None)
    monkeypatch.setattr(answer_finder.embeddings, "query_vector", lambda text, model=None: None)
    answer_finder._waiting_since.clear()
    assert search_alerts.match_new_documents(60) == 0
    monkeypatch.setattr(answer_finder, "PATIENCE", -1.0)
    assert search_alerts.match_new_documents(60) == 1


# -- whoever leaves ----------------------------------------------------------------------------


def alerts_of(person: Any) -> None:
    """Create an alert of an account, of its mail address, and of another address."""
    note = query_log.PageNote(text="kolibrie", language="nl")
    search_alerts.create(by=viewer_for(person), note=note)
    search_alerts.create_by_mail(note, email=person.email)
    search_alerts.create_by_mail(note, email="b@x.example")


def test_alerts_are_deleted_with_a_person(people: People) -> None:
    alerts_of(people.owner)
    people.owner.delete()
    assert [alert.email for alert in SearchAlert.objects.all()] == ["b@x.example"]


def test_alerts_are_deleted_when_an_account_is_closed(people: People) -> None:
    from accounts import actions

    alerts_of(people.owner)
    actions.set_active(by=people.viewer("administrator"), person=people.owner, active=False)
    assert [alert.email for alert in SearchAlert.objects.all()] == ["b@x.example"]


def test_without_an_address_only_the_accounts_alerts_are_deleted(people: People) -> None:
    alerts_of(people.owner)
    search_alerts.delete_for_person(owner=f"user:{people.owner.pk}")
    assert SearchAlert.objects.count() == 2


# -- without an account ------------------------------------------------------------------------


def test_by_mail_only_after_the_link_is_confirmed(
    client: Client, people: People, topic: Any, indexed: Callable[[], int], mails: Any
) -> None:
    signed = note_of(client)
    (mail,) = mails(lambda: client.post("/nl/zoeken/laat-me-weten/", {"search": signed, "email": "Bezoeker@x.example"}))
    assert mail.to == "bezoeker@x.example"
    link = re.search(r"http://\S+(/nl/zoeken/laat-me-weten/bevestig/\S+/)", mail.text)
    assert link
    assert "Ja, laat het me weten" in client.get(link[1]).text
    assert SearchAlert.objects.get().confirmed is None  # a scanner that follows links confirms nothing
    make_faq("Een kolibrie lenen en huren", {audiences.STAFF}, topic)
    indexed()
    assert mails(lambda: search_alerts.match_new_documents(60)) == []
    assert "Dat is geregeld" in client.post(link[1]).text
    make_faq("Kolibrie huren: intern", {audiences.EMPLOYEES}, topic)
    indexed()
    assert mails(lambda: search_alerts.match_new_documents(60)) == []
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()
    (answer,) = mails(lambda: search_alerts.match_new_documents(60))
    assert answer.to == "bezoeker@x.example"
    assert QUESTION in answer.text
    assert "intern" not in answer.text
    assert SearchAlert.objects.count() == 0  # and with it the address
    assert client.get(link[1]).status_code == 410


def test_what_came_before_the_click_is_told_after_it(
    client: Client, people: People, topic: Any, indexed: Callable[[], int], mails: Any
) -> None:
    signed = note_of(client)
    (mail,) = mails(lambda: client.post("/nl/zoeken/laat-me-weten/", {"search": signed, "email": "b@x.example"}))
    make_faq(QUESTION, {audiences.PUBLIC}, topic)
    indexed()
    assert mails(lambda: search_alerts.match_new_documents(60)) == []
    link = re.search(r"(/nl/zoeken/laat-me-weten/bevestig/\S+/)", mail.text)
    assert link
    client.post(link[1])
    assert len(mails(lambda: search_alerts.match_new_documents(60))) == 1


def test_the_holder_can_withdraw(client: Client, people: People, topic: Any, mails: Any) -> None:
    signed = note_of(client)
    client.post("/nl/zoeken/laat-me-weten/", {"search": signed, "email": "b@x.example"})
    end = search_alerts.cancel_link(SearchAlert.objects.get())
    assert "Wis mijn adres" in client.get(end).text
    assert SearchAlert.objects.count() == 1
    assert "Je adres is gewist" in client.post(end).text
    assert SearchAlert.objects.count() == 0
    assert client.get(end).status_code == 410


@pytest.mark.parametrize("email", ["", "geen adres", "a@b", "x" * 300 + "@x.example"])
def test_a_wrong_address_keeps_the_page(client: Client, topic: Any, email: str) -> None:
    response = client.post("/nl/zoeken/laat-me-weten/", {"search": note_of(client), "email": email})
    assert response.status_code == 422
    assert "kolibrie huren" in response.text
    assert SearchAlert.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by_mail", [True, False])
def test_the_same_alert_at_one_moment_is_one(people: People, by_mail: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    note, together, mailed = query_log.PageNote(text="kolibrie", language="nl"), Barrier(4), list[SearchAlert]()

    monkeypatch.setattr(search_alerts, "confirmation_requested", lambda alert, url: mailed.append(alert))

    def create() -> int:
        try:
            together.wait(timeout=10)
            if by_mail:
                return search_alerts.create_by_mail(note, email="b@x.example").pk
            return search_alerts.create(by=people.viewer("owner"), note=note).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = {future.result(timeout=30) for future in [pool.submit(create) for _ in range(4)]}
    assert made == {SearchAlert.objects.get().pk}
    assert len(mailed) == by_mail


def test_nobodys_mailbox_is_filled_by_others(client: Client, topic: Any, mails: Any) -> None:
    def many() -> None:
        for number in range(6):
            signed = note_of(client, f"kolibrie{number} huren")
            client.post("/nl/zoeken/laat-me-weten/", {"search": signed, "email": "b@x.example"})

    assert len(mails(many)) == search_alerts.MOST_MAILS


def test_a_person_waits_for_so_many_answers_at_most(people: People, topic: Any) -> None:
    for number in range(search_alerts.MOST + 3):
        try:
            note = query_log.PageNote(text=f"kolibrie {number}", language="nl")
            search_alerts.create(by=people.viewer("owner"), note=note)
        except search_alerts.TooManySearchAlerts:
            assert number >= search_alerts.MOST
    assert SearchAlert.objects.count() == search_alerts.MOST


def test_too_fast_is_asked_to_wait(client: Client, topic: Any, settings: Any) -> None:
    settings.RATE_LIMITS, settings.ADDRESS_LIMITS = settings.RATE_LIMITS | {"search.wish": (1, 3600)}, {}
    signed = note_of(client)
    client.post("/nl/zoeken/laat-me-weten/", {"search": signed, "email": "b@x.example"})
    assert client.post("/nl/zoeken/laat-me-weten/", {"search": signed, "email": "c@x.example"}).status_code == 429


def test_a_list_of_ones_own(people: People, topic: Any) -> None:
    mine, other = ask_alert_as(people.owner), ask_alert_as(people.colleague, "olifant lenen")
    text = mine.get("/nl/zoeken/laat-me-weten/lijst/").text
    assert "kolibrie huren" in text
    assert "olifant" not in text
    pk = SearchAlert.objects.get(text="kolibrie huren").pk
    assert other.post(f"/nl/zoeken/laat-me-weten/lijst/{pk}/stop/").status_code == 404
    mine.post(f"/nl/zoeken/laat-me-weten/lijst/{pk}/stop/")
    assert not SearchAlert.objects.filter(pk=pk).exists()


@pytest.mark.parametrize("forged", ["", "x", "a:b:c"])
def test_a_forged_note_creates_no_alert(client: Client, topic: Any, forged: str) -> None:
    response = client.post("/nl/zoeken/laat-me-weten/", {"search": forged, "email": "b@x.example"})
    assert response["Location"] == "/nl/zoeken/"
    assert SearchAlert.objects.count() == 0


def test_old_alerts_are_deleted(people: People, topic: Any, settings: Any) -> None:
    note = query_log.PageNote(text="kolibrie", language="nl")
    search_alerts.create(by=people.viewer("owner"), note=note)
    search_alerts.create_by_mail(note, email="b@x.example")
    search_alerts.purge()
    assert SearchAlert.objects.count() == 2
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        search_alerts.purge()
    assert SearchAlert.objects.get().owner
    with time_machine.travel(timezone.now() + timedelta(days=settings.SEARCH_WISH_DAYS + 1)):
        search_alerts.purge()
    assert SearchAlert.objects.count() == 0
