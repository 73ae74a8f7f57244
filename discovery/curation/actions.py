"""What curators do to search: the acts behind their pages."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import record
from discovery import search_alerts
from discovery.curation import starter_synonyms
from discovery.permissions import can_curate
from search.language import LANGUAGES
from search.models import Curation, ProtectedWord, Rebuild, Synonym
from search.models.curation import CuratedRow

_SAID = ("terms", "to", "language", "active", "word", "kind", "queries", "document", "order", "until")


@transaction.atomic
def save(*, by: Any, row: CuratedRow) -> CuratedRow:
    """Keep a new or changed row that was found valid. Raises PermissionDenied."""
    if not can_curate(by):
        raise PermissionDenied
    act = "created" if row.pk is None else "changed"
    if isinstance(row, Synonym) and row.origin == Synonym.Origin.STARTER and _differs(row):
        row.origin = Synonym.Origin.CHANGED
    row.changed_by = by
    row.save()
    _tell(by, act, row)
    return row


@transaction.atomic
def delete(*, by: Any, row: CuratedRow) -> None:
    """Remove a row. Raises PermissionDenied."""
    if not can_curate(by):
        raise PermissionDenied
    _tell(by, "deleted", row)
    row.delete()


@transaction.atomic
def add_starter(*, by: Any, languages: Iterable[str] = LANGUAGES, again: bool = False) -> starter_synonyms.Plan:
    """Add the starter lists of these languages, what is covered already left out, and with `again` what was removed
    here as well; what was done. `by` is None on the command line. Raises PermissionDenied, starting.NoRoom."""
    if by is not None and not can_curate(by):
        raise PermissionDenied
    _one_at_a_time()
    plan = starter_synonyms.plan(languages, again=again)
    if plan.new:
        starter_synonyms.keep(plan.new, by)
        details: dict[str, Any] = {"rows": len(plan.new), "languages": sorted({row.language for row in plan.new})}
        record("search.starter_added", by=by, **details)
        search_alerts.recheck()
    return plan


@transaction.atomic
def remove_starter(*, by: Any, languages: Iterable[str] = LANGUAGES) -> int:
    """Remove the rows that are as the starter lists of these languages gave them; how many. `by` is None on the
    command line. Raises PermissionDenied."""
    if by is not None and not can_curate(by):
        raise PermissionDenied
    _one_at_a_time()
    languages = sorted(languages)
    count = starter_synonyms.drop(languages)
    if count:
        details: dict[str, Any] = {"rows": count, "languages": languages}
        record("search.starter_removed", by=by, **details)
        search_alerts.recheck()
    return count


def _one_at_a_time() -> None:
    """Two people who press the button together must not add every row twice."""
    Curation.objects.get_or_create(pk=1)
    Curation.objects.select_for_update().get(pk=1)


def _differs(row: Synonym) -> bool:
    """Whether a row says something else than what is kept of it."""
    kept = Synonym.objects.filter(pk=row.pk).first()
    return any(
        getattr(row, name) != getattr(kept, name, None) for name in ("terms", "to", "language", "active", "note")
    )


def _tell(by: Any, act: str, row: CuratedRow) -> None:
    if isinstance(row, ProtectedWord):
        ask_rebuild()
    details = {name: _plain(getattr(row, name)) for name in _SAID if hasattr(row, name)}
    event = f"search.{row._meta.model_name}_{act}"
    record(event, by=by, target=row, **details)
    if not isinstance(row, ProtectedWord):
        search_alerts.recheck()


def ask_rebuild() -> None:
    """File a request to rebuild the index, unless one is waiting already."""
    if not Rebuild.objects.filter(state=Rebuild.State.WAITING).exists():
        Rebuild.objects.create()


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int) else str(value) if value is not None else ""
