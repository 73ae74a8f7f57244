"""The checker finds what it is for: made-up histories with one promise broken in each."""

from typing import Any

import pytest

from tests.faults import checker
from tests.faults.checker import Saved, Shown
from tests.faults.history import History, Row, read
from tests.faults.postbox import Taken


def said(*texts: str, who: str = "tab1", conversation: int = 7) -> list[Row]:
    """A tab says each and hears of it a second later: numbers from 1, ids a1, a2 …"""
    rows = []
    for n, text in enumerate(texts, 1):
        what = {"who": who, "conversation": conversation, "id": f"a{n}"}
        rows += [{"at": n * 10.0, "act": "say", "text": text, **what}]
        rows += [{"at": n * 10.0 + 1, "act": "ack", "number": n, **what}]
    return rows


def saved(*texts: str) -> dict[int, list[Saved]]:
    return {7: [Saved(n, f"a{n}", text) for n, text in enumerate(texts, 1)]}


def kinds(wrong: list[checker.Wrong]) -> list[str]:
    return [each.kind for each in wrong]


def page(status: int, ours: bool = False, **more: Any) -> Row:
    row = {"at": 1.0, "who": "reader", "act": "page", "path": "/nl/?q=x", "status": status, "seconds": 0.1}
    return row | {"ours": ours, "degraded": False} | more


def test_all_is_well() -> None:
    history, rows = said("een", "twee"), saved("een", "twee")
    shown = [Shown("tab1", 7, [(1, "a1"), (2, "a2")])]
    assert checker.conversations(history, rows) == []
    assert checker.screens(shown, rows) == []
    assert checker.in_order(history)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({7: [Saved(1, "a1", "een")]}, ["lost"]),
        ({7: [Saved(1, "a1", "een"), Saved(2, "a2", "twee"), Saved(3, "a2", "twee")]}, ["doubled"] * 2 + ["other"]),
        ({7: [Saved(1, "a1", "een"), Saved(2, "a2", "twee"), Saved(3, "b1", "twee")]}, []),
        ({7: [Saved(1, "a1", "een"), Saved(3, "a2", "twee")]}, ["gap", "other"]),
        ({7: [Saved(1, "a2", "twee"), Saved(2, "a1", "een")]}, ["other", "other"]),
        ({7: [Saved(1, "a1", "een"), Saved(2, "a2", "iets anders")]}, ["other"]),
        ({7: [Saved(1, "a1", "een")], 8: [Saved(1, "a2", "twee")]}, ["other"]),
    ],
    ids=["lost", "doubled", "said-by-another-too", "gap", "reordered", "changed", "elsewhere"],
)
def test_what_is_wrong_with_a_conversation_is_found(rows: dict[int, list[Saved]], expected: list[str]) -> None:
    assert kinds(checker.conversations(said("een", "twee"), rows)) == expected


def test_the_same_words_under_two_ids_are_doubled() -> None:
    """As when a client that heard nothing says it again as another message."""
    rows = {7: [Saved(1, "a1", "een"), Saved(2, "a2", "een")]}
    assert kinds(checker.conversations(said("een", "een"), rows)) == ["doubled"]


def test_two_numbers_for_one_message() -> None:
    history = [*said("een"), {**said("een")[1], "number": 2}]
    assert kinds(checker.conversations(history, saved("een"))) == ["other"]


@pytest.mark.parametrize(
    "events", [[(1, "a1")], [(2, "a2"), (1, "a1")], [(1, "a1"), (2, "a2"), (2, "a2")], [(1, "a1"), (2, "x")]]
)
def test_a_screen_that_differs_is_found(events: list[tuple[int, str]]) -> None:
    assert kinds(checker.screens([Shown("tab1", 7, events)], saved("een", "twee"))) == ["behind"]


def test_forms() -> None:
    history = [{"act": act, "kind": "question", "word": word} for word in ("w1", "w2") for act in ("send", "made")]
    history += [{"act": "send", "kind": "chat", "word": "w3"}]
    assert checker.forms(history, {"w1": 1, "w2": 1}) == []
    assert checker.forms(history, {"w1": 1, "w2": 1, "w3": 1}) == []
    assert kinds(checker.forms(history, {"w1": 2, "w3": 2})) == ["doubled", "lost", "doubled"]


def test_mails() -> None:
    history = [{"act": "made", "kind": "answer", "word": "w9", "about": "w1"}]
    mail = Taken("<1>", "a@b", "over w1", said=True)
    untold, other = Taken("<1>", "a@b", "over w1", said=False), Taken("<2>", "a@b", "over w1", said=True)
    assert checker.mails(history, [mail]) == []
    assert kinds(checker.mails(history, [])) == ["mail"]
    assert kinds(checker.mails(history, [mail, mail])) == ["mail"]
    assert kinds(checker.mails(history, [mail, other])) == ["mail"]
    assert kinds(checker.mails(history, [untold])) == ["mail"], "dropped, and never sent again"
    assert checker.mails(history, [untold, mail]) == []
    assert kinds(checker.mails(history, [untold, other])) == ["mail"], "another Message-ID"


def test_pages() -> None:
    assert checker.pages([page(200), page(404), page(503, ours=True)]) == []
    bad = [page(503), page(500), page(502, ours=True), page(0), page(429, ours=True)]
    assert kinds(checker.pages(bad)) == ["page"] * 5
    assert checker.worst([page(200), page(0)], 0) == 599


def test_seconds_until_served_again() -> None:
    def row(at: float, act: str, id: str = "x", who: str = "tab1") -> Row:
        return {"at": at, "who": who, "act": act, "id": id, "conversation": 7}

    waited = [row(1, "open"), row(8, "say"), row(13, "ack")]
    gone = [row(1, "open", who="b"), row(9, "lost", who="b"), row(17, "open", who="b")]
    idle = [row(1, "open", who="c"), row(14, "say", who="c"), row(14.5, "ack", who="c")]
    never = [row(1, "open", who="d"), row(9, "lost", who="d")]
    reads = [page(503, at=10.5, who="e"), page(200, at=12.0, who="e"), page(200, at=30.0, who="e")]
    found = checker.served_again([*waited, *gone, *idle, *never, *reads], back=10)
    assert found == {"tab1": 3, "b": 7, "c": 0.5, "d": 59, "e": pytest.approx(1.6)}


def test_figures() -> None:
    history = said("een", "twee")
    assert checker.acknowledgements(history, 0, 100) == [1, 1]
    assert checker.acknowledgements([*history, *said("x")[:1]], 0, 15)[0] == 1
    assert checker.acknowledgements(history, 0, 100, without=7) == []
    assert checker.percentile(range(1, 101), 0.95) == 96
    assert checker.percentile([], 0.95) == 0
    slow = {"act": "seconds", "what": "another leader", "seconds": 31.0, "most": 30}
    assert kinds(checker.timed([slow, slow | {"seconds": 1.0}])) == ["slow"]
    assert checker.degraded([page(200, degraded=True), page(200)], 0, 2) == [0.1]
    assert not checker.in_order(history[1:2] + history[:1])


def test_a_history_is_on_disk_before_anything_follows(tmp_path: Any) -> None:
    history = History(tmp_path / "history.jsonl")
    history.note("tab1", "say", conversation=1, id="x", text="é")
    assert read(tmp_path / "history.jsonl") == history.rows
    history.close()
