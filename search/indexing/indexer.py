"""The indexer: drains the outbox into the engine, and rebuilds on request. Only the leader calls it.

Row ids are read first and the rows after them, so a row that changes meanwhile has a newer entry in the outbox. An
entry is deleted only once the engine has committed: a killed process does its work again, to the same effect.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, close_old_connections, connection, models
from django.utils import timezone

from search import engines, meaning, sources
from search.engines import Engine, EngineError
from search.indexing import chores, outbox, vocabulary
from search.indexing.leader import Leadership
from search.language import lexicon
from search.language.analysis import Analysis
from search.meaning import store
from search.models import Dirty, Rebuild
from search.models.curation import protected_words
from search.sources import Document, Source

logger = logging.getLogger(__name__)
BATCH = 500  # entries of the outbox
SLICE, LEAST = 250, 50  # rows of a rebuild, after which changes get their turn: the most, and the fewest
TURN = 0.4  # seconds that a slice should take: on a slow machine slices are shorter
INTERVAL = 1.0  # seconds between looks at the outbox, unless told of a change
GATHER = 0.1  # seconds from then: what is committed together is written together
KEPT = 50  # rebuilds that are over and remembered
WHY = {"old": "of another version", "changed": "not as expected"}
STANDBY = 5.0  # seconds between tries to lead, and after an engine failure
WEIGH = 60.0  # seconds between looks at how much the index has grown
AGAIN, SELDOM = 60.0, 24 * 3600.0  # seconds until what was set aside is tried again: at first, and at most
AWAY = (EngineError, OSError, OperationalError, InterfaceError)  # no document's fault
_set_aside_for: dict[str, tuple[float, float]] = {}  # by key: until when, and for how long this time


def drain(engine: Engine | None = None, building: str = "") -> int:
    """Bring the index up to date with the outbox; how many entries were worked off.

    Raises EngineError when the engine cannot be written to; the outbox is then as before.
    """
    engine = engine or engines.get()
    done = 0
    while rows := list(Dirty.objects.filter(failed=False).order_by("id").values_list("id", "key")[:BATCH]):
        keys = list(dict.fromkeys(key for _, key in rows))
        documents, deleted, errors = reread(keys)
        if building:
            _set_aside(engine.filled())  # nothing older comes after
        write = partial(_write, engine, [*deleted, *errors], building)
        errors |= _isolated(write, documents)
        store.forget(deleted)
        if refused := [key for key in errors if key not in deleted]:
            engine.write([], refused, building)
        engine.commit()  # what is being built is looked at by nobody yet
        errors |= _isolated(_tell, [document for document in documents if document.key not in errors])
        _settle(rows, errors)
        done += len(rows)
    return done


def _write(engine: Engine, gone: list[str], building: str, documents: list[Document]) -> dict[str, str]:
    return engine.write(documents, gone, building, store.known(documents))


def _tell(documents: list[Document]) -> dict[str, str]:
    chores.written(documents)
    return {}


def _isolated(act: Callable[[list[Document]], dict[str, str]], documents: list[Document]) -> dict[str, str]:
    """Do something with documents; the errors by key. When it fails, it is done with halves, down to the documents
    that it cannot be done with, and the others go on. Raises what is no document's fault."""
    try:
        return act(documents)
    except AWAY:
        raise
    except Exception as error:
        if not documents:
            raise
        if len(documents) == 1:
            return {documents[0].key: f"{type(error).__name__}: {error}"[:2000]}
        half = len(documents) // 2
        return _isolated(act, documents[:half]) | _isolated(act, documents[half:])


def _settle(rows: list[tuple[int, str]], errors: dict[str, str]) -> None:
    """Delete exactly the entries that were worked off; set those with errors aside."""
    ids = [pk for pk, key in rows if key not in errors]
    keys = {key for _, key in rows}
    # An entry set aside earlier is settled as well once its document was made.
    Dirty.objects.filter(models.Q(id__in=ids) | models.Q(failed=True, key__in=keys)).delete()
    for key in keys - errors.keys():
        _set_aside_for.pop(key, None)
    for key, error in errors.items():
        _note_set_aside(key, error)
        same = [pk for pk, row_key in rows if row_key == key]
        Dirty.objects.filter(id__in=same[:-1]).delete()
        Dirty.objects.filter(id=same[-1]).update(failed=True, error=error)


def _note_set_aside(key: str, error: str) -> None:
    """Log it the first time; each further time it rests for twice as long."""
    _until, pause = _set_aside_for.get(key, (0.0, 0.0))
    if not pause:
        logger.warning("search: %s set aside: %s", key, error[:300])
    pause = min(pause * 2 or AGAIN, SELDOM)
    _set_aside_for[key] = (time.monotonic() + pause, pause)


def try_again() -> None:
    """Give those that were set aside and have rested another chance."""
    failed = dict.fromkeys(Dirty.objects.filter(failed=True).order_by("id").values_list("key", flat=True))
    for key in _set_aside_for.keys() - failed.keys():  # deleted, repaired, or of another leader
        del _set_aside_for[key]
    due = [key for key in failed if _set_aside_for.setdefault(key, _rest())[0] <= time.monotonic()]
    outbox.mark_dirty(*due[:BATCH])


def _rest() -> tuple[float, float]:
    return time.monotonic() + AGAIN, AGAIN


def reread(keys: list[str]) -> tuple[list[Document], list[str], dict[str, str]]:
    """The documents of these keys as their rows are now; keys that have none; errors by key."""
    documents: list[Document] = []
    errors: dict[str, str] = {}
    for kind, pks in sources.by_kind(keys).items():
        source = sources.get(kind)
        valid = [pk for pk in pks if _is_pk(source, pk)] if source else []
        if source and valid:
            made, failed = make(source, source.queryset().filter(pk__in=valid))
            documents += made
            errors |= failed
    found = {document.key for document in documents}
    return documents, [key for key in keys if key not in found and key not in errors], errors


def make(source: Source, rows: "models.QuerySet[models.Model]") -> tuple[list[Document], dict[str, str]]:
    """The documents of rows, and errors by key."""
    documents, errors = [], {}
    for row in rows:
        try:
            documents.append(source.to_document(row))
        except Exception as error:  # noqa: BLE001 # one bad row must not stop the others
            errors[source.key(row.pk)] = f"{type(error).__name__}: {error}"[:2000]
    return documents, errors


def _is_pk(source: Source | None, pk: str) -> bool:
    try:
        source.model._meta.pk.to_python(pk)  # type: ignore[union-attr]  # callers have a source; models have a pk
    except (ValidationError, ValueError, TypeError):
        return False
    return True


def batches(
    source: Source, size: int = SLICE, *, seconds: float | None = None
) -> Iterator["models.QuerySet[models.Model]"]:
    """All findable rows of a source, in pieces, by primary key; rows that come and go meanwhile do no harm.

    With `seconds`, pieces get smaller (to `LEAST`) while whoever takes them needs longer than that for one.
    """
    last, most = None, size
    while True:
        rows = source.queryset().order_by("pk")
        rows = rows.filter(pk__gt=last) if last is not None else rows
        pks = list(rows.values_list("pk", flat=True)[:size])
        if not pks:
            return
        begun = time.monotonic()
        yield source.queryset().filter(pk__in=pks)
        last = pks[-1]
        if seconds is not None:
            took = max(time.monotonic() - begun, 0.001)
            size = min(max(int(size * seconds / took), LEAST), most)


def rebuild(engine: Engine | None = None, progress: Callable[[int], None] = lambda count: None) -> int:
    """Build the index anew beside the live one, with drains in between, then switch; how many documents.

    A change during the rebuild reaches both indexes, after the slice that may hold the older state.
    """
    engine = engine or engines.get()
    if engine.state() == "missing":
        engine.prepare()
    live = engine.state() == "ready"
    total, analysis = learn(lambda: drain(engine) if live else 0)
    building = engine.begin()
    vocabulary.store(building, analysis, total)
    count = 0
    try:
        for source in sources.all():
            for rows in batches(source, seconds=TURN):
                documents, errors = make(source, rows)
                errors |= _isolated(lambda some: engine.fill(building, some, store.known(some)), documents)
                _set_aside(errors)
                count += len(documents)
                progress(count)
                if live:
                    drain(engine, building)
        _set_aside(engine.filled())
        if live:
            drain(engine, building)
        engine.switch(building)
        vocabulary.switch(building)
        drain(engine)
    except BaseException:
        with suppress(EngineError):  # what is left is removed when the engine answers again
            engine.discard(building)
        vocabulary.drop(building)
        raise
    return count


def learn(between: Callable[[], object] = lambda: None) -> tuple[int, Analysis]:
    """How many documents there are, and the analysis that they teach: an even sample of at most
    `vocabulary.LEARN_FROM`. `between` is called after each slice of them."""
    counts = {source.kind: source.queryset().count() for source in sources.all()}
    total = sum(counts.values())
    step = max(math.ceil(total / vocabulary.LEARN_FROM), 1)

    def documents() -> Iterator[Document]:
        for source in sources.all():
            for rows in islice(batches(source), 0, None, step):
                yield from make(source, rows)[0]
                between()

    return total, vocabulary.learn(documents(), protected_words())


def _set_aside(errors: dict[str, str]) -> None:
    if errors:
        Dirty.objects.filter(failed=True, key__in=errors).delete()
        Dirty.objects.bulk_create([Dirty(key=key, failed=True, error=error) for key, error in errors.items()])


def carry_out(request: Rebuild, engine: Engine) -> None:
    """Do a requested rebuild and write down how it went."""
    state = Rebuild.State

    def progress(count: int) -> None:
        request.documents = count
        request.save()

    request.state, request.started, request.error = state.RUNNING, timezone.now(), ""
    request.total = sum(source.queryset().count() for source in sources.all())
    progress(0)
    try:
        request.documents = rebuild(engine, progress)
        request.state = state.DONE
    except Exception as error:
        logger.exception("search: the rebuild failed")
        request.state, request.error = state.FAILED, f"{type(error).__name__}: {error}"[:2000]
    request.save()
    settled = Rebuild.objects.filter(state__in=[state.DONE, state.FAILED])
    settled.exclude(id__in=list(settled.order_by("-id").values_list("id", flat=True)[:KEPT])).delete()


def work(engine: Engine) -> None:
    """One round of the leader: make sure there is an index, do a requested rebuild, drain."""
    waiting = Rebuild.objects.filter(state=Rebuild.State.WAITING)
    if requests := list(waiting.order_by("id")):
        last = requests.pop()
        carry_out(last, engine)
        same = {"state": last.state, "documents": last.documents, "error": last.error}
        Rebuild.objects.filter(id__in=[request.id for request in requests]).update(**same)
    drain(engine)


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
        failed = _isolated(fill, documents)
    except OSError as error:
        logger.warning("search: no vectors are made: %s", error)
        away = True
    store.forget(failed)  # noted again when it changes
    for key, why in failed.items():
        logger.warning("search: no vector of %s: %s", key, why[:300])
    if engine.keeps_vectors:
        outbox.mark_dirty(*made)
    else:
        chores.written([document for document in documents if document.key in made])
    return not away


def weigh() -> None:
    """Ask for a rebuild when the index has outgrown its vocabulary: compounds are cut by the words of the site."""
    if vocabulary.outgrown(sum(source.queryset().count() for source in sources.all())):
        logger.info("search: the index has outgrown its vocabulary; building it anew")
        if not Rebuild.objects.filter(state=Rebuild.State.WAITING).exists():
            Rebuild.objects.create()


def begin_leading(engine: Engine) -> None:
    """What a new leader does first: settle what its predecessor left, and rebuild an index that cannot be used."""
    Rebuild.objects.filter(state=Rebuild.State.RUNNING).update(state=Rebuild.State.WAITING)
    meaning.warm()
    lexicon.load()  # or the first change in each language would wait for its dictionary
    state = engine.state()
    if state == "ready":
        engine.tidy()
        vocabulary.switch(engine.live())  # killed in between, its predecessor switched the index alone
        return
    logger.warning("search: the index is %s; building it: %s", WHY.get(state, state), "; ".join(engine.differences()))
    if not Rebuild.objects.filter(state=Rebuild.State.WAITING).exists():
        Rebuild.objects.create()
    work(engine)
    if engine.state() != "ready":
        raise EngineError("the index could not be built")


def run(stop: threading.Event) -> None:
    """Lead when nobody else does, and index until `stop` is set. Survives any failure of engine or database."""
    leadership, engine, wake = Leadership(), engines.get(), threading.Event()
    outbox.wakers.append(wake.set)
    begun, weighed = False, time.monotonic()
    try:
        while not stop.is_set():
            pause = INTERVAL
            wake.clear()
            try:
                if not leadership.take():
                    begun, pause = False, STANDBY
                else:
                    if not begun:
                        begin_leading(engine)
                        begun = True
                    if time.monotonic() - weighed > WEIGH:
                        weighed = time.monotonic()
                        weigh()
                        try_again()
                    work(engine)
                    pause = 0.0 if meaning.ready() and embed(engine) else INTERVAL
                    chores.run_due()
            except EngineError as error:
                logger.warning("search: the engine cannot be written to: %s", error)
                begun, pause = False, STANDBY
            except Exception:
                logger.exception("search: the indexer stumbled")
                begun, pause = False, STANDBY
                _drop_connection(leadership)
            _wait(stop, wake, pause, leadership)
            # Not on PostgreSQL: the connection holds the leadership.
            if connection.vendor != "postgresql":
                close_old_connections()
    finally:
        outbox.wakers.remove(wake.set)
        _end(leadership, engine)


def _wait(stop: threading.Event, wake: threading.Event, pause: float, leadership: Leadership) -> None:
    """Until a change was committed or `pause` seconds have passed; looks at `stop` five times a second."""
    while pause > 0 and not stop.is_set():
        if leadership.told(wake, min(pause, 0.2)):
            stop.wait(GATHER)
            return
        pause -= 0.2


def _drop_connection(leadership: Leadership) -> None:
    # A pooled connection would keep the advisory lock after it is closed.
    for let_go in (leadership.release, connection.close):
        try:
            let_go()
        except Exception:
            logger.debug("search: letting go failed", exc_info=True)


def _end(leadership: Leadership, engine: Engine) -> None:
    try:
        engine.close()
    except Exception:
        logger.debug("search: closing the engine failed", exc_info=True)
    _drop_connection(leadership)
