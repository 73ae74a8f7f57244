"""The state of the index for those who look after it, and what they can do: rebuild, and try again what failed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from accounts.audit import record
from discovery.permissions import can_curate
from search import engines, time_budget
from search.engines import EngineError
from search.engines.protocol import VERSION
from search.models import OutboxEntry, Rebuild
from search.models.outbox import enqueue_documents

LATE, LATE_BULK = 60, 900  # seconds that an entry may wait before somebody should look whether an indexer runs
SHOWN = 50  # failed entries
LAST = 10  # rebuilds


@dataclass(slots=True)
class Status:
    """What there is to see."""

    engine: str
    version: str
    state: str = ""  # of search.engines.Engine.state(); "away" when it does not answer
    asked: str = "closed"  # the breaker of this process
    documents: int | None = None
    differences: list[str] = field(default_factory=list)
    error: str = ""
    waiting: int = 0
    oldest: datetime | None = None  # the first waiting entry
    oldest_single: datetime | None = None  # the first that is not one of many
    failed: list[OutboxEntry] = field(default_factory=list)
    failures: int = 0
    rebuilds: list[Rebuild] = field(default_factory=list)

    @property
    def late(self) -> bool:
        """Whether changes wait for so long that no indexer seems to run."""
        return _waited(self.oldest_single) > LATE or _waited(self.oldest) > LATE_BULK

    @property
    def busy(self) -> bool:
        """Whether a rebuild is asked for or under way."""
        return any(rebuild.state in (Rebuild.State.WAITING, Rebuild.State.RUNNING) for rebuild in self.rebuilds)


def _waited(since: datetime | None) -> float:
    return (timezone.now() - since).total_seconds() if since else 0.0


def status() -> Status:
    """How index and outbox are now. Asks the engine for at most the time of one page."""
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
    found.asked = str(engine.health()["state"])
    return found


@transaction.atomic
def rebuild(*, by: Any) -> None:
    """Ask the indexer to build the index anew, unless that is asked for already. Raises PermissionDenied."""
    if not can_curate(by):
        raise PermissionDenied
    if not Rebuild.objects.filter(state=Rebuild.State.WAITING).exists():
        asked = Rebuild.objects.create()
        record("search.rebuild_asked", by=by, target=asked)


@transaction.atomic
def retry(*, by: Any) -> int:
    """Give everything that was set aside another chance; how many. Raises PermissionDenied."""
    if not can_curate(by):
        raise PermissionDenied
    failed = OutboxEntry.objects.filter(failed=True)
    keys = list(failed.values_list("key", flat=True).distinct())
    failed.delete()
    enqueue_documents(*keys)
    if keys:
        record("search.failed_retried", by=by, documents=len(keys))
    return len(keys)
