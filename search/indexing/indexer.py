"""The indexer: leads when nobody else does, and keeps the index as the database is.

A round of the leader is short, so that nothing waits for long behind a full outbox: a requested rebuild, some of the
outbox, and a few vectors. `making`, `draining` and `rebuilding` are what it is made of.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.db import close_old_connections, connection

from search import embeddings, engines, sources, vocabulary
from search.embeddings import store
from search.engines import Engine, EngineError, Overtaken
from search.indexing import outbox, rebuilding
from search.indexing.batches import batches, isolated, make, reread
from search.indexing.draining import announce, drain, try_again
from search.indexing.leader import ALONE, Ear, Lead, LostLead
from search.indexing.leader import lead as make_lead
from search.indexing.rebuilding import rebuild, work
from search.language import lexicon
from search.models import Rebuild
from search.sources import Document
from web.backoff import Backoff

__all__ = ["batches", "begin_leading", "drain", "embed", "make", "rebuild", "run", "weigh", "work"]

logger = logging.getLogger(__name__)
INTERVAL = 1.0  # seconds between looks at the outbox, unless told of a change
GATHER = 0.1  # seconds from then: what is committed together is written together
ROUND = 2.0  # seconds of draining until a requested rebuild and vectors get their turn
STANDBY = 3.0  # seconds between tries to lead
FIRST, LONGEST = 1.0, 60.0  # seconds until a failing engine is asked again: at first, and at most
RECOVERED = 10.0  # the same, at most, for whatever else fails: the database comes back sooner
WEIGH = 60.0  # seconds between looks at how much the index has grown
WHY = {"old": "of another version", "changed": "not as expected"}


def embed(engine: Engine) -> bool:
    """Make the vectors of a few documents that lack them; whether there may be more to make at once."""
    if not (keys := store.waiting()):
        return False
    documents, deleted, errors = reread(keys)
    store.forget([*deleted, *errors])
    made: list[str] = []

    def fill(some: list[Document]) -> dict[str, str]:
        made.extend(store.fill(some, []))
        return {}

    failed, away = dict[str, str](), False
    try:
        failed = isolated(fill, documents)
    except OSError as error:
        logger.warning("search: no vectors are made: %s", error)
        away = True
    store.forget(failed)  # noted again when it changes
    for key, why in failed.items():
        logger.warning("search: no vector of %s: %s", key, why[:300])
    if engine.keeps_vectors:
        outbox.mark_dirty(*made)
    else:
        announce([document for document in documents if document.key in made])
    return not away


def weigh() -> None:
    """Ask for a rebuild when the index has outgrown its vocabulary: compounds are cut by the words of the site."""
    if vocabulary.outgrown(sum(source.queryset().count() for source in sources.all())):
        logger.info("search: the index has outgrown its vocabulary; building it anew")
        rebuilding.ask()


def warm() -> None:
    """Load model and dictionaries, or the first changes would wait for them. Does nothing the second time."""
    embeddings.warm()
    lexicon.load()


def begin_leading(engine: Engine, lead: Lead = ALONE) -> None:
    """What a new leader does first: settle what its predecessor left, and rebuild an index that cannot be used."""
    with lead.guarded():
        Rebuild.objects.filter(state=Rebuild.State.RUNNING).update(state=Rebuild.State.WAITING)
    warm()
    state = engine.state()
    if state == "ready":
        lead.check()
        engine.tidy()
        live = engine.live()
        with lead.guarded():
            vocabulary.switch(live)  # killed in between, its predecessor switched the index alone
        return
    logger.warning("search: the index is %s; building it: %s", WHY.get(state, state), "; ".join(engine.differences()))
    rebuilding.ask()
    work(engine, lead=lead, seconds=ROUND)
    if engine.state() != "ready":
        raise EngineError("the index could not be built")


class Indexer:
    """One indexer: `run` until it is to stop. Survives any failure of engine or database."""

    def __init__(self) -> None:
        self.engine, self.lead, self.ear = engines.get(), make_lead(), Ear()
        self._begun = False
        self._weighed = time.monotonic()
        self._engine_rests, self._rests = Backoff(FIRST, LONGEST), Backoff(FIRST, RECOVERED)

    def run(self, stop: threading.Event) -> None:
        """Lead when nobody else does, and index."""
        outbox.wakers.append(self.ear.wake.set)
        try:
            while not stop.is_set():
                self.ear.wake.clear()
                self._wait(stop, self.round())
                if connection.vendor != "postgresql":  # there it listens
                    close_old_connections()
        finally:
            outbox.wakers.remove(self.ear.wake.set)
            _try_to(self.engine.close)
            self._let_go()

    def round(self) -> float:
        """Do what there is to do, for some seconds at most; seconds until the next round."""
        if left := self._rests.left():
            return left
        try:
            pause = self._round()
            _well_again(self._rests, "the indexer goes on")
            return pause
        except LostLead as error:
            logger.warning("search: this indexer leads no longer: %s", error)
            self._begun = False
            return STANDBY
        except Exception:  # noqa: BLE001 # logged; the loop never ends
            _failed(self._rests, "the indexer stumbled")
            self._begun = False
            self._let_go()
            return self._rests.left()

    def _round(self) -> float:
        if not self.lead.take():
            self._begun = False
            warm()  # so that taking over takes no longer than it must
            return STANDBY
        self.ear.listen()
        if left := self._engine_rests.left():  # whatever woke us
            return left
        try:
            pause = self._work()
            _well_again(self._engine_rests, "the engine can be written to again")
            return pause
        except Overtaken as error:
            self._begun = False
            self.lead.outrun(error.version)
            raise LostLead(str(error)) from error
        except EngineError:
            _failed(self._engine_rests, "the engine cannot be written to")
            self._begun = False
            return self._engine_rests.left()

    def _work(self) -> float:
        if not self._begun:
            begin_leading(self.engine, self.lead)
            self._begun = True
        if time.monotonic() - self._weighed > WEIGH:
            self._weighed = time.monotonic()
            weigh()
            try_again()
        begun = time.monotonic()
        work(self.engine, lead=self.lead, seconds=ROUND)
        more = time.monotonic() - begun >= ROUND
        more |= embeddings.ready() and embed(self.engine)
        return 0.0 if more else INTERVAL

    def _wait(self, stop: threading.Event, pause: float) -> None:
        """Until a change was committed or `pause` seconds have passed; looks at `stop` five times a second."""
        while pause > 0 and not stop.is_set():
            if self.ear.told(min(pause, 0.2)):
                stop.wait(GATHER)
                return
            pause -= 0.2

    def _let_go(self) -> None:
        """Let another indexer try, and be given another connection."""
        for act in (self.ear.close, self.lead.release, connection.close):
            _try_to(act)


def run(stop: threading.Event) -> None:
    """Lead when nobody else does, and index until `stop` is set. Survives any failure of engine or database."""
    Indexer().run(stop)


def _failed(rests: Backoff, what: str) -> None:
    """Said once, however often it is tried again."""
    if not rests.failures:
        logger.warning("search: %s; trying again", what, exc_info=True)
    rests.failed()


def _well_again(rests: Backoff, what: str) -> None:
    if rests.failures:
        logger.warning("search: %s", what)
        rests.succeeded()


def _try_to(act: Callable[[], object]) -> None:
    try:
        act()
    except Exception:
        logger.debug("search: letting go failed", exc_info=True)
