"""Documents of rows: of some keys, of all rows in pieces; and working with many of which one may be bad."""

import time
from collections.abc import Callable, Iterator

from django.core.exceptions import ValidationError
from django.db import models

from search import sources
from search.engines import EngineError
from search.sources import Document, Source
from web.outages import UNANSWERED

SLICE, LEAST = 250, 50  # rows of a rebuild, after which changes get their turn: the most, and the fewest
TURN = 0.4  # seconds that a slice or a batch should take: on a slow machine they are smaller
AWAY = (EngineError, OSError, *UNANSWERED)  # no document's fault


class Pace:
    """How many at a time: as many as take `seconds`, but from `least` to `most`."""

    def __init__(self, size: int, least: int, most: int, seconds: float = TURN) -> None:
        self.size, self.least, self.most, self.seconds = size, least, most, seconds

    def took(self, seconds: float) -> None:
        """So long for `size` of them."""
        self.size = min(max(int(self.size * self.seconds / max(seconds, 0.001)), self.least), self.most)


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
    last, pace = None, Pace(size, LEAST, size, seconds or TURN)
    while True:
        rows = source.queryset().order_by("pk")
        rows = rows.filter(pk__gt=last) if last is not None else rows
        pks = list(rows.values_list("pk", flat=True)[: pace.size])
        if not pks:
            return
        begun = time.monotonic()
        yield source.queryset().filter(pk__in=pks)
        last = pks[-1]
        if seconds is not None:
            pace.took(time.monotonic() - begun)


def isolated(act: Callable[[list[Document]], dict[str, str]], documents: list[Document]) -> dict[str, str]:
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
        return isolated(act, documents[:half]) | isolated(act, documents[half:])
