"""Building the index anew beside the live one, with drains in between. Only the leader does."""

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

from django.utils import timezone

from search import engines, sources, vocabulary
from search.embeddings import store
from search.engines import Engine, EngineError, Overtaken
from search.indexing.batches import TURN, batches, isolated, make
from search.indexing.draining import drain, set_aside
from search.indexing.leader import ALONE, Lead, LostLead
from search.language.analysis import Analysis
from search.models import Rebuild
from search.models.curation import protected_words
from search.sources import Document

logger = logging.getLogger(__name__)
KEPT = 50  # rebuilds that are over and remembered
Progress = Callable[[int], None]


def rebuild(
    engine: Engine | None = None,
    progress: Progress = lambda count: None,
    *,
    lead: Lead = ALONE,
    seconds: float = math.inf,
) -> int:
    """Build the index anew beside the live one, with drains of at most `seconds` in between, then switch; how many
    documents. What the last drain left waits on, for the new index.

    A change during the rebuild reaches both indexes, after the slice that may hold the older state.
    """
    engine = engine or engines.get()
    if engine.state() == "missing":
        lead.check()
        engine.prepare()
    live = engine.state() == "ready"

    def between(building: str = "") -> None:
        if live:
            drain(engine, building, lead=lead, seconds=seconds)

    def after_slice(count: int) -> None:
        progress(count)
        between(building)

    total, analysis = learn(between)
    lead.check()
    building = engine.begin()
    try:
        with lead.guarded():
            vocabulary.store(building, analysis, total)
        count = _fill(engine, building, lead, after_slice)
        between(building)
        lead.check()
        engine.switch(building)
    except BaseException:
        with suppress(EngineError):  # what is left is removed when the engine answers again
            if engine.live() != building:  # it failed to say that it switched
                engine.discard(building)
                vocabulary.drop(building)
        raise
    with lead.guarded():
        vocabulary.switch(building)
    drain(engine, lead=lead, seconds=seconds)
    return count


def _fill(engine: Engine, building: str, lead: Lead, progress: Progress) -> int:
    count = 0
    for source in sources.all():
        for rows in batches(source, seconds=TURN):
            lead.check()
            version = lead.version()
            documents, errors = make(source, rows)

            def put(some: list[Document], version: int = version) -> dict[str, str]:
                return engine.fill(building, some, store.known(some), version)

            set_aside(errors | isolated(put, documents))
            count += len(documents)
            progress(count)
    set_aside(engine.filled())
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


def carry_out(request: Rebuild, engine: Engine, *, lead: Lead = ALONE, seconds: float = math.inf) -> None:
    """Do a requested rebuild and write down how it went. One that lost the lead writes nothing down: whoever leads
    now begins it anew."""
    state = Rebuild.State

    def progress(count: int) -> None:
        request.documents = count
        with lead.guarded():
            request.save()

    request.state, request.started, request.error = state.RUNNING, timezone.now(), ""
    request.total = sum(source.queryset().count() for source in sources.all())
    progress(0)
    try:
        request.documents = rebuild(engine, progress, lead=lead, seconds=seconds)
        request.state = state.DONE
    except (LostLead, Overtaken):
        raise
    except Exception as error:
        logger.exception("search: the rebuild failed")
        request.state, request.error = state.FAILED, f"{type(error).__name__}: {error}"[:2000]
    progress(request.documents)
    settled = Rebuild.objects.filter(state__in=[state.DONE, state.FAILED])
    settled.exclude(id__in=list(settled.order_by("-id").values_list("id", flat=True)[:KEPT])).delete()


def work(engine: Engine, *, lead: Lead = ALONE, seconds: float = math.inf) -> None:
    """One round of the leader: do a requested rebuild, with short drains in it, and drain for at most `seconds`."""
    waiting = Rebuild.objects.filter(state=Rebuild.State.WAITING)
    if requests := list(waiting.order_by("id")):
        last = requests.pop()
        carry_out(last, engine, lead=lead, seconds=min(seconds, TURN))
        same = {"state": last.state, "documents": last.documents, "error": last.error}
        Rebuild.objects.filter(id__in=[request.id for request in requests]).update(**same)
    drain(engine, lead=lead, seconds=seconds)


def ask() -> None:
    """Ask for a rebuild, unless one is asked for already."""
    if not Rebuild.objects.filter(state=Rebuild.State.WAITING).exists():
        Rebuild.objects.create()
