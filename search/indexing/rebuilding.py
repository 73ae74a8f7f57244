"""Rebuilding the index beside the live one, with drains in between. Only the leader does it."""

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

from django.utils import timezone

from search import engines, sources, vocabulary
from search.embeddings import store
from search.engines import Engine, EngineError, VersionConflict
from search.indexing.batches import TURN, batches, isolate_failures, make_documents
from search.indexing.draining import drain, record_failures
from search.indexing.leader import ONLY_WRITER, LeaderLock, LostLeadership
from search.language.analysis import Analysis
from search.models import Rebuild
from search.models.curation import protected_words
from search.sources import Document

logger = logging.getLogger(__name__)
MAX_FINISHED = 50  # finished rebuilds whose rows are kept
Progress = Callable[[int], None]


def rebuild(
    engine: Engine | None = None,
    progress: Progress = lambda count: None,
    *,
    lock: LeaderLock = ONLY_WRITER,
    seconds: float = math.inf,
) -> int:
    """Build an index beside the live one, with drains of at most `seconds` in between, then switch. Return the number
    of documents. Entries that the last drain left are drained into the new index.

    A change during the rebuild is written to both indexes, after the slice that may contain the older state.
    """
    engine = engine or engines.get()
    if engine.state() == "missing":
        lock.check()
        engine.prepare()
    live = engine.state() == "ready"

    def between(building: str = "") -> None:
        if live:
            drain(engine, building, lock=lock, seconds=seconds)

    def after_slice(count: int) -> None:
        progress(count)
        between(building)

    total, analysis = learn(between)
    lock.check()
    building = engine.begin()
    try:
        with lock.fenced():
            vocabulary.save(building, analysis, total)
        count = _fill(engine, building, lock, after_slice)
        between(building)
        lock.check()
        engine.switch(building)
    except BaseException:
        with suppress(EngineError):  # leftovers are removed when the engine answers again
            if engine.live() != building:  # it may have switched before it failed
                engine.discard(building)
                vocabulary.delete(building)
        raise
    with lock.fenced():
        vocabulary.make_live(building)
    drain(engine, lock=lock, seconds=seconds)
    return count


def _fill(engine: Engine, building: str, lock: LeaderLock, progress: Progress) -> int:
    count = 0
    for source in sources.all():
        for rows in batches(source, seconds=TURN):
            lock.check()
            version = lock.version()
            documents, errors = make_documents(source, rows)

            def put(some: list[Document], version: int = version) -> dict[str, str]:
                return engine.fill(building, some, store.stored_vectors(some), version)

            record_failures(errors | isolate_failures(put, documents))
            count += len(documents)
            progress(count)
    record_failures(engine.finish_fill())
    return count


def learn(between: Callable[[], object] = lambda: None) -> tuple[int, Analysis]:
    """Return the number of documents, and an analysis with the vocabulary of an even sample of them.

    The sample has at most `vocabulary.LEARN_FROM` documents. `between` is called after each slice.
    """
    counts = {source.kind: source.queryset().count() for source in sources.all()}
    total = sum(counts.values())
    step = max(math.ceil(total / vocabulary.LEARN_FROM), 1)

    def documents() -> Iterator[Document]:
        for source in sources.all():
            for rows in islice(batches(source), 0, None, step):
                yield from make_documents(source, rows)[0]
                between()

    return total, vocabulary.learn(documents(), protected_words())


def perform_rebuild(
    request: Rebuild, engine: Engine, *, lock: LeaderLock = ONLY_WRITER, seconds: float = math.inf
) -> None:
    """Perform a requested rebuild and record its outcome, unless leadership is lost: the new leader starts it again."""
    state = Rebuild.State

    def progress(count: int) -> None:
        request.documents = count
        with lock.fenced():
            request.save()

    request.state, request.started, request.error = state.RUNNING, timezone.now(), ""
    request.total = sum(source.queryset().count() for source in sources.all())
    progress(0)
    try:
        request.documents = rebuild(engine, progress, lock=lock, seconds=seconds)
        request.state = state.DONE
    except (LostLeadership, VersionConflict):
        raise
    except Exception as error:
        logger.exception("search: the rebuild failed")
        request.state, request.error = state.FAILED, f"{type(error).__name__}: {error}"[:2000]
    progress(request.documents)
    settled = Rebuild.objects.filter(state__in=[state.DONE, state.FAILED])
    settled.exclude(id__in=list(settled.order_by("-id").values_list("id", flat=True)[:MAX_FINISHED])).delete()


def run_round(engine: Engine, *, lock: LeaderLock = ONLY_WRITER, seconds: float = math.inf) -> None:
    """Perform a requested rebuild, with short drains in between, and drain for at most `seconds`."""
    waiting = Rebuild.objects.filter(state=Rebuild.State.WAITING)
    if requests := list(waiting.order_by("id")):
        last = requests.pop()
        perform_rebuild(last, engine, lock=lock, seconds=min(seconds, TURN))
        same = {"state": last.state, "documents": last.documents, "error": last.error}
        Rebuild.objects.filter(id__in=[request.id for request in requests]).update(**same)
    drain(engine, lock=lock, seconds=seconds)


def request_rebuild() -> None:
    """Request a rebuild, unless one is waiting already."""
    if not Rebuild.objects.filter(state=Rebuild.State.WAITING).exists():
        Rebuild.objects.create()
