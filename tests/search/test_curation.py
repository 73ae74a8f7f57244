"""Rows of curators: their validation, and that every process notices a change."""

from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent
from discovery.curation import actions
from search.curation import snapshot
from search.models import BestBet, ProtectedWord, Rebuild, Synonym
from search.models.curation import protected_words
from tests.people import People

pytestmark = pytest.mark.django_db


def refused(row: Any) -> str:
    """Return the validation messages of a row; "" if it is valid."""
    try:
        row.full_clean()
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@pytest.mark.parametrize(
    ("terms", "to", "message"),
    [
        ("cao\ncollectieve arbeidsovereenkomst", "", ""),
        ("cao = collectieve arbeidsovereenkomst", "", ""),
        ("mailprobleem", "Outlook", ""),
        ("cao", "", "minstens twee woorden"),
        ("", "", "leeg"),
        (",", "", "minstens één woord"),
        ("cao\nC.A.O.", "", "staat er twee keer"),
        ("cao\n!!", "", "geen letter of cijfer"),
        ("cao\n" + "x" * 81, "", "te lang"),
        ("cao\na b c d e f g", "", "meer dan 6 woorden"),
        ("\n".join(f"w{i}" for i in range(21)), "", "Hoogstens 20"),
        ("cao", "C.A.O.", "aan beide kanten"),
    ],
)
def test_synonyms_are_checked(terms: str, to: str, message: str) -> None:
    found = refused(Synonym(terms=terms, to=to))
    assert message in found
    assert bool(message) == bool(found)


def test_the_same_synonym_is_refused_once_there() -> None:
    row = Synonym(terms="cao, collectieve arbeidsovereenkomst")
    row.full_clean()
    row.save()
    assert row.terms == "cao\ncollectieve arbeidsovereenkomst"
    assert "staat er al" in refused(Synonym(terms="Collectieve arbeidsovereenkomst\nCAO"))
    assert refused(Synonym(terms="Collectieve arbeidsovereenkomst\nCAO", language="nl")) == ""
    assert refused(row) == ""


def test_protected_words_are_kept_folded() -> None:
    row = ProtectedWord(word="Sjoerd’s")
    row.full_clean()
    row.save()
    assert protected_words() == {"sjoerd"}
    assert "al beschermd" in refused(ProtectedWord(word="SJOERD"))
    assert "één woord" in refused(ProtectedWord(word="twee woorden"))
    assert "geen letter" in refused(ProtectedWord(word="…"))


def test_a_recommended_page_needs_a_search() -> None:
    assert "minstens één zoekopdracht" in refused(BestBet(document="faq:1"))
    assert refused(BestBet(document="faq:1", kind="demotion")) == ""
    BestBet.objects.create(document="faq:1", queries="verlof")
    assert "heeft dit al" in refused(BestBet(document="faq:1", queries="Verlof\nvrij"))


def test_acts_are_for_curators_and_written_down(people: People) -> None:
    for name in ("agent", "owner", "anonymous"):
        with pytest.raises(PermissionDenied):
            actions.save(by=people.viewer(name), row=Synonym(terms="a\nb"))
    row = actions.save(by=people.viewer("curator"), row=Synonym(terms="a\nb"))
    with pytest.raises(PermissionDenied):
        actions.delete(by=people.viewer("agent"), row=row)
    actions.save(by=people.viewer("curator"), row=row)
    actions.delete(by=people.viewer("administrator"), row=row)
    events = AuditEvent.objects.filter(event__startswith="search.").order_by("pk")
    assert [(e.event, e.by) for e in events] == [
        ("search.synonym_created", people.curator),
        ("search.synonym_changed", people.curator),
        ("search.synonym_deleted", people.administrator),
    ]
    assert events[0].details["terms"] == "a\nb"


def test_a_protected_word_asks_for_one_rebuild(people: People) -> None:
    actions.save(by=people.viewer("curator"), row=ProtectedWord(word="brugvpn"))
    actions.save(by=people.viewer("curator"), row=ProtectedWord(word="finbrug"))
    assert Rebuild.objects.get().state == Rebuild.State.WAITING
    actions.save(by=people.viewer("curator"), row=Synonym(terms="a\nb"))
    assert Rebuild.objects.count() == 1


def test_rows_are_read_once_and_again_after_a_change(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    assert snapshot.current().synonyms.rules == ()
    Synonym.objects.create(terms="a\nb")
    Synonym.objects.create(terms="c\nd", active=False)
    assert len(snapshot.current().synonyms.rules) == 1
    with django_assert_num_queries(0):
        snapshot.current()
    with patch.object(snapshot._token, "seconds", 0.0), django_assert_num_queries(1):
        snapshot.current()
    Synonym.objects.all().delete()
    assert snapshot.current().synonyms.rules == ()


def test_another_process_is_noticed() -> None:
    Synonym.objects.create(terms="a\nb")
    snapshot.current()
    with patch.object(snapshot, "clear"):  # as in a process that did not make the change
        Synonym.objects.create(terms="c\nd")
    assert len(snapshot.current().synonyms.rules) == 1
    with patch.object(snapshot._token, "seconds", 0.0):
        assert len(snapshot.current().synonyms.rules) == 2


def test_a_preview_reads_what_is_not_saved() -> None:
    row = Synonym.objects.create(terms="a\nb")
    Synonym.objects.create(terms="c\nd")
    found = snapshot.load(without=row, instead=Synonym(terms="x\ny"))
    assert {rule.terms for rule in found.synonyms.rules} == {("c", "d"), ("x", "y")}
    assert Synonym.objects.count() == 2
