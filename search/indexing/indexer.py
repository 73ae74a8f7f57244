"""The indexer: leads when nobody else does, and keeps the index as the database is.

A round of the leader is short, so that nothing waits for long behind a full outbox: a requested rebuild, some of the
outbox, a few vectors, and what is due beside it. `making`, `draining` and `rebuilding` are what it is made of.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.db import close_old_connections, connection

from search import embeddings, engines, signals, sources, vocabulary
from search.embeddings import store
from search.engines import Engine, EngineError, VersionConflict
from search.indexing import rebuilding
from search.indexing.batches import batches, isolate_failures, make_documents, read_documents
from search.indexing.draining import drain, retry_failed, send_documents_indexed
from search.indexing.leader import ONLY_WRITER, ChangeListener, LeaderLock, LostLeadership
from search.indexing.leader import leader_lock as make_lead
from search.indexing.rebuilding import rebuild, run_round
from search.language import lexicon
from search.models import Rebuild
from search.models.outbox import enqueue_documents
from search.sources import Document
from web.backoff import Backoff

__all__ = [
    "batches",
    "take_over",
    "drain",
    "make_pending_vectors",
    "make_documents",
    "rebuild",
    "run",
    "rebuild_if_outgrown",
    "run_round",
]

logger = logging.getLogger(__name__)
INTERVAL = 1.0  # seconds between looks at the outbox, unless told of a change
GATHER = 0.1  # seconds from then: what is committed together is written together
ROUND = 2.0  # seconds of draining until the other chores get their turn
STANDBY = 3.0  # seconds between tries to lead
FIRST, LONGEST = 1.0, 60.0  # seconds until a failing engine is asked again: at first, and at most
RECOVERED = 10.0  # the same, at most, for whatever else fails: the database comes back sooner
WEIGH = 60.0  # seconds between looks at how much the index has grown
WHY = {"old": "of another version", "changed": "not as expected"}


def make_pending_vectors(engine: Engine) -> bool:
    """Make the vectors of a few documents that lack them; whether there may be more to make at once."""
    if not (keys := store.pending_keys()):
        return False
    documents, deleted, errors = read_documents(keys)
    store.delete_vectors([*deleted, *errors])
    made: list[str] = []

    def fill(some: list[Document]) -> dict[str, str]:
        made.extend(store.make_vectors(some, []))
        return {}

    failed, away = dict[str, str](), False
    try:
        failed = isolate_failures(fill, documents)
    except OSError as error:
        logger.warning("search: no vectors are made: %s", error)
        away = True
    store.delete_vectors(failed)  # noted again when it changes
    for key, why in failed.items():
        logger.warning("search: no vector of %s: %s", key, why[:300])
    if engine.keeps_vectors:
        enqueue_documents(*made)
    else:
        send_documents_indexed([document for document in documents if document.key in made])
    return not away


def rebuild_if_outgrown() -> None:
    """Ask for a rebuild when the index has outgrown its vocabulary: compounds are cut by the words of the site."""
    if vocabulary.outgrown(sum(source.queryset().count() for source in sources.all())):
        logger.info("search: the index has outgrown its vocabulary; building it anew")
        rebuilding.request_rebuild()


def warm() -> None:
    """Load model and dictionaries, or the first changes would wait for them. Does nothing the second time."""
    embeddings.warm()
    lexicon.load()


def take_over(engine: Engine, lock: LeaderLock = ONLY_WRITER) -> None:
    """What a new leader does first: settle what its predecessor left, and rebuild an index that cannot be used."""
    with lock.fenced():
        Rebuild.objects.filter(state=Rebuild.State.RUNNING).update(state=Rebuild.State.WAITING)
    warm()
    state = engine.state()
    if state == "ready":
        lock.check()
        engine.remove_leftovers()
        live = engine.live()
        with lock.fenced():
            vocabulary.make_live(live)  # killed in between, its predecessor switched the index alone
        return
    logger.warning("search: the index is %s; building it: %s", WHY.get(state, state), "; ".join(engine.differences()))
    rebuilding.request_rebuild()
    run_round(engine, lock=lock, seconds=ROUND)
    if engine.state() != "ready":
        raise EngineError("the index could not be built")


class Indexer:
    """One indexer: `run` until it is to stop. Survives any failure of engine or database."""

    def __init__(self) -> None:
        self.engine, self.lock, self.listener = engines.get(), make_lead(), ChangeListener()
        self._begun = False
        self._weighed = time.monotonic()
        self._engine_rests, self._rests = Backoff(FIRST, LONGEST), Backoff(FIRST, RECOVERED)

    def run(self, stop: threading.Event) -> None:
        """Lead when nobody else does, and index."""
        signals.outbox_committed.connect(self.listener.notice)
        try:
            while not stop.is_set():
                self.listener.wake.clear()
                self._wait(stop, self.round())
                if connection.vendor != "postgresql":  # there it listens
                    close_old_connections()
        finally:
            signals.outbox_committed.disconnect(self.listener.notice)
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
        except LostLeadership as error:
            logger.warning("search: this indexer leads no longer: %s", error)
            self._begun = False
            return STANDBY
        except Exception:  # noqa: BLE001 # logged; the loop never ends
            _failed(self._rests, "the indexer stumbled")
            self._begun = False
            self._let_go()
            return self._rests.left()

    def _round(self) -> float:
        if not self.lock.acquire():
            self._begun = False
            warm()  # so that taking over takes no longer than it must
            return STANDBY
        self.listener.listen()
        if left := self._engine_rests.left():  # whatever woke us
            return left
        try:
            pause = self._work()
            _well_again(self._engine_rests, "the engine can be written to again")
            return pause
        except VersionConflict as error:
            self._begun = False
            self.lock.advance_past(error.version)
            raise LostLeadership(str(error)) from error
        except EngineError:
            _failed(self._engine_rests, "the engine cannot be written to")
            self._begun = False
            return self._engine_rests.left()

    def _work(self) -> float:
        if not self._begun:
            take_over(self.engine, self.lock)
            self._begun = True
        if time.monotonic() - self._weighed > WEIGH:
            self._weighed = time.monotonic()
            rebuild_if_outgrown()
            retry_failed()
        begun = time.monotonic()
        run_round(self.engine, lock=self.lock, seconds=ROUND)
        more = time.monotonic() - begun >= ROUND
        more |= embeddings.ready() and make_pending_vectors(self.engine)
        signals.round_ended.send(sender=None)
        return 0.0 if more else INTERVAL

    def _wait(self, stop: threading.Event, pause: float) -> None:
        """Until a change was committed or `pause` seconds have passed; looks at `stop` five times a second."""
        while pause > 0 and not stop.is_set():
            if self.listener.wait(min(pause, 0.2)):
                stop.wait(GATHER)
                return
            pause -= 0.2

    def _let_go(self) -> None:
        """Let another indexer try, and be given another connection."""
        for act in (self.listener.close, self.lock.release, connection.close):
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
