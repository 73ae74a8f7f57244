"""Documents in batches: of given keys, of all rows, and with errors isolated to single documents."""

import time
from collections.abc import Callable, Iterator

from django.core.exceptions import ValidationError
from django.db import models

from search import sources
from search.engines import EngineError
from search.sources import Document, Source
from web.outages import UNANSWERED

SLICE, LEAST = 250, 50  # rows of a rebuild between two drains: at most, and at least
TURN = 0.4  # seconds that a slice or batch should take
UNAVAILABLE = (EngineError, OSError, *UNANSWERED)  # errors that are no document's fault


class AdaptiveBatchSize:
    """A batch size that adapts so that a batch takes `seconds`, from `least` to `most`."""

    def __init__(self, size: int, least: int, most: int, seconds: float = TURN) -> None:
        self.size, self.least, self.most, self.seconds = size, least, most, seconds

    def record(self, seconds: float) -> None:
        """Adapt to a batch of `size` that took this long."""
        self.size = min(max(int(self.size * self.seconds / max(seconds, 0.001)), self.least), self.most)


def read_documents(keys: list[str]) -> tuple[list[Document], list[str], dict[str, str]]:
    """Return the documents of these keys as their rows are now, the keys without a document, and errors by key."""
    documents: list[Document] = []
    errors: dict[str, str] = {}
    for kind, pks in sources.by_kind(keys).items():
        source = sources.get(kind)
        valid = [pk for pk in pks if _is_pk(source, pk)] if source else []
        if source and valid:
            made, failed = make_documents(source, source.queryset().filter(pk__in=valid))
            documents += made
            errors |= failed
    found = {document.key for document in documents}
    return documents, [key for key in keys if key not in found and key not in errors], errors


def make_documents(source: Source, rows: "models.QuerySet[models.Model]") -> tuple[list[Document], dict[str, str]]:
    """Return the documents of rows, and errors by key."""
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
    """Yield all findable rows of a source in batches, by primary key. Rows may come and go meanwhile.

    With `seconds`, batches get smaller, down to `LEAST`, while the caller needs longer than that for one.
    """
    last, pace = None, AdaptiveBatchSize(size, LEAST, size, seconds or TURN)
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
            pace.record(time.monotonic() - begun)


def isolate_failures(act: Callable[[list[Document]], dict[str, str]], documents: list[Document]) -> dict[str, str]:
    """Call `act` with documents and return errors by key.

    When it fails, it is called with halves, down to the single documents that fail, so that the others succeed. Raises
    errors that are no document's fault.
    """
    try:
        return act(documents)
    except UNAVAILABLE:
        raise
    except Exception as error:
        if not documents:
            raise
        if len(documents) == 1:
            return {documents[0].key: f"{type(error).__name__}: {error}"[:2000]}
        half = len(documents) // 2
        return isolate_failures(act, documents[:half]) | isolate_failures(act, documents[half:])
