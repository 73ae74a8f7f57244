"""The indexer: leads when no other process does, and keeps the index equal to the database.

A round of the leader is short, so that nothing waits long behind a full outbox: a requested rebuild, a part of the
outbox, a few vectors, and periodic work. See `batches`, `draining` and `rebuilding`.
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
from search.indexing.leader import ONLY_WRITER, ChangeListener, LeaderLock, LostLeadership, leader_lock
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
INTERVAL = 1.0  # seconds between queries of the outbox, unless a change wakes the indexer
GATHER = 0.1  # seconds after waking, so that changes committed together are written together
ROUND = 2.0  # seconds of draining, before other work gets its turn
STANDBY = 3.0  # seconds between attempts to lead
FIRST, LONGEST = 1.0, 60.0  # seconds until a failing engine is tried again: at first, and at most
RECOVERED = 10.0  # the same, at most, for other failures: a database recovers sooner
GROWTH_CHECK = 60.0  # seconds between checks of how much the index has grown
STATES = {"old": "of another version", "changed": "not as expected"}


def make_pending_vectors(engine: Engine) -> bool:
    """Make vectors of a few documents that lack them. Return True if there may be more."""
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
    store.delete_vectors(failed)  # noted again when the document changes
    for key, why in failed.items():
        logger.warning("search: no vector of %s: %s", key, why[:300])
    if engine.keeps_vectors:
        enqueue_documents(*made)
    else:
        send_documents_indexed([document for document in documents if document.key in made])
    return not away


def rebuild_if_outgrown() -> None:
    """Request a rebuild when the index has outgrown its vocabulary, by which compounds are split."""
    if vocabulary.outgrown(sum(source.queryset().count() for source in sources.all())):
        logger.info("search: the index has outgrown its vocabulary; building it anew")
        rebuilding.request_rebuild()


def warm() -> None:
    """Load model and dictionaries, which the first changes would wait for. Does nothing the second time."""
    embeddings.warm()
    lexicon.load()


def take_over(engine: Engine, lock: LeaderLock = ONLY_WRITER) -> None:
    """Begin to lead: clean up after the former leader, and rebuild an index that cannot be used."""
    with lock.fenced():
        Rebuild.objects.filter(state=Rebuild.State.RUNNING).update(state=Rebuild.State.WAITING)
    warm()
    state = engine.state()
    if state == "ready":
        lock.check()
        engine.remove_leftovers()
        live = engine.live()
        with lock.fenced():
            vocabulary.make_live(live)  # the former leader may have been killed between the two switches
        return
    differences = "; ".join(engine.differences())
    logger.warning("search: the index is %s; building it: %s", STATES.get(state, state), differences)
    rebuilding.request_rebuild()
    run_round(engine, lock=lock, seconds=ROUND)
    if engine.state() != "ready":
        raise EngineError("the index could not be built")


class Indexer:
    """One indexer. It survives any failure of engine or database."""

    def __init__(self) -> None:
        self.engine, self.lock, self.listener = engines.get(), leader_lock(), ChangeListener()
        self._leading = False
        self._growth_checked = time.monotonic()
        self._engine_backoff, self._backoff = Backoff(FIRST, LONGEST), Backoff(FIRST, RECOVERED)

    def run(self, stop: threading.Event) -> None:
        """Lead when no other process does, and index, until `stop` is set."""
        signals.outbox_committed.connect(self.listener.notice)
        try:
            while not stop.is_set():
                self.listener.wake.clear()
                self._wait(stop, self.round())
                if connection.vendor != "postgresql":  # on PostgreSQL it listens on its connection
                    close_old_connections()
        finally:
            signals.outbox_committed.disconnect(self.listener.notice)
            _attempt(self.engine.close)
            self._release()

    def round(self) -> float:
        """Work for a few seconds at most. Return the seconds until the next round."""
        if left := self._backoff.left():
            return left
        try:
            pause = self._round()
            _recovered(self._backoff, "the indexer works again")
            return pause
        except LostLeadership as error:
            logger.warning("search: this indexer no longer leads: %s", error)
            self._leading = False
            return STANDBY
        except Exception:  # noqa: BLE001 # logged; the loop never ends
            _failed(self._backoff, "the indexer failed")
            self._leading = False
            self._release()
            return self._backoff.left()

    def _round(self) -> float:
        if not self.lock.acquire():
            self._leading = False
            warm()  # so that taking over is quick
            return STANDBY
        self.listener.listen()
        if left := self._engine_backoff.left():  # even if a change woke the indexer
            return left
        try:
            pause = self._work()
            _recovered(self._engine_backoff, "the engine can be written to again")
            return pause
        except VersionConflict as error:
            self._leading = False
            self.lock.advance_past(error.version)
            raise LostLeadership(str(error)) from error
        except EngineError:
            _failed(self._engine_backoff, "the engine cannot be written to")
            self._leading = False
            return self._engine_backoff.left()

    def _work(self) -> float:
        if not self._leading:
            take_over(self.engine, self.lock)
            self._leading = True
        if time.monotonic() - self._growth_checked > GROWTH_CHECK:
            self._growth_checked = time.monotonic()
            rebuild_if_outgrown()
            retry_failed()
        begun = time.monotonic()
        run_round(self.engine, lock=self.lock, seconds=ROUND)
        more = time.monotonic() - begun >= ROUND
        more |= embeddings.ready() and make_pending_vectors(self.engine)
        return 0.0 if more else INTERVAL

    def _wait(self, stop: threading.Event, pause: float) -> None:
        """Wait until a change is committed or `pause` seconds have passed. Checks `stop` five times a second."""
        while pause > 0 and not stop.is_set():
            if self.listener.wait(min(pause, 0.2)):
                stop.wait(GATHER)
                return
            pause -= 0.2

    def _release(self) -> None:
        """Let another indexer lead, and get another connection for the next attempt."""
        for act in (self.listener.close, self.lock.release, connection.close):
            _attempt(act)


def run(stop: threading.Event) -> None:
    """Run an indexer until `stop` is set."""
    Indexer().run(stop)


def _failed(backoff: Backoff, what: str) -> None:
    """Log a failure once, however often it is tried again."""
    if not backoff.failures:
        logger.warning("search: %s; trying again", what, exc_info=True)
    backoff.failed()


def _recovered(backoff: Backoff, what: str) -> None:
    if backoff.failures:
        logger.warning("search: %s", what)
        backoff.succeeded()


def _attempt(act: Callable[[], object]) -> None:
    try:
        act()
    except Exception:
        logger.debug("search: releasing failed", exc_info=True)
