"""The state of the index for curators, and what they can do: rebuild it, and retry failed documents."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from accounts.audiences import Person
from accounts.audit import record
from accounts.permissions import require
from discovery.permissions import can_curate
from search import engines, time_budget
from search.engines import EngineError
from search.engines.protocol import VERSION
from search.models import OutboxEntry, Rebuild
from search.models.outbox import enqueue_documents

LATE, LATE_BULK = 60, 900  # seconds after which a waiting entry means that no indexer may be running
SHOWN = 50  # failed entries
LAST = 10  # rebuilds


@dataclass(slots=True)
class Status:
    """The state of the index and its outbox."""

    engine: str
    version: str
    state: str = ""  # of search.engines.Engine.state(); "away" when it does not answer
    breaker: str = "closed"  # the state of this process's circuit breaker
    documents: int | None = None
    differences: list[str] = field(default_factory=list)
    error: str = ""
    waiting: int = 0
    oldest: datetime | None = None  # of the waiting entries
    oldest_single: datetime | None = None  # of those that are not part of a bulk change
    failed: list[OutboxEntry] = field(default_factory=list)
    failures: int = 0
    rebuilds: list[Rebuild] = field(default_factory=list)

    @property
    def late(self) -> bool:
        """True if changes wait for so long that no indexer seems to run."""
        return _waited(self.oldest_single) > LATE or _waited(self.oldest) > LATE_BULK

    @property
    def busy(self) -> bool:
        """True if a rebuild is requested or running."""
        return any(rebuild.state in (Rebuild.State.WAITING, Rebuild.State.RUNNING) for rebuild in self.rebuilds)


def _waited(since: datetime | None) -> float:
    return (timezone.now() - since).total_seconds() if since else 0.0


def status() -> Status:
    """Return the state of index and outbox. Waits for the engine no longer than a page may."""
    engine = engines.get()
    found = Status(engine.name, VERSION)
    waiting = OutboxEntry.objects.filter(failed=False)
    found.waiting = waiting.count()
    oldest = waiting.aggregate(all=Min("created"), single=Min("created", filter=Q(bulk=False)))
    found.oldest, found.oldest_single = oldest["all"], oldest["single"]
    failed = OutboxEntry.objects.filter(failed=True)
    found.failed, found.failures = list(failed.order_by("-id")[:SHOWN]), failed.count()
    found.rebuilds = list(Rebuild.objects.order_by("-id")[:LAST])
    try:
        with time_budget.shared_budget():
            found.documents = engine.count()
            found.state, found.differences = engine.state(), engine.differences()
    except EngineError as error:
        found.state, found.error = "away", str(error)
    found.breaker = str(engine.health()["state"])
    return found


@transaction.atomic
def rebuild(*, by: Person) -> None:
    """Request a rebuild of the index, unless one is waiting. Raises PermissionDenied."""
    require(can_curate(by))
    if not Rebuild.objects.filter(state=Rebuild.State.WAITING).exists():
        request = Rebuild.objects.create()
        record("search.rebuild_asked", by=by.user, target=request)


@transaction.atomic
def retry(*, by: Person) -> int:
    """Retry all failed documents. Return their number. Raises PermissionDenied."""
    require(can_curate(by))
    failed = OutboxEntry.objects.filter(failed=True)
    keys = list(failed.values_list("key", flat=True).distinct())
    failed.delete()
    enqueue_documents(*keys)
    if keys:
        record("search.failed_retried", by=by.user, documents=len(keys))
    return len(keys)
