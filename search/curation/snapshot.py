"""What curators told search, as every search of this process reads it: kept in memory, checked once a second.

A change renews the token in its own transaction. Reading costs one query a second at most, two more after a change;
the process that made the change looks again at once.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models.signals import post_delete, post_save

from search.curation.best_bets import Bets
from search.curation.synonyms import Synonyms
from search.models import BestBet, Curation, ProtectedWord, Synonym

FRESH = 1.0  # seconds for which what was read is taken to hold


@dataclass(frozen=True, slots=True)
class Curated:
    """Everything that curators told search."""

    synonyms: Synonyms = field(default_factory=Synonyms)
    bets: Bets = field(default_factory=Bets)
    token: str = ""  # changes with the rows


@dataclass(slots=True)
class _Held:
    token: str
    read: float  # monotonic seconds
    value: Curated


_held: list[_Held] = []  # at most one
_together: ContextVar[bool] = ContextVar("together", default=False)


def current() -> Curated:
    """What holds now, or held within the last second."""
    now = time.monotonic()
    held = _held[0] if _held else None
    if held and now - held.read < FRESH:
        return held.value
    # The token is read before the rows: rows that change in between have a newer token.
    token = Curation.objects.filter(pk=1).values_list("token", flat=True).first() or ""
    if held and held.token == token:
        held.read = now
        return held.value
    value = replace(load(), token=token)
    _held[:] = [_Held(token, now, value)]
    return value


def load(*, without: Synonym | BestBet | None = None, instead: Synonym | BestBet | None = None) -> Curated:
    """What the rows say; with `without` left out and the unsaved row `instead` put in (previews)."""
    synonyms = [row for row in Synonym.objects.filter(active=True) if row != without]
    bets = [row for row in BestBet.objects.filter(active=True) if row != without]
    if isinstance(instead, Synonym):
        synonyms.append(instead)
    elif instead:
        bets.append(instead)
    return Curated(Synonyms.of(synonyms), Bets.of(bets))


def forget() -> None:
    """Look at the database again with the next search."""
    _held.clear()


def renew(**_signal: Any) -> None:
    """Have every process read the rows again."""
    if _together.get():
        return
    Curation.objects.update_or_create(pk=1, defaults={"token": uuid.uuid4().hex})
    forget()


@contextmanager
def together() -> Iterator[None]:
    """Many changes as one: the token is renewed once, at the end. For bulk operations too, which send no signals."""
    before = _together.set(True)
    try:
        yield
    finally:
        _together.reset(before)
    renew()


def watch() -> None:
    """Renew the token with each change of a row, whichever way it was changed."""
    for model in (Synonym, BestBet, ProtectedWord):
        for signal in (post_save, post_delete):
            signal.connect(renew, sender=model, dispatch_uid=f"search.curation.snapshot.{model.__name__}")
