"""What curators do to search: the acts behind their pages."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from search.models import ProtectedWord, Rebuild
from search.models.curation import Curated
from search.permissions import can_curate
from search.signals import curated

_SAID = ("terms", "to", "language", "active", "word", "kind", "queries", "document", "order", "until")


@transaction.atomic
def save(*, by: Any, row: Curated) -> Curated:
    """Keep a new or changed row that was found valid. Raises PermissionDenied."""
    if not can_curate(by):
        raise PermissionDenied
    act = "created" if row.pk is None else "changed"
    row.changed_by = by
    row.save()
    _tell(by, act, row)
    return row


@transaction.atomic
def delete(*, by: Any, row: Curated) -> None:
    """Remove a row. Raises PermissionDenied."""
    if not can_curate(by):
        raise PermissionDenied
    _tell(by, "deleted", row)
    row.delete()


def _tell(by: Any, act: str, row: Curated) -> None:
    if isinstance(row, ProtectedWord):
        ask_rebuild()
    details = {name: _plain(getattr(row, name)) for name in _SAID if hasattr(row, name)}
    event = f"search.{row._meta.model_name}_{act}"
    curated.send(sender=type(row), by=by, act=event, target=row, details=details)


def ask_rebuild() -> None:
    """File a request to rebuild the index, unless one is waiting already."""
    if not Rebuild.objects.filter(state=Rebuild.State.WAITING).exists():
        Rebuild.objects.create()


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int) else str(value) if value is not None else ""
