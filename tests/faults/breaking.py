"""Faults of processes, rows and lines: each breaks one thing for a while, and ends by itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg

from tests.faults.checker import percentile
from tests.faults.trial import Act, within

TAKEOVER, INTERACTIVE, DRAINED = 30.0, 2.0, 600.0  # seconds that may pass
LEADER = """
select application_name from pg_stat_activity where application_name like 'indexer%%'
and (query like 'UPDATE web_lease SET until%%' or pid in (
  select pid from pg_locks where locktype = 'advisory' and granted
)) order by query_start desc limit 1
"""


def nothing(act: Act) -> None:
    """Nothing is broken."""
    act.hold()


def row_locked(act: Act) -> None:
    """Somebody holds the row of one conversation."""
    act.stopped = act.cast.rooms[0]["conversation"]
    with psycopg.connect(act.stage.site.database) as db:
        db.execute("select 1 from chat_conversation where id = %s for update", [act.stopped])
        act.hold()
        db.rollback()


def killed(*names: str) -> Callable[[Act], None]:
    """These die with -9, and come back after a while."""

    def fault(act: Act) -> None:
        act.stage.site.kill(*names)
        act.hold()
        act.stage.site.start(*names)

    return fault


def stopped(*names: str) -> Callable[[Act], None]:
    """These are asked to end, as when a new version is rolled out, and come back after a while."""

    def fault(act: Act) -> None:
        act.stage.site.stop(*names)
        act.hold()
        act.stage.site.start(*names)

    return fault


# -- The indexer ------------------------------------------------------------------------------


def leader(act: Act) -> str:
    """The indexer that leads."""
    found: list[str] = []
    within(40, lambda: found.extend(act.stage.row(LEADER)) or found)
    assert found, "nobody leads"
    return found[0]


def _takeover(act: Act) -> None:
    """Time until what is put into the outbox now is worked off."""
    (entry,) = act.stage.row(
        "insert into search_outboxentry (key, created, failed, error{more}) select key, now(), false, ''{value} from "
        "(select 'question:' || max(id) as key from community_question) q returning id".format(**_more(act))
    )
    gone = "select not exists (select 1 from search_outboxentry where id = %s)"
    act.timed("another leader at work", TAKEOVER, lambda: act.stage.row(gone, entry) == (True,))


def _more(act: Act) -> dict[str, str]:
    bulk = act.stage.row(
        "select 1 from information_schema.columns where table_name = 'search_outboxentry' and column_name = 'bulk'"
    )
    return {"more": ", bulk", "value": ", false"} if bulk else {"more": "", "value": ""}


def leader_killed(act: Act) -> None:
    """The indexer that leads dies; the other takes over."""
    name = leader(act)
    act.stage.site.kill(name)
    _takeover(act)
    act.stage.site.start(name)


def leader_stopped(act: Act) -> None:
    """The indexer that leads stops for a while (SIGSTOP), and then goes on with what it had in hand."""
    name = leader(act)
    act.stage.site.freeze(name)
    began = time.monotonic()
    _takeover(act)
    act.hold(max(0.0, act.seconds - (time.monotonic() - began)))
    act.stage.site.thaw(name)


def many_waiting(act: Act) -> None:
    """Very many entries of an import wait (4,000 for each second); what somebody asks meanwhile is found in seconds:
    nine of ten, since other work of this machine may come between."""
    count, history = int(act.seconds * 4000), act.cast.history
    act.stage.inside.ask("bulk", count)
    began, times, seen = time.monotonic(), list[float](), len(history.rows)
    with act.stage.outbox() as waiting:
        while waiting() > 0.05 * count and time.monotonic() < began + DRAINED:
            rows, seen = history.rows[seen:], len(history.rows)
            for row in (each for each in rows if each["act"] == "made" and each["kind"] == "question"):
                if not within(20, lambda row=row: _found(act, row["word"]), pause=0.1):
                    page = act.stage.owner.get("/nl/zoeken/", q=row["word"])
                    history.note("harness", "lookup", word=row["word"], page=str(page))
                times.append(time.monotonic() - row["at"])
            time.sleep(0.05)
    took, found = time.monotonic() - began, percentile(times, 0.9)
    history.note("harness", "seconds", what=f"{count} entries", seconds=took, most=DRAINED)
    history.note("harness", "seconds", what=f"finding {len(times)} questions", seconds=found, most=INTERACTIVE)


def _found(act: Act, word: str) -> bool:
    page = act.stage.owner.get("/nl/zoeken/", q=word)
    return f"<mark>{word}</mark>" in page.text


# -- Mail -------------------------------------------------------------------------------------


def _sending(act: Act) -> bool:
    return within(20, lambda: act.stage.postbox.waiting)


def mail_hangs(act: Act) -> None:
    """The mail server takes connections and says nothing."""
    act.stage.postbox.mode = "hang"
    act.hold()


def mail_refused(act: Act) -> None:
    """The mail server puts every mail off."""
    act.stage.postbox.mode = "refuse"
    act.hold()


def mail_dropped(act: Act) -> None:
    """The mail server takes mails and breaks the line before it has said so."""
    act.stage.postbox.mode = "drop"
    act.hold()


def worker_killed(act: Act) -> None:
    """The worker dies while it hands a mail over."""
    act.stage.postbox.mode = "hang"
    _sending(act)
    act.stage.site.kill("worker")
    act.stage.postbox.mode = "take"
    act.hold()
    act.stage.site.start("worker")


# -- Between saving and telling ----------------------------------------------------------------

MARK = "langzaam"
SLOW = """
create or replace function faults_slow() returns trigger language plpgsql as
$$ begin if new.body like '%%{mark}%%' then perform pg_sleep(2.5); end if; return new; end $$;
"""
INSERT = "create trigger faults_slow after insert on chat_event for each row execute function faults_slow()"
COMMIT = (
    "create constraint trigger faults_slow after insert on chat_event deferrable initially deferred "
    "for each row execute function faults_slow()"
)


@contextmanager
def _slow(act: Act, trigger: str) -> Iterator[None]:
    with act.stage.database() as db:
        db.execute(SLOW.format(mark=MARK))
        db.execute(trigger)
    try:
        yield
    finally:
        with act.stage.database() as db:
            db.execute("drop trigger faults_slow on chat_event")


def _killed_while(act: Act, trigger: str) -> None:
    with _slow(act, trigger):
        act.cast.tabs.say(act.cast.tabs.tabs[0], f", {MARK}")
        asleep = "select 1 from pg_stat_activity where wait_event = 'PgSleep' and application_name like 'sockets%%'"
        within(5, lambda: act.stage.row(asleep), pause=0.02)
        act.stage.site.kill("sockets1", "sockets2")
        within(5, lambda: not act.stage.row(asleep), pause=0.1)
    act.stage.site.start("sockets1", "sockets2")


def killed_before_commit(act: Act) -> None:
    """Both socket processes die between INSERT and COMMIT of a message."""
    _killed_while(act, INSERT)


def killed_before_acknowledgement(act: Act) -> None:
    """Both socket processes die while the database commits: the message is saved, nobody says so."""
    _killed_while(act, COMMIT)


def killed_before_fan_out(act: Act) -> None:
    """Both socket processes die after a COMMIT, while Redis keeps them from telling the others."""
    act.stage.wires["redis"].mode = "hold"
    tab = act.cast.tabs.tabs[0]
    act.cast.tabs.say(tab, ", niet verder verteld")
    text = tab.waiting and list(tab.waiting.values())[-1]
    there = "select 1 from chat_event where body = %s"
    within(5, lambda: act.stage.row(there, text or ""), pause=0.01)
    act.stage.site.kill("sockets1", "sockets2")
    act.stage.wires["redis"].mode = "pass"
    act.stage.site.start("sockets1", "sockets2")


# -- Clocks -----------------------------------------------------------------------------------

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


def clocks_apart(act: Act) -> None:
    """The clocks of a process of pages and one of sockets are 10 minutes ahead."""
    names = ("web2", "sockets2")
    ahead = {"LD_PRELOAD": FAKETIME, "FAKETIME": "+600", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    act.stage.site.stop(*names)
    act.stage.site.launch(*names, **ahead)
    with suppress(AssertionError):
        within(40, act.stage.site.healthy)
    act.hold()
    act.stage.site.stop(*names)
    act.stage.site.start(*names)
