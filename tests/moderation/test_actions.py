"""Flag, hide, restore, dismiss: who may, and with which results."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audiences import Person
from accounts.models import AuditEvent
from accounts.roles import Role
from accounts.sync import sync_members
from moderation.actions import NotHideable, dismiss, flag, hide, look, restore
from moderation.models import Flag
from tests.people import People


@pytest.mark.parametrize("name", ["owner", "outsider", "agent", "curator"])
def test_whoever_can_see_a_row_may_flag_it(people: People, notes, name: str) -> None:
    row = flag(by=Person(getattr(people, name)), key="note:7", reason="rude", text="Look", url="/nl/q/7/")
    assert (row.state, row.key, row.reason) == ("open", "note:7", "rude")
    assert AuditEvent.objects.get(event="moderation.flagged").target == "note:7"


def test_others_and_visitors_may_not_flag(people: People, notes) -> None:
    notes.secret.add(7)
    for person in (people.owner, people.curator, people.anonymous):
        with pytest.raises(PermissionDenied):
            flag(by=Person(person), key="note:7", reason="rude")
    for key in ("song:7", "note:", "note:x", "note:-1", "note:" + "9" * 40, ""):
        with pytest.raises(PermissionDenied):
            flag(by=Person(people.owner), key=key, reason="rude")
    assert not Flag.objects.exists()


def test_flagging_twice_is_one_flag(people: People, notes) -> None:
    flag(by=Person(people.owner), key="note:7", reason="rude")
    flag(by=Person(people.owner), key="note:7", reason="spam", text="on second thought")
    assert Flag.objects.get().reason == "spam"
    assert people.curator.notifications.get().event == "moderation.flagged"


@pytest.mark.parametrize("name", ["owner", "outsider", "agent", "provider", "administrator", "anonymous"])
def test_who_may_not_review(people: People, notes, name: str) -> None:
    for act in (hide, restore, dismiss):
        with pytest.raises(PermissionDenied):
            act(by=Person(getattr(people, name)), key="note:7")
    assert not notes.hidden


def test_hiding_closes_all_flags_and_notifies_and_can_be_undone(people: People, notes) -> None:
    flag(by=Person(people.owner), key="note:7", reason="rude")
    flag(by=Person(people.colleague), key="note:7", reason="spam")
    hide(by=Person(people.curator), key="note:7", reason="not here")
    assert notes.hidden == {7: "not here"}
    assert set(Flag.objects.values_list("state", "handled_by")) == {("hidden", people.curator.pk)}
    assert people.owner.notifications.get().event == "moderation.handled"
    restore(by=Person(people.curator), key="note:7")
    assert not notes.hidden
    assert set(Flag.objects.values_list("state", flat=True)) == {"restored"}
    events = set(AuditEvent.objects.values_list("event", flat=True))
    assert events >= {"moderation.hidden", "moderation.restored"}


def test_access_by_a_flag_ends_with_the_decision(people: People, notes) -> None:
    """A moderator may see a row outside their audience only while a flag on it is open."""
    notes.text = "words"
    people.ict_agent.role_grants.create(role="curator")
    sync_members(Role.CURATOR)
    moderators = (people.curator, people.ict_agent)

    def may(*acts: Callable[..., Any]) -> list[list[bool]]:
        found = []
        for act in acts:
            found.append([])
            for by in moderators:
                point = transaction.savepoint()
                try:
                    act(by=Person(by), key="note:7")
                    found[-1].append(True)
                except NotHideable:
                    found[-1].append(False)
                transaction.savepoint_rollback(point)
                notes.hidden = {7: ""} if act is restore else {}
        return found

    def flagged() -> None:
        notes.secret.discard(7)
        flag(by=Person(people.owner), key="note:7", reason="rude")
        notes.secret.add(7)

    flagged()
    assert may(look, hide, dismiss) == [[True, True]] * 3
    dismiss(by=Person(people.curator), key="note:7")
    assert may(look, hide, dismiss) == [[False, False]] * 3
    flagged()
    hide(by=Person(people.curator), key="note:7")
    assert may(restore, look, dismiss, hide) == [[True, False], *[[False, False]] * 3], "what they hid themselves"
    notes.hidden = {7: ""}
    restore(by=Person(people.curator), key="note:7")
    assert may(look, hide, dismiss) == [[False, False]] * 3


def test_rows_hidden_without_a_flag_are_listed(people: People, notes) -> None:
    for _ in range(2):  # the button is pressed twice
        hide(by=Person(people.curator), key="note:7", reason="my own judgement")
        notes.hidden.clear()  # moderators see what is hidden; these notes nobody
    assert Flag.objects.get().state == "hidden"


def test_dismissed_and_flagged_again_later(people: People, notes) -> None:
    flag(by=Person(people.owner), key="note:7", reason="rude")
    dismiss(by=Person(people.curator), key="note:7")
    assert not notes.hidden
    flag(by=Person(people.owner), key="note:7", reason="rude")
    assert sorted(Flag.objects.values_list("state", flat=True)) == ["dismissed", "open"]


def test_an_unknown_kind_cannot_be_hidden(people: People) -> None:
    with pytest.raises(NotHideable):
        hide(by=Person(people.curator), key="song:7")
