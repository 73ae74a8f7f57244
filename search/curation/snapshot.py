"""The curators' synonyms and recommended pages as searches read them: kept in memory, checked once a second.

A change renews a token in its own transaction. Reading costs one query a second at most, and two more after a change;
the process that made the change reads again at once.
"""

import math
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models.signals import post_delete, post_save

from search.curation.best_bets import BestBets
from search.curation.synonyms import Synonyms
from search.models import BestBet, Curation, ProtectedWord, Synonym
from web.ttl_cache import TTLCache

REFRESH = 1.0  # seconds between looks at the token


@dataclass(frozen=True, slots=True)
class CurationSnapshot:
    """All active synonyms and recommended pages."""

    synonyms: Synonyms = field(default_factory=Synonyms)
    best_bets: BestBets = field(default_factory=BestBets)
    token: str = ""  # changes with the rows


def current() -> CurationSnapshot:
    """Return what holds now, or held within the last second."""
    # The token is read before the rows: rows that change in between have a newer token.
    return _by_token(_token())


def load(*, without: Synonym | BestBet | None = None, instead: Synonym | BestBet | None = None) -> CurationSnapshot:
    """Read the rows; `without` one of them and with the unsaved row `instead` (previews)."""
    synonyms = [row for row in Synonym.objects.filter(active=True) if row != without]
    bets = [row for row in BestBet.objects.filter(active=True) if row != without]
    if isinstance(instead, Synonym):
        synonyms.append(instead)
    elif instead:
        bets.append(instead)
    return CurationSnapshot(Synonyms.of(synonyms), BestBets.of(bets))


def _read_token() -> str:
    return Curation.objects.filter(pk=1).values_list("token", flat=True).first() or ""


_token = TTLCache(_read_token, REFRESH)
_by_token = TTLCache(lambda token: replace(load(), token=token), math.inf)


def clear() -> None:
    """Read the database again with the next search."""
    _token.clear()
    _by_token.clear()


_batch: ContextVar[bool] = ContextVar("curation_batch", default=False)


def invalidate(**_signal: Any) -> None:
    """Renew the token, so that every process reads the rows again."""
    if _batch.get():
        return
    Curation.objects.update_or_create(pk=1, defaults={"token": uuid.uuid4().hex})
    clear()


@contextmanager
def batch_changes() -> Iterator[None]:
    """Renew the token once for many changes, at the end. Bulk operations need it too, since they send no signals."""
    before = _batch.set(True)
    try:
        yield
    finally:
        _batch.reset(before)
    invalidate()


def connect_signals() -> None:
    """Renew the token with each change of a row, whichever way it is changed."""
    for model in (Synonym, BestBet, ProtectedWord):
        for signal in (post_save, post_delete):
            signal.connect(invalidate, sender=model, dispatch_uid=f"search.curation.snapshot.{model.__name__}")
