"""One experiment: everybody is at work, one fault, everything comes to rest, and the checker looks at all of it."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg

from tests.faults import checker
from tests.faults.cast import Cast
from tests.faults.checker import Wrong
from tests.faults.stage import Stage

REST = 60.0  # seconds until everything is acknowledged, on every screen and in the index, once a part is back
MAIL = 60.0  # seconds until every mail is taken, without the pauses between tries (`hasten`)
AGAIN = 10.0  # seconds until 95 of 100 clients are served again, after the part is back
DEGRADED = 1.0  # seconds of half of the searches that answer from the database
LATER = """
update django_tasks_database_dbtaskresult set run_after = now()
where status = 'READY' and run_after > now() and run_after < now() + interval '2 days'
"""


@dataclass
class Act:
    """What a fault works with: the set-up, the clients, how long it may last, its chance."""

    stage: Stage
    cast: Cast
    seconds: float
    random: random.Random
    stopped: int = 0  # the conversation that the fault itself stops, so that it is not counted

    def hold(self, seconds: float | None = None) -> None:
        """The fault lasts."""
        time.sleep(self.seconds if seconds is None else seconds)

    def timed(self, what: str, most: float, condition: Callable[[], object]) -> None:
        """Note how long it takes until something is so; `most`: how long it may. It is given up after twice that."""
        began = time.monotonic()
        within(2 * most, condition, pause=0.1)
        self.cast.history.note("harness", "seconds", what=what, seconds=time.monotonic() - began, most=most)


@dataclass(frozen=True)
class Experiment:
    """A fault by name. `brief` and `long` are its seconds in the short selection (0: not in it) and in all of it."""

    name: str
    says: str
    fault: Callable[[Act], None]
    brief: float
    long: float
    before: str = ""  # what was seen before, as the issue says it
    habit: float = 0.2  # how often somebody presses a button twice
    engine_away: bool = False  # search answers from the database meanwhile
    most: float = 0  # seconds: p95 of acknowledgements during the fault, of those who have nothing to do with it


@dataclass
class Result:
    """A row of the table."""

    experiment: str
    seed: int
    acknowledged: int = 0
    during: float = 0.0  # p95 of acknowledgements of what was said during the fault
    again: float = 0.0  # p95 of seconds until served again
    degraded: float = 0.0  # p50 of searches without the engine
    worst: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """How many of a kind are wrong."""
        return sum(each.kind == kind for each in self.wrong)


def within(seconds: float, condition: Callable[[], object], pause: float = 0.3) -> bool:
    """Poll until it is true, at most so long; whether it became true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def run(stage: Stage, cast: Cast, experiment: Experiment, seed: int, full: bool) -> Result:
    """Do it. What is wrong is in the result, not raised."""
    history = cast.history
    stage.redis.ask("FLUSHALL")  # limits of the hour begin anew
    cast.work(experiment.habit)
    assert within(30, cast.tabs.connected), f"before anything was broken: {cast.undone()}"
    time.sleep(3 if full else 1.5)
    first = len(history.rows)
    act = Act(stage, cast, experiment.long if full else experiment.brief, random.Random(f"{seed} {experiment.name}"))
    begin = history.note("harness", "begin", experiment=experiment.name, seed=seed)["at"]
    try:
        experiment.fault(act)
    finally:
        stage.mend()
    back = history.note("harness", "back", experiment=experiment.name)["at"]
    time.sleep(8 if full else 3)
    cast.rest()
    wrong = _come_to_rest(stage, cast)
    history.note("harness", "over", experiment=experiment.name)
    return _result(cast, experiment, seed, first, (begin, back), act.stopped, wrong)


def _come_to_rest(stage: Stage, cast: Cast) -> list[Wrong]:
    """Wait until nothing is under way any more; what never came to rest."""
    wrong = []
    if not within(REST, cast.idle):
        wrong.append(Wrong("behind", f"after {REST:.0f} s: {cast.undone()}"))
    within(REST / 2, lambda: not checker.screens(cast.tabs.shown(), cast.saved()))
    if not within(REST, lambda: not _differences(stage), pause=0.5):
        wrong.append(Wrong("index", f"after {REST:.0f} s: {_differences(stage)}"))

    def mailed() -> bool:
        hasten(stage)
        return not checker.unmailed(cast.history.rows, stage.postbox.taken)

    within(MAIL, mailed, pause=0.5)
    return wrong


def _differences(stage: Stage) -> list[str]:
    try:
        found: list[str] = stage.inside.ask("differences")
    except LookupError as error:
        return [str(error)]
    return found


def hasten(stage: Stage) -> None:
    """Have what waits for its next try tried now: the pauses between tries are tested where they are made."""
    try:
        with stage.database() as db:
            db.execute(LATER)
    except psycopg.OperationalError:
        return  # asked again in a moment


def _result(
    cast: Cast, experiment: Experiment, seed: int, first: int, span: tuple[float, float], stopped: int,
    wrong: list[Wrong],
) -> Result:  # fmt: skip
    rows, saved = list(cast.history.rows), cast.saved()
    now = rows[first:]
    wrong += checker.conversations(rows, saved) + checker.screens(cast.tabs.shown(), saved)
    wrong += checker.forms(rows, cast.words()) + checker.mails(rows, cast.stage.postbox.taken)
    wrong += checker.pages(now) + checker.timed(now)
    begin, back = span
    acks = checker.acknowledgements(rows, begin, back, without=stopped)
    result = Result(
        experiment.name,
        seed,
        acknowledged=sum(row["act"] == "ack" for row in now),
        during=checker.percentile(acks, 0.95),
        again=checker.percentile(checker.served_again(now, back).values(), 0.95),
        degraded=checker.percentile(checker.degraded(now, begin, back), 0.5),
        worst=checker.worst(now, begin),
    )
    usual = checker.percentile(checker.reading(now), 0.5)  # a busy machine may take what it takes for any page, twice
    most = [("served again", result.again, AGAIN)]
    if experiment.engine_away:
        most.append(("half of the searches without their engine", result.degraded, max(DEGRADED, 2 * usual)))
    if experiment.most:
        most.append(("acknowledging what others said", result.during, max(experiment.most, 4 * usual)))
    wrong += [Wrong("slow", f"{what}: {took:.1f} s, may be {may:.1f} s") for what, took, may in most if took > may]
    result.wrong = wrong
    return result
