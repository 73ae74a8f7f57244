"""Curators' actions on synonyms, recommended pages, protected words and the starter list."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from accounts.audiences import Person
from accounts.audit import record
from accounts.permissions import require
from discovery import search_alerts
from discovery.curation import starter_synonyms
from discovery.permissions import can_curate
from search.language import LANGUAGES
from search.models import BestBet, Curation, ProtectedWord, Rebuild, Synonym

Row = Synonym | BestBet | ProtectedWord
AUDITED = ("terms", "to", "language", "active", "word", "kind", "queries", "document", "order", "until")


@transaction.atomic
def save(*, by: Person, row: Row) -> Row:
    """Save a new or changed row that was validated. Raises PermissionDenied."""
    require(can_curate(by))
    what = "created" if row.pk is None else "changed"
    if isinstance(row, Synonym) and row.origin == Synonym.Origin.STARTER and _differs(row):
        row.origin = Synonym.Origin.CHANGED
    row.changed_by_id = by.user.pk
    row.save()
    _record(by, what, row)
    return row


@transaction.atomic
def delete(*, by: Person, row: Row) -> None:
    """Delete a row. Raises PermissionDenied."""
    require(can_curate(by))
    _record(by, "deleted", row)
    row.delete()


@transaction.atomic
def add_starter(
    *, by: Person | None, languages: Iterable[str] = LANGUAGES, again: bool = False
) -> starter_synonyms.Plan:
    """Add the starter lists of these languages. Return what was done.

    Rows that other rows cover are left out, and rows that were removed here too, unless `again`. `by` is None on the
    command line. Raises PermissionDenied, starter_synonyms.NoRoom.
    """
    require(by is None or can_curate(by))
    _lock()
    plan = starter_synonyms.plan(languages, again=again)
    if plan.new:
        starter_synonyms.create(plan.new, by=by)
        added = sorted({row.language for row in plan.new})
        record("search.starter_added", by=by and by.user, rows=len(plan.new), languages=added)
        search_alerts.recheck()
    return plan


@transaction.atomic
def remove_starter(*, by: Person | None, languages: Iterable[str] = LANGUAGES) -> int:
    """Delete the unchanged rows of the starter lists of these languages. Return their number.

    `by` is None on the command line. Raises PermissionDenied.
    """
    require(by is None or can_curate(by))
    _lock()
    languages = sorted(languages)
    count = starter_synonyms.delete_unchanged(languages)
    if count:
        record("search.starter_removed", by=by and by.user, rows=count, languages=languages)
        search_alerts.recheck()
    return count


def _lock() -> None:
    """Wait for another transaction that adds or removes the list, so that no row is added twice."""
    Curation.objects.get_or_create(pk=1)
    Curation.objects.select_for_update().get(pk=1)


def _differs(row: Synonym) -> bool:
    """Return True if a row differs from what is stored."""
    stored = Synonym.objects.filter(pk=row.pk).first()
    return any(
        getattr(row, name) != getattr(stored, name, None) for name in ("terms", "to", "language", "active", "note")
    )


def _record(by: Person, what: str, row: Row) -> None:
    """Write the audit row, and let search apply the change."""
    if isinstance(row, ProtectedWord):
        request_rebuild()
    details = {name: _json(getattr(row, name)) for name in AUDITED if hasattr(row, name)}
    record(f"search.{row._meta.model_name}_{what}", by=by.user, target=row, **details)
    if not isinstance(row, ProtectedWord):
        search_alerts.recheck()


def request_rebuild() -> None:
    """Request a rebuild of the index, unless one is waiting."""
    if not Rebuild.objects.filter(state=Rebuild.State.WAITING).exists():
        Rebuild.objects.create()


def _json(value: bool | int | str | date | None) -> bool | int | str:
    return value if isinstance(value, bool | int) else str(value) if value is not None else ""
