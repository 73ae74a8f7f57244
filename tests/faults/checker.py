"""Whether every promise was kept: pure functions over the history of the clients and the rows of the database.

Each gives what is wrong as `Wrong(kind, text)`; nothing wrong is an empty list. Kinds: `lost` (acknowledged and not
there), `doubled`, `gap` (in a conversation's numbers), `other` (saved otherwise than said), `behind` (a client without
what the database has), `mail`, `page` (an answer that nobody should get), `slow`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from tests.faults.history import Row
from tests.faults.postbox import Taken

OURS = {503}  # of the statuses from 500 on, what we say when a part is away, with Retry-After


class Wrong(NamedTuple):
    """One broken promise."""

    kind: str
    text: str


class Saved(NamedTuple):
    """An event in the database."""

    number: int
    id: str  # client_id; empty for what no client said
    text: str


@dataclass(frozen=True)
class Shown:
    """What a client has on its screen in the end: (number, client_id) in its order."""

    who: str
    conversation: int
    events: list[tuple[int, str]]


def conversations(history: Iterable[Row], saved: Mapping[int, list[Saved]]) -> list[Wrong]:
    """Everything acknowledged is there once, as said and under its number; numbers are 1, 2, 3 …"""
    said: dict[str, Row] = {}
    acknowledged: dict[str, set[int]] = defaultdict(set)
    for row in history:
        if row["act"] == "say":
            said[row["id"]] = row
        elif row["act"] == "ack":
            acknowledged[row["id"]].add(row["number"])
    wrong = []
    for conversation, events in saved.items():
        numbers = [event.number for event in events]
        if numbers != list(range(1, len(events) + 1)):
            wrong.append(Wrong("gap", f"conversation {conversation} has the numbers {numbers[-20:]}"))
        wrong += [
            Wrong("doubled", f"{id} is there {n} times in {conversation}") for id, n in _twice(e.id for e in events)
        ]
        texts = _twice(e.text for e in events if e.id in said)
        wrong += [Wrong("doubled", f"{text!r} is there {n} times in {conversation}") for text, n in texts]
    by_id = {event.id: (conversation, event) for conversation, events in saved.items() for event in events if event.id}
    for id, numbers_told in acknowledged.items():
        row = said[id]
        conversation, event = by_id.get(id, (0, None))
        if event is None:
            wrong.append(Wrong("lost", f"{row['text']!r} of {row['who']} was acknowledged and is not there"))
        elif (conversation, {event.number}, event.text) != (row["conversation"], numbers_told, row["text"]):
            wrong.append(
                Wrong("other", f"{row['text']!r} ({sorted(numbers_told)}) was saved as {event} in {conversation}")
            )
    return wrong


def _twice(values: Iterable[str]) -> list[tuple[str, int]]:
    return [(value, count) for value, count in Counter(values).items() if value and count > 1]


def screens(shown: Iterable[Shown], saved: Mapping[int, list[Saved]]) -> list[Wrong]:
    """Every client has the database's list, in its order."""
    wrong = []
    for each in shown:
        there = [(event.number, event.id) for event in saved.get(each.conversation, [])]
        if each.events != there:
            missing = sorted(set(there) - set(each.events))[:5]
            surplus = sorted(set(each.events) - set(there))[:5]
            why = f"misses {missing}, has {surplus} besides" if missing or surplus else "has them in another order"
            wrong.append(Wrong("behind", f"{each.who} in conversation {each.conversation} {why}"))
    return wrong


def forms(history: Iterable[Row], there: Mapping[str, int]) -> list[Wrong]:
    """What a form made is there once when the server said so, and at most once when it did not. `there` counts the rows
    with a word."""
    wrong = []
    sent, made = {}, set()
    for row in history:
        if row["act"] == "send":
            sent[row["word"]] = row["kind"]
        elif row["act"] == "made":
            made.add(row["word"])
    for word, kind in sent.items():
        count = there.get(word, 0)
        if word in made and not count:
            wrong.append(Wrong("lost", f"the {kind} {word} was accepted and is not there"))
        if count > 1:
            wrong.append(Wrong("doubled", f"the {kind} {word} is there {count} times"))
    return wrong


def due(history: Iterable[Row]) -> set[str]:
    """Words of the questions that were answered: who asked is told by mail of each once, as they do not read on."""
    return {row["about"] for row in history if row["act"] == "made" and row["kind"] == "answer"}


def unmailed(history: Iterable[Row], taken: list[Taken]) -> set[str]:
    """What nobody was mailed of yet."""
    text = "\n".join(mail.text for mail in taken if mail.said)
    return {word for word in due(history) if word not in text}


def mails(history: Iterable[Row], taken: list[Taken]) -> list[Wrong]:
    """Every mail that is due was taken, as one mail, and each Message-ID once; a mail whose taking nobody was told of
    may come again, under its own Message-ID."""
    history = list(history)
    wrong = [Wrong("mail", f"nobody was mailed of an answer to {word}") for word in unmailed(history, taken)]
    for word in due(history):
        ids = {mail.id for mail in taken if word in mail.text}
        if len(ids) > 1:
            wrong.append(Wrong("mail", f"the answer to {word} was mailed as {sorted(ids)}"))
    return wrong + [Wrong("mail", f"{id} was taken {n} times") for id, n in _twice(m.id for m in taken if m.said)]


def pages(history: Iterable[Row]) -> list[Wrong]:
    """Nobody got an error of ours, or no answer, or was told to be too fast, or had a form refused; 503 with
    Retry-After is what we say when a part is away."""
    history = list(history)
    refused = Counter(row["kind"] for row in history if row["act"] == "refused")
    bad = Counter(
        (row["status"], row["path"].partition("?")[0])
        for row in history
        if row["act"] == "page" and (row["status"] in (0, 429) or row["status"] >= 500)
        if not (row["status"] in OURS and row["ours"])
    )
    wrong = [Wrong("page", f"{status or 'no answer'} for {path}, {n} times") for (status, path), n in bad.items()]
    return wrong + [Wrong("page", f"a form was refused: {kind}, {n} times") for kind, n in refused.items()]


def timed(history: Iterable[Row]) -> list[Wrong]:
    """What was timed did not take longer than it may."""
    rows = [row for row in history if row["act"] == "seconds" and row["seconds"] > row["most"]]
    return [Wrong("slow", f"{row['what']} took {row['seconds']:.1f} s, and may take {row['most']} s") for row in rows]


# -- Figures ----------------------------------------------------------------------------------


def percentile(values: Iterable[float], part: float) -> float:
    """The smallest value that is not below this part of them; 0 of none."""
    ordered = sorted(values)
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def acknowledgements(history: list[Row], begin: float, end: float, without: int = 0) -> list[float]:
    """Seconds from saying to acknowledgement, of messages said between two moments. Whoever has none waits until the
    end of the history. The conversation `without` is left out."""
    last = history[-1]["at"] if history else 0.0
    answered = {row["id"]: row["at"] for row in reversed(history) if row["act"] == "ack"}
    return [
        answered.get(row["id"], last) - row["at"]
        for row in history
        if row["act"] == "say" and begin <= row["at"] < end and row["conversation"] != without
    ]


def served_again(history: list[Row], back: float) -> dict[str, float]:
    """Seconds from the moment that the part was back until each client was served.

    A tab that had lost its socket: until it has one. One that waited for acknowledgements: until it has the last of
    them. Any other, and who reads pages: how long its next message or page took.
    """
    by_who: dict[str, list[Row]] = defaultdict(list)
    for row in history:
        by_who[row["who"]].append(row)
    found = {who: _served(rows, back) for who, rows in by_who.items()}
    return {who: seconds for who, seconds in found.items() if seconds is not None}


def _served(rows: list[Row], back: float) -> float | None:
    after = [row for row in rows if row["at"] >= back]
    if pages := [row for row in after if row["act"] == "page"]:
        good = next((row for row in pages if 0 < row["status"] < 500), pages[-1])
        return float(good["at"] - max(back, pages[0]["at"] - pages[0]["seconds"]))
    waits = []
    lines = [row["act"] for row in rows if row["act"] in ("open", "lost") and row["at"] < back]
    if lines and lines[-1] == "lost":
        waits.append(next((row["at"] for row in after if row["act"] == "open"), rows[-1]["at"] + 60) - back)
    answered = {row["id"]: row["at"] for row in reversed(rows) if row["act"] == "ack"}
    said = [row for row in rows if row["act"] == "say"]
    open_then = [row["id"] for row in said if row["at"] < back <= answered.get(row["id"], float("inf"))]
    waits += [answered.get(id, rows[-1]["at"] + 60) - back for id in open_then]
    if not waits:
        waits = [answered[row["id"]] - row["at"] for row in said if row["at"] >= back and row["id"] in answered][:1]
    return max(waits, default=None)


def degraded(history: Iterable[Row], begin: float, end: float) -> list[float]:
    """Seconds that searches took which answered from the database."""
    rows = (row for row in history if row["act"] == "page" and begin <= row["at"] <= end)
    return [row["seconds"] for row in rows if row["degraded"]]


def reading(history: Iterable[Row]) -> list[float]:
    """Seconds that pages took which came as they should."""
    return [row["seconds"] for row in history if row["act"] == "page" and row["status"] == 200 and not row["degraded"]]


def worst(history: Iterable[Row], begin: float) -> int:
    """The highest status of a page from a moment on; 599 for no answer at all."""
    return max((row["status"] or 599 for row in history if row["act"] == "page" and row["at"] >= begin), default=0)


def in_order(history: list[Row]) -> bool:
    """Whether a history is one: nothing is acknowledged before it was said."""
    said = {row["id"]: row["at"] for row in history if row["act"] == "say"}
    acknowledged = [row for row in history if row["act"] == "ack"]
    return all(said.get(row["id"], float("inf")) <= row["at"] for row in acknowledged) and all(
        one["at"] <= other["at"] for one, other in pairwise(history) if one["who"] == other["who"]
    )
